import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { group } from '../../src/sim/cluster.js';
import { assertNeverTwo, assertOwners, makePair, runningPair, story, WEB_KEY } from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];
const ADDRESS_ONLY = [group('node1', 1, WEB_KEY)];

for (const autoFailback of MODES) {
  for (const first of ['packets', 'timers'] as const) {
    describe(`a paused node, auto_failback ${autoFailback}, ${first} first on waking`, () => {
      it('has dropped its addresses in its first turn when it wakes after three deadtimes', () => {
        const { sim, node1 } = runningPair({ autoFailback });
        node1.pause();
        sim.runFor(6000);
        assertOwners(sim, { web: 'node1 node2', mail: 'node2' });
        const wokeMs = sim.nowMs;
        node1.resume(first);
        assert.equal(node1.kernel.has(WEB_KEY), false, story(sim));
        sim.runFor(100);
        assert.ok(
          sim.ledger.overlaps().every(({ untilMs }) => untilMs !== null && untilMs - wokeMs <= 50),
          story(sim),
        );
        sim.runFor(20_000);
        assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
        assert.equal(sim.owners('10.0.0.20').join(' '), 'node2', story(sim));
      });

      it('never has its address beside the peer where the deadtime allows a kernel lifetime', () => {
        const { sim, node1 } = makePair({ autoFailback, deadtimeMs: 5000, groups: ADDRESS_ONLY });
        node1.powerOn();
        sim.node('node2').powerOn();
        sim.runFor(5000);
        node1.pause();
        sim.runFor(15_000);
        assert.deepEqual(sim.owners(WEB_KEY), ['node2'], story(sim));
        node1.resume(first);
        sim.runFor(30_000);
        assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
        assertNeverTwo(sim);
      });

      it('a pause shorter than the lease moves nothing', () => {
        const { sim, node1 } = runningPair({ autoFailback });
        const changes = sim.ledger.changes.length;
        node1.pause();
        sim.runFor(1000);
        node1.resume(first);
        sim.runFor(20_000);
        assert.equal(sim.ledger.changes.length, changes, story(sim));
      });

      it('a standby that slept does not accuse its punctual peer', () => {
        const { sim, node1, node2 } = makePair({ autoFailback, groups: ADDRESS_ONLY });
        node1.powerOn();
        node2.powerOn();
        sim.runFor(5000);
        node2.pause();
        sim.runFor(10_000);
        node2.resume(first);
        sim.runFor(20_000);
        assert.deepEqual(sim.owners(WEB_KEY), ['node1'], story(sim));
        assertNeverTwo(sim);
      });
    });
  }
}

describe('a standby that was away', () => {
  for (const first of ['packets', 'timers'] as const) {
    for (const autoFailback of MODES) {
      it(`interrupts nothing when it wakes after it was declared dead, ${first} first, failback ${autoFailback}`, () => {
        for (const pauseMs of [2000, 2300, 6000, 14_000]) {
          const { sim, node1, node2 } = makePair({ autoFailback, groups: ADDRESS_ONLY });
          node1.powerOn();
          node2.powerOn();
          sim.runFor(5000);
          node2.pause();
          sim.runFor(pauseMs);
          node2.resume(first);
          sim.runFor(20_000);
          assert.deepEqual(sim.owners(WEB_KEY), ['node1'], story(sim));
          assert.equal(sim.ledger.changes.length, 1, story(sim));
        }
      });
    }
  }
});

describe('a node that was late for a moment', () => {
  it('gives a silent peer its whole deadtime all the same', () => {
    const { sim, node2 } = runningPair({ deadtimeMs: 4000 });
    const cutMs = sim.nowMs;
    sim.network.setLink(undefined, { cut: true });
    node2.pause();
    sim.runFor(600);
    node2.resume('timers');
    sim.runFor(10_000);
    const taken = sim.said.find(({ node, code }) => node === 'node2' && code === 'group-takeover');
    assert.ok(taken !== undefined && taken.atMs - cutMs >= 3800, story(sim));
  });

  it('waits its whole initdead for a peer that was never heard', () => {
    const { sim, node2 } = makePair({ initdeadMs: 10_000 });
    node2.powerOn();
    sim.runFor(1000);
    node2.pause();
    sim.runFor(600);
    node2.resume('timers');
    sim.runFor(8200);
    assert.deepEqual([...sim.owners(WEB_KEY), ...sim.owners('10.0.0.20')], [], story(sim));
    sim.runFor(2000);
    assert.deepEqual(sim.owners(WEB_KEY), ['node2'], story(sim));
  });

  it('and is late again and again holds its verdict on a dead peer for no more than a deadtime', () => {
    const { sim, node1, node2 } = runningPair({ deadtimeMs: 2000 });
    node1.powerOff();
    for (let round = 0; round < 8; round++) {
      node2.pause();
      sim.runFor(500);
      node2.resume('timers');
      sim.runFor(100);
    }
    assert.deepEqual(sim.owners(WEB_KEY), ['node2'], story(sim));
  });
});
