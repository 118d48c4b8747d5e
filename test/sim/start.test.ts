import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import {
  assertNeverTwo,
  assertOwners,
  MAIL_KEY,
  makePair,
  ownersOf,
  runningPair,
  story,
  WEB_KEY,
} from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];

for (const autoFailback of MODES) {
  describe(`start, auto_failback ${autoFailback}`, () => {
    it('two nodes that start together serve within a second', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      node1.powerOn();
      sim.runFor(300);
      node2.powerOn();
      const served = sim.runUntil(() => {
        const { web, mail } = ownersOf(sim);
        return web === 'node1' && mail === 'node2';
      }, 1000);
      assert.ok(served, story(sim));
      sim.runFor(20_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assertNeverTwo(sim);
      assert.equal(sim.ledger.changes.length, 2, story(sim));
    });

    it('a node that starts alone serves everything right after initdead', () => {
      const { sim, node1 } = makePair({ autoFailback, initdeadMs: 4000 });
      node1.powerOn();
      sim.runFor(3999);
      assertOwners(sim, { web: '', mail: '' });
      sim.runFor(3);
      assertOwners(sim, { web: 'node1', mail: '' });
      sim.runFor(200);
      assertOwners(sim, { web: 'node1', mail: 'node1' });
    });

    it('a node that joins a running peer gets its own groups within a second, except with failback off', () => {
      const { sim, node1, node2 } = makePair({ autoFailback, initdeadMs: 4000 });
      node1.powerOn();
      sim.runFor(6000);
      node2.powerOn();
      sim.runFor(1000);
      assertOwners(sim, { web: 'node1', mail: autoFailback === 'off' ? 'node1' : 'node2' });
      sim.runFor(20_000);
      assertOwners(sim, { web: 'node1', mail: autoFailback === 'off' ? 'node1' : 'node2' });
      assertNeverTwo(sim);
    });

    it('a running pair leaves everything where it is', () => {
      const { sim } = runningPair({ autoFailback });
      const { operations } = sim;
      sim.runFor(600_000);
      assert.equal(sim.operations, operations, story(sim));
      assertOwners(sim, { web: 'node1', mail: 'node2' });
    });
  });
}

it('what a killed daemon left active is stopped when it starts again, also where the partner has taken it over', () => {
  for (const awayMs of [500, 10_000]) {
    const { sim, node1 } = runningPair({ autoFailback: 'off' });
    node1.killDaemon();
    sim.runFor(awayMs);
    assert.ok(sim.owners(WEB_KEY).includes('node1'), story(sim));
    const startMs = sim.nowMs;
    node1.powerOn();
    sim.runFor(20_000);
    const stopped = sim.ledger.changes.find(
      ({ atMs, group, owners }) => atMs >= startMs && group === WEB_KEY && !owners.includes('node1'),
    );
    assert.ok(stopped !== undefined && stopped.atMs - startMs < 1000, story(sim));
    assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
    assert.equal(sim.owners(MAIL_KEY).join(' '), 'node2', story(sim));
  }
});
