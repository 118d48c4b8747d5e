/** The rhythm of a loop process's heartbeats, as the next one finds it in the checkpoint (core/heartbeat/schedule.ts). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { earliestSentMs, markSending, type SendingMark } from '../../../src/core/heartbeat/schedule.js';

const EVERY_MS = 1000;
const KEPT_MS = 10_000;

/** Sends heartbeats: each a pause after the last one and some numbers on. Returns what was sent, and how often it was told. */
function send(beats: readonly { readonly pauseMs: number; readonly others: number }[]): {
  marks: SendingMark[];
  sent: { seq: number; sentMs: number }[];
  told: number;
} {
  const marks: SendingMark[] = [];
  const sent: { seq: number; sentMs: number }[] = [];
  let told = 0;
  let seq = 0;
  let sentMs = 0;
  for (const { pauseMs, others } of beats) {
    seq += 1 + others;
    sentMs += pauseMs;
    sent.push({ seq, sentMs });
    if (markSending(marks, { seq, sentMs, everyMs: EVERY_MS }, KEPT_MS)) told += 1;
  }
  return { marks, sent, told };
}

const beat = fc.record({
  pauseMs: fc.oneof(fc.constant(EVERY_MS), fc.integer({ min: 5, max: 3 * EVERY_MS })),
  others: fc.oneof(fc.constant(0), fc.nat(5)),
});

describe('when heartbeats of a former loop process were sent', () => {
  it('no heartbeat counts as sent later than it was, nor much earlier while it matters', () => {
    fc.assert(
      fc.property(fc.array(beat, { minLength: 1, maxLength: 60 }), (beats) => {
        const { marks, sent } = send(beats);
        const nowMs = sent.at(-1)?.sentMs ?? 0;
        for (const { seq, sentMs } of sent) {
          const earliestMs = earliestSentMs(marks, seq);
          if (nowMs - sentMs <= KEPT_MS) assert.ok(earliestMs !== undefined);
          assert.ok((earliestMs ?? 0) <= sentMs);
          if (earliestMs !== undefined) assert.ok(sentMs - earliestMs <= EVERY_MS);
        }
      }),
    );
  });

  it('a steady rhythm is told once, and a late turn now and then changes nothing', () => {
    const beats = Array.from({ length: 900 }, () => ({ pauseMs: EVERY_MS + 1, others: 0 }));
    assert.equal(send(beats).told, 1);
  });

  it('what nobody asks for any more is not kept', () => {
    const { marks } = send(Array.from({ length: 5000 }, (_, at) => ({ pauseMs: 5 + (at % 3), others: 0 })));
    assert.ok(marks.length <= 64);
    const slow = send(Array.from({ length: 100 }, () => ({ pauseMs: 500, others: 0 })));
    assert.ok(slow.marks.length <= KEPT_MS / 500 + 2);
  });
});
