import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { WEB } from '../../src/sim/cluster.js';
import {
  assertNeverTwo,
  assertOwners,
  makePair,
  ownersOf,
  runningPair,
  story,
  WEB_KEY,
} from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];
const DEADTIME_MS = 2000;
const KEEPALIVE_MS = 200;

for (const autoFailback of MODES) {
  describe(`failover, auto_failback ${autoFailback}`, () => {
    it('the peer of a node that lost its power serves within a millisecond after deadtime', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      const offMs = sim.nowMs;
      node1.powerOff();
      const taken = sim.runUntil(() => ownersOf(sim).web === 'node2', 10_000);
      assert.ok(taken, story(sim));
      const tookMs = sim.nowMs - offMs;
      assert.ok(tookMs > DEADTIME_MS - KEEPALIVE_MS - 1, `took over after ${tookMs} ms`);
      assert.ok(tookMs <= DEADTIME_MS + 1.2, `took over after ${tookMs} ms`);
      sim.runFor(60_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a node that returns after power loss gets its groups back only with failback on or legacy', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      node1.powerOff();
      sim.runFor(5000);
      node1.powerOn();
      sim.runFor(1000);
      const web = autoFailback === 'off' ? 'node2' : 'node1';
      assertOwners(sim, { web, mail: 'node2' });
      sim.runFor(30_000);
      assertOwners(sim, { web, mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a node that restarts within deadtime runs its groups again and the peer keeps its own', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      node1.powerOff();
      sim.runFor(300);
      node1.powerOn();
      sim.runFor(5000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assert.equal(sim.ledger.changes.filter(({ group }) => group !== WEB_KEY).length, 1);
      assertNeverTwo(sim);
    });

    it('the loss and the return of a node that serves nothing moves nothing', () => {
      const { sim, node1, node2 } = makePair({ autoFailback, groups: [WEB] });
      node1.powerOn();
      node2.powerOn();
      sim.runFor(5000);
      assert.deepEqual(sim.owners(WEB_KEY), ['node1']);
      node2.powerOff();
      sim.runFor(60_000);
      node2.powerOn();
      sim.runFor(60_000);
      assert.deepEqual(sim.owners(WEB_KEY), ['node1']);
      assert.equal(sim.ledger.changes.length, 1, story(sim));
    });

    it('a clean shutdown hands over without waiting for deadtime', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      const id = node1.command({ kind: 'shutdown' });
      sim.runFor(100);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      sim.runFor(20_000);
      assert.equal(node1.exitCode, 0);
      assert.deepEqual(node1.replies.get(id), { ok: true, text: 'stopped' });
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      node1.powerOn();
      sim.runFor(5000);
      assertOwners(sim, { web: autoFailback === 'off' ? 'node2' : 'node1', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('two nodes that are shut down together leave nothing running', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      node1.command({ kind: 'shutdown' });
      node2.command({ kind: 'shutdown' });
      sim.runFor(20_000);
      assert.deepEqual([node1.exitCode, node2.exitCode], [0, 0]);
      assertOwners(sim, { web: '', mail: '' });
      assertNeverTwo(sim);
    });

    it('a node that starts anew is heard by a loop process that was restarted while it was away', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      sim.runFor(20_000);
      node1.powerOff();
      sim.runFor(5000);
      node2.restartLoop(300);
      sim.runFor(5000);
      node1.powerOn();
      sim.runFor(1000);
      assertOwners(sim, { web: autoFailback === 'off' ? 'node2' : 'node1', mail: 'node2' });
      sim.runFor(30_000);
      assertNeverTwo(sim);
    });

    it('a restarted loop process goes on without a takeover and without touching what runs', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      const { operations } = sim;
      const changes = sim.ledger.changes.length;
      node1.restartLoop(500);
      sim.runFor(60_000);
      node2.restartLoop(100);
      sim.runFor(60_000);
      assert.equal(sim.operations, operations, story(sim));
      assert.equal(sim.ledger.changes.length, changes, story(sim));
      // Its messages are heard again: a power loss is noticed, and what it says is believed.
      assert.equal(sim.hasSaid('peer-dead-why'), false, story(sim));
      node1.command({ kind: 'shutdown' });
      sim.runFor(200);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
    });
  });
}
