import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootTimeMs } from '../../../src/system/clock.js';
import { openWakeTimer, type WakeTimer } from '../../../src/system/wake-timer.js';

/** An alarm and the promise of its next ring. */
function alarm(): { timer: WakeTimer; rings: () => number; ring: Promise<number> } {
  let rings = 0;
  let told: (atMs: number) => void = () => undefined;
  const ring = new Promise<number>((resolve) => {
    told = resolve;
  });
  const opened = openWakeTimer(() => {
    rings += 1;
    const atMs = bootTimeMs();
    setImmediate(() => told(atMs));
  });
  assert.ok(opened.ok);
  return { timer: opened.value, rings: () => rings, ring };
}

/** The alarm alone does not keep the test's process alive. */
async function awaited<T>(promise: Promise<T>): Promise<T> {
  const keep = setInterval(() => undefined, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(keep);
  }
}

test('the alarm rings once, and not before its time', async () => {
  const { timer, rings, ring } = alarm();
  const dueMs = bootTimeMs() + 20.5;
  timer.set(dueMs);
  assert.ok((await awaited(ring)) >= dueMs);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(rings(), 1);
  timer.close();
});

test('a moment that is past rings at once; a later setting replaces an earlier one', async () => {
  const first = alarm();
  first.timer.set(bootTimeMs() - 1000);
  await awaited(first.ring);
  first.timer.close();
  const second = alarm();
  const dueMs = bootTimeMs() + 60;
  second.timer.set(bootTimeMs() + 5000);
  second.timer.set(dueMs);
  assert.ok((await awaited(second.ring)) >= dueMs);
  second.timer.close();
});

test('a closed alarm rings no more', async () => {
  const { timer, rings } = alarm();
  timer.set(bootTimeMs() + 10);
  timer.close();
  timer.close();
  timer.set(bootTimeMs() + 10);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(rings(), 0);
});
