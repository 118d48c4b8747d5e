/** The rule of the disk: who may have been sentenced without knowing it is not fed, and ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Effect } from '../../../src/core/effect.js';
import type { InputEvent } from '../../../src/core/input.js';
import { snapshot } from '../../../src/core/snapshot.js';
import { createState } from '../../../src/core/state.js';
import { step } from '../../../src/core/step.js';
import { sampleConfig } from '../../support/configuration.js';

const TIMES = { watchdogMs: 5000, loopMs: 1000, msgwaitMs: 10_000 };

/** A node alone with its disks; reads each of them every second as long as it can. */
class Node {
  nowMs = 1000;
  readonly effects: { atMs: number; effect: Effect }[] = [];
  readonly readable: boolean[];
  private readonly state;

  constructor(disks: number, watchdogMs: number | null, maintenanceEpoch = 0) {
    const base = sampleConfig({ keepaliveMs: 1000, deadtimeMs: 10_000 });
    const sbdDevices = Array.from({ length: disks }, (_, index) => `/dev/disk${index}`);
    this.readable = sbdDevices.map(() => true);
    const config = { ...base, settings: { ...base.settings, sbdDevices } };
    const identity = { program: 't', generation: 1, uuid: '0'.repeat(32), nonce: '0'.repeat(16), seed: 1 };
    this.state = createState(config, { ...identity, peerGenerations: {}, maintenanceEpoch });
    const device = watchdogMs === null ? null : '/dev/watchdog';
    this.input({ kind: 'watchdog', device, timeoutMs: watchdogMs, problem: '' });
    sbdDevices.forEach((_, disk) => void this.input({ kind: 'diskTimes', disk, ...TIMES }));
    this.input({ kind: 'boot' });
  }

  input(event: InputEvent): void {
    const effects = step(this.state, { ...event, nowMs: this.nowMs, wallS: 1_700_000_000 });
    for (const effect of effects) this.effects.push({ atMs: this.nowMs, effect });
  }

  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    let readMs = this.nowMs;
    while (this.nowMs < endMs) {
      const dueMs = this.state.timers.nextDueMs() ?? endMs;
      this.nowMs = Math.max(this.nowMs, Math.min(dueMs, readMs, endMs));
      if (this.nowMs >= readMs) {
        this.readable.forEach((isReadable, disk) => {
          if (isReadable) this.input({ kind: 'diskRead', disk, startedMs: readMs });
        });
        readMs += TIMES.loopMs;
      }
      this.input({ kind: 'tick' });
    }
  }

  last(kind: Effect['kind']): number {
    return this.effects.findLast(({ effect }) => effect.kind === kind)?.atMs ?? Number.NaN;
  }

  get picture() {
    return snapshot(this.state, this.nowMs);
  }
}

describe('a node whose disk is read', () => {
  it('is fed, and does not end', () => {
    const node = new Node(1, 4000);
    node.run(60_000);
    assert.ok(node.nowMs - node.last('feedWatchdog') < 2000);
    assert.ok(Number.isNaN(node.last('rebootSelf')));
    assert.deepEqual(node.picture.disks, [
      {
        device: '/dev/disk0',
        state: 'read',
        readAgeMs: node.picture.disks?.[0]?.readAgeMs,
        msgwaitMs: 10_000,
        detail: '',
      },
    ]);
  });
});

describe('a node that cannot read its disk', () => {
  for (const watchdogMs of [1000, 4000, 6000]) {
    it(`is not fed so long that its watchdog of ${watchdogMs} ms would act after msgwait`, () => {
      const node = new Node(1, watchdogMs);
      node.run(20_000);
      node.readable[0] = false;
      const lastReadMs = node.nowMs - TIMES.loopMs;
      node.run(30_000);
      const fedMs = node.last('feedWatchdog');
      assert.ok(
        fedMs + watchdogMs + 1000 <= lastReadMs + TIMES.loopMs + TIMES.msgwaitMs,
        `fed until ${fedMs - lastReadMs}`,
      );
      assert.ok(fedMs > lastReadMs + 2 * TIMES.loopMs, 'one slow reading does not matter');
      assert.ok(
        node.effects.some(({ effect }) => effect.kind === 'event' && effect.code === 'disk-self-fencing'),
      );
    });
  }

  it('ends itself within msgwait where there is no watchdog', () => {
    const node = new Node(1, null);
    node.run(20_000);
    node.readable[0] = false;
    const lastReadMs = node.nowMs;
    node.run(30_000);
    const first = node.effects.find(({ effect }) => effect.kind === 'rebootSelf');
    assert.ok(
      first !== undefined && first.atMs <= lastReadMs + TIMES.msgwaitMs,
      `after ${(first?.atMs ?? 0) - lastReadMs} ms`,
    );
    assert.match(node.picture.warnings.join('\n'), /without a watchdog/);
  });

  it('goes on when the disk is read again in time', () => {
    const node = new Node(1, 4000);
    node.run(20_000);
    node.input({
      kind: 'diskFailed',
      disk: 0,
      reason: '/dev/disk0: the disk cannot be read or written (EIO).',
    });
    node.readable[0] = false;
    node.run(3500);
    assert.match(node.picture.warnings.join('\n'), /EIO/);
    node.readable[0] = true;
    node.run(30_000);
    assert.ok(Number.isNaN(node.last('rebootSelf')));
    assert.ok(node.nowMs - node.last('feedWatchdog') < 2000);
    assert.equal(node.picture.disks?.[0]?.state, 'read');
  });

  it('that was only late itself hears of the readings before it judges', () => {
    const node = new Node(1, 4000);
    node.run(20_000);
    node.nowMs += 9000;
    node.input({ kind: 'tick' });
    node.run(20_000);
    assert.ok(Number.isNaN(node.last('rebootSelf')));
  });

  it('is left alone in maintenance', () => {
    const node = new Node(1, 4000, 1);
    node.run(20_000);
    node.readable[0] = false;
    node.run(60_000);
    assert.ok(Number.isNaN(node.last('rebootSelf')));
    assert.ok(node.nowMs - node.last('feedWatchdog') < 2000);
  });
});

describe('a node with several disks', () => {
  for (const [disks, lost, ends] of [
    [2, 1, false],
    [2, 2, true],
    [3, 1, false],
    [3, 2, true],
  ] as const) {
    it(`${ends ? 'ends' : 'goes on'} when ${lost} of ${disks} cannot be read`, () => {
      const node = new Node(disks, 4000);
      node.run(20_000);
      for (let disk = 0; disk < lost; disk += 1) node.readable[disk] = false;
      node.run(60_000);
      assert.equal(Number.isNaN(node.last('rebootSelf')), !ends);
      assert.equal(node.nowMs - node.last('feedWatchdog') < 2000, !ends);
    });
  }
});
