import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { group } from '../../src/sim/cluster.js';
import { assertNeverTwo, assertOwners, makePair, runningPair, story, WEB_KEY } from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];

for (const autoFailback of MODES) {
  describe(`failing resources, auto_failback ${autoFailback}`, () => {
    it('a failing start moves the group to the peer once, where it stays', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      node1.runner.behave('start', 'web', { outcome: 'fail' });
      node1.powerOn();
      node2.powerOn();
      sim.runFor(2000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.ok(sim.hasSaid('group-failed', 'node1'));
      const changes = sim.ledger.changes.length;
      sim.runFor(120_000);
      assert.equal(sim.ledger.changes.length, changes, story(sim));
      assertNeverTwo(sim);
    });

    it('a start that fails on both is said and stays down', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      for (const node of [node1, node2]) {
        node.runner.behave('start', 'web', { outcome: 'fail' });
        node.powerOn();
      }
      sim.runFor(3000);
      assertOwners(sim, { web: '', mail: 'node2' });
      const { operations } = sim;
      sim.runFor(120_000);
      assert.equal(sim.operations, operations, story(sim));
      assert.ok(sim.hasSaid('group-failed', 'node1') && sim.hasSaid('group-failed', 'node2'));
      assertNeverTwo(sim);
    });

    it('a hanging start ends at its deadline and the peer serves', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      node1.runner.behave('start', 'web', { outcome: 'hang' });
      node1.powerOn();
      node2.powerOn();
      sim.runFor(59_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      sim.runFor(3000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a failing stop is tried ten times more, then the node reboots and the peer takes over by deadtime', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      node1.runner.behave('stop', 'web', { outcome: 'fail' });
      node1.command({ kind: 'shutdown' });
      sim.runFor(9000);
      assert.deepEqual(sim.rebooted, []);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      sim.runFor(8000);
      assert.deepEqual(sim.rebooted, ['node1']);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a stop that succeeds at the third attempt hands over', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      node1.runner.behave('stop', 'web', { outcome: 'fail' });
      node1.command({ kind: 'shutdown' });
      sim.runFor(2500);
      node1.runner.behaveWell();
      sim.runFor(2000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.equal(node1.exitCode, 0);
      assertNeverTwo(sim);
    });

    it('what a killed daemon left active is stopped before a new one serves', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      node1.killDaemon();
      sim.runFor(500);
      node1.powerOn();
      sim.runFor(5000);
      assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
      assertNeverTwo(sim);
    });

    it('a hundred groups of three resources each start and move in order', () => {
      const groups = Array.from({ length: 100 }, (_, index) =>
        group(
          index % 2 === 0 ? 'node1' : 'node2',
          index + 1,
          `10.0.1.${index + 1}`,
          `a${index}`,
          `b${index}`,
        ),
      );
      const { sim, node1, node2 } = makePair({ autoFailback, groups });
      node1.powerOn();
      node2.powerOn();
      sim.runFor(10_000);
      node1.powerOff();
      sim.runFor(10_000);
      for (const { key } of groups) assert.deepEqual(sim.owners(key), ['node2'], story(sim));
      node1.powerOn();
      sim.runFor(30_000);
      for (const { key, node } of groups) {
        assert.deepEqual(sim.owners(key), [autoFailback === 'off' ? 'node2' : node], story(sim));
      }
      assertNeverTwo(sim);
    });
  });
}
