/** What every link promises (src/links/link.ts), whatever its medium. Run by one test file for each medium. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Link } from '../../src/links/link.js';
import { Heard } from './support/heard.js';
import { until, untilBlocking } from './support/until.js';

/** One thing that happens to the medium on the left side. */
export interface Fault {
  /** "the interface goes down" */
  readonly name: string;
  /** What the log has to say about it. */
  readonly says: RegExp;
  break(): void;
  repair(): void;
}

/** Two links that hear each other. */
export interface LinkPair {
  /** The one under test. */
  readonly left: Link;
  readonly right: Link;
  /** Runs something of the right side where that side lives. */
  onRight(action: () => void): void;
  /** A message of exactly `length` bytes that the medium carries. */
  message(length: number): Uint8Array;
  readonly faults: readonly Fault[];
  /** True where the right side takes no notice of the first fault. */
  readonly onlyLeftIsHurt?: boolean;
  /** Present where what is sent leaves this process in a later turn of the event loop only. */
  untilSent?(): Promise<void>;
  /** Sends something over another interface that the left link must not hear. */
  sendElsewhere?(bytes: Uint8Array): void;
  close(): void;
}

/**
 * Declares the suite for one medium. `faults` repeats the names of the pair's faults. `ofInterface: false` for a medium
 * that is bound to no network interface.
 */
export function linkCompliance(
  medium: string,
  faults: readonly string[],
  makePair: () => LinkPair | Promise<LinkPair>,
  options: { readonly ofInterface?: boolean } = {},
): void {
  describe(`link ${medium}`, () => {
    let pair: LinkPair;
    let left: Heard;
    let right: Heard;

    beforeEach(async () => {
      pair = await makePair();
      left = new Heard();
      right = new Heard();
      pair.left.open(left);
      pair.onRight(() => pair.right.open(right));
      await until(() => left.up && right.up, `both links are up (${left.reason} ${right.reason})`);
    });

    afterEach(() => {
      pair.left.close();
      pair.right.close();
      pair.close();
    });

    const sendRight = (bytes: Uint8Array) => pair.onRight(() => pair.right.send(bytes));

    /** Repeated as heartbeats are: the first packets of a new medium may get lost (IPv6 address detection, say). */
    async function assertTraffic(): Promise<void> {
      const message = Buffer.from(pair.message(300));
      const heard = (side: Heard, from: number) =>
        side.packets.slice(from).some((packet) => packet.equals(message));
      const before = [left.packets.length, right.packets.length];
      await until(() => {
        if (!heard(right, before[1] ?? 0)) pair.left.send(message);
        if (!heard(left, before[0] ?? 0)) sendRight(message);
        return heard(left, before[0] ?? 0) && heard(right, before[1] ?? 0);
      }, 'a message arrived on either side');
    }

    test('opening reports once that the medium is up', () => {
      assert.deepEqual(left.health, [{ up: true }]);
    });

    test('messages from small to 9 kB arrive whole and unchanged', async () => {
      const sent = [17, 300, 1400, 9000].map((length) => pair.message(length));
      for (const message of sent) sendRight(message);
      await until(() => left.packets.length >= sent.length, 'all messages arrived');
      assert.deepEqual(
        left.packets,
        sent.map((message) => Buffer.from(message)),
      );
      assert.equal(pair.left.counters.receivedPackets, sent.length);
      assert.equal(pair.right.counters.sentPackets >= sent.length, true);
    });

    test('messages arrive in the order in which they were sent', async () => {
      const sent = Array.from({ length: 40 }, (_, i) => pair.message(40 + i));
      for (const message of sent) sendRight(message);
      await until(() => left.packets.length >= sent.length, 'all messages arrived');
      assert.deepEqual(
        left.packets.map((packet) => packet.length),
        sent.map((message) => message.length),
      );
    });

    test('a buffer may be used again as soon as send returns', async () => {
      const message = Buffer.from(pair.message(200));
      const copy = Buffer.from(message);
      sendRight(message);
      message.fill(0);
      await until(() => left.packets.length > 0, 'the message arrived');
      assert.deepEqual(left.packets[0], copy);
    });

    test('hasUnread tells of a message before it is delivered, and not afterwards', async () => {
      await until(() => !pair.left.hasUnread(), 'nothing is under way');
      sendRight(pair.message(100));
      await pair.untilSent?.();
      untilBlocking(() => pair.left.hasUnread(), 'the kernel holds the message');
      assert.equal(left.packets.length, 0);
      await until(() => left.packets.length > 0, 'the message arrived');
      await until(() => !pair.left.hasUnread(), 'all is read');
    });

    const ofInterface = options.ofInterface ?? true;
    if (ofInterface)
      test('what arrives on another interface is not heard', async () => {
        assert.ok(pair.sendElsewhere);
        pair.sendElsewhere(pair.message(50));
        pair.sendElsewhere(pair.message(51));
        sendRight(pair.message(300));
        await until(() => left.packets.length > 0, 'the message of the right interface arrived');
        assert.deepEqual(
          left.packets.map((packet) => packet.length),
          [300],
        );
      });

    test('closing is idempotent and silent', async () => {
      sendRight(pair.message(100));
      pair.left.close();
      pair.left.close();
      const heard = [left.packets.length, left.health.length];
      sendRight(pair.message(100));
      pair.left.send(pair.message(100));
      pair.faults[0]?.break();
      await until(() => right.down || pair.onlyLeftIsHurt === true, 'the other side has noticed');
      assert.equal(pair.left.hasUnread(), false);
      assert.deepEqual([left.packets.length, left.health.length], heard);
    });

    for (const name of faults) {
      test(`when ${name} the link says so once, and comes back by itself`, async () => {
        const fault = pair.faults.find((candidate) => candidate.name === name);
        assert.ok(fault, name);
        await assertTraffic();

        fault.break();
        await until(() => {
          // Some faults show only when something is sent.
          pair.left.send(pair.message(100));
          return left.down;
        }, 'the link is down');
        assert.match(left.reason, fault.says);
        assert.match(left.reason, /^\S.*\.$/);
        const errors = pair.left.counters.sendErrors;
        pair.left.send(pair.message(100));
        assert.equal(pair.left.counters.sendErrors, errors + 1);
        assert.equal(left.health.length, 2);

        fault.repair();
        await until(() => left.up && right.up, `both links are up again (${left.reason} ${right.reason})`);
        assert.deepEqual(left.health.at(2), { up: true });
        await assertTraffic();
      });
    }
  });
}
