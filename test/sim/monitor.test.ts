import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback, MonitorRule } from '../../src/config/types.js';
import { snapshot } from '../../src/core/snapshot.js';
import type { GroupSnapshot } from '../../src/core/snapshot-types.js';
import { group } from '../../src/sim/cluster.js';
import type { SimNode } from '../../src/sim/node.js';
import type { Simulation } from '../../src/sim/simulation.js';
import {
  assertNeverTwo,
  assertOwners,
  makePair,
  type Pair,
  runningPair,
  story,
  WEB_KEY,
} from './support/pair.js';

const INTERVAL_MS = 5000;
const RULE: MonitorRule = {
  intervalMs: INTERVAL_MS,
  timeoutMs: 2000,
  failures: 1,
  windowMs: 600_000,
  restarts: 3,
};
const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];

function watchedPair(rule: Partial<MonitorRule> = {}, autoFailback: AutoFailback = 'on'): Pair {
  return runningPair({ autoFailback, settings: { monitor: { ...RULE, ...rule } } });
}

function groupOn(sim: Simulation, node: SimNode, key = WEB_KEY): GroupSnapshot {
  assert.ok(node.state);
  const found = snapshot(node.state, sim.queue.nowMs).groups.find((candidate) => candidate.key === key);
  assert.ok(found);
  return found;
}

const isUp = (sim: Simulation, node: string, word = 'web'): boolean =>
  sim.ledger.isActive(WEB_KEY, node, word);

describe('monitoring', () => {
  it('without [monitor] nobody is asked', () => {
    const { sim, node1 } = runningPair();
    const { operations } = sim;
    node1.crash('web');
    sim.runFor(120_000);
    assert.equal(sim.operations, operations);
  });

  it('a crashed service is back within the interval and its start time, its address stays', () => {
    const { sim, node1 } = watchedPair();
    for (let round = 0; round < 3; round++) {
      node1.crash('web');
      assert.ok(
        sim.runUntil(() => isUp(sim, 'node1'), INTERVAL_MS + 100),
        story(sim),
      );
      sim.runFor(1000);
    }
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.equal(sim.addresses.changes.filter(({ group: address }) => address === WEB_KEY).length, 1);
    assertNeverTwo(sim);
    assert.deepEqual(
      groupOn(sim, node1).resources.map(({ word, failures }) => [word, failures]),
      [
        [WEB_KEY, 0],
        ['web', 3],
      ],
    );
  });

  it('only the failed resource and those after it are stopped and started, in order', () => {
    const groups = [
      group('node1', 1, '10.0.0.10', 'disk', 'web', 'mail'),
      group('node2', 2, '10.0.0.20', 'x'),
    ];
    const { sim, node1 } = runningPair({ groups, settings: { monitor: RULE }, recordEffects: true });
    node1.crash('web');
    const before = sim.effects?.lines.length ?? 0;
    sim.runFor(INTERVAL_MS + 500);
    const done = (sim.effects?.lines ?? []).slice(before).flatMap((line) => {
      const found = /"verb":"(start|stop|release)".*"word":"(\w+)"/.exec(line);
      return found === null ? [] : [`${found[1]} ${found[2]}`];
    });
    assert.deepEqual(done, ['stop mail', 'stop web', 'start web', 'start mail']);
    assertNeverTwo(sim);
  });

  it('a group of one resource is restarted in place, and once', () => {
    const groups = [group('node1', 1, 'web'), group('node2', 2, '10.0.0.20')];
    const { sim, node1, node2 } = makePair({ groups, settings: { monitor: RULE } });
    node1.powerOn();
    node2.powerOn();
    sim.runFor(5000);
    const { operations } = sim;
    node1.crash('web');
    node2.crash('10.0.0.20');
    sim.runFor(INTERVAL_MS + 500);
    assert.deepEqual([sim.owners('web'), sim.owners('10.0.0.20')], [['node1'], ['node2']], story(sim));
    // Two monitors or three of each, and a stop and a start of each.
    assert.ok(sim.operations - operations <= 10, `${sim.operations - operations} operations`);
    assert.equal(sim.said.filter(({ code }) => code === 'group-restart').length, 2);
    assertNeverTwo(sim);
  });

  it('as many failures as the rule allows are only counted', () => {
    const { sim, node1 } = watchedPair({ failures: 3 });
    node1.runner.behave('monitor', 'web', { outcome: 'fail' });
    sim.runFor(2 * INTERVAL_MS);
    assert.equal(sim.hasSaid('monitor-failed', 'node1'), true);
    assert.equal(sim.hasSaid('group-restart'), false);
    node1.runner.behaveWell();
    sim.runFor(60_000);
    assert.equal(sim.hasSaid('group-restart'), false);
  });

  it('failures older than the window are forgotten', () => {
    const { sim, node1 } = watchedPair({ failures: 2, windowMs: 8000 });
    for (let round = 0; round < 4; round++) {
      node1.runner.behave('monitor', 'web', { outcome: 'fail' });
      sim.runUntil(() => sim.said.filter(({ code }) => code === 'monitor-failed').length > round, 20_000);
      node1.runner.behaveWell();
      sim.runFor(10_000);
    }
    assert.equal(sim.hasSaid('group-restart'), false, story(sim));
  });

  it('restarts older than the window are forgotten: what fails now and then never moves', () => {
    const { sim, node1 } = watchedPair({ restarts: 1, windowMs: 30_000 });
    for (let round = 0; round < 5; round++) {
      node1.crash('web');
      sim.runFor(40_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
    }
    node1.crash('web');
    sim.runFor(INTERVAL_MS + 500);
    node1.crash('web');
    sim.runFor(INTERVAL_MS + 500);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('a hanging monitor counts as a failure after its timeout and does not hold up a stop', () => {
    const { sim, node1 } = watchedPair({ timeoutMs: 60_000 });
    node1.runner.behave('monitor', 'web', { outcome: 'hang' });
    sim.runFor(INTERVAL_MS + 100);
    node1.command({ kind: 'standby', set: 'local' });
    sim.runFor(500);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a vanished address is set again and counted', () => {
    const { sim, node1 } = watchedPair({ failures: 5 });
    node1.crash(WEB_KEY);
    sim.runFor(INTERVAL_MS + 100);
    assert.ok(node1.kernel.has(WEB_KEY), story(sim));
    assert.equal(groupOn(sim, node1).resources[0]?.failures, 1);
    assert.equal(sim.hasSaid('group-restart'), false);
  });

  for (const autoFailback of MODES) {
    it(`what goes on failing is restarted so often, then moves and stays there (auto_failback ${autoFailback})`, () => {
      const { sim, node1 } = watchedPair({}, autoFailback);
      node1.runner.behave('monitor', 'web', { outcome: 'fail' });
      sim.runFor(5 * INTERVAL_MS);
      assert.equal(sim.said.filter(({ code }) => code === 'group-restart').length, 3, story(sim));
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      sim.runFor(300_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.equal(groupOn(sim, node1).failedOn.join(), 'node1');
      assertNeverTwo(sim);
    });

    it(`failing on both it stays down, is said, and comes back by a cleanup (auto_failback ${autoFailback})`, () => {
      const { sim, node1, node2 } = watchedPair({ restarts: 1 }, autoFailback);
      for (const node of [node1, node2]) node.runner.behave('monitor', 'web', { outcome: 'fail' });
      sim.runFor(10 * INTERVAL_MS);
      assertOwners(sim, { web: '', mail: 'node2' });
      assert.ok(sim.hasSaid('group-given-up', 'node2'), story(sim));
      for (const node of [node1, node2]) assert.equal(groupOn(sim, node).failedOn.length, 2);
      const changes = sim.ledger.changes.length;
      sim.runFor(600_000);
      assert.equal(sim.ledger.changes.length, changes);

      for (const node of [node1, node2]) node.runner.behaveWell();
      const commandId = node2.command({ kind: 'cleanup', group: WEB_KEY });
      sim.runFor(2000);
      assert.deepEqual(node2.replies.get(commandId), {
        ok: true,
        text: `the failures of group ${WEB_KEY} are forgotten here and on node1.`,
      });
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      for (const node of [node1, node2]) assert.deepEqual(groupOn(sim, node).failedOn, []);
      assertNeverTwo(sim);
    });
  }

  it('a group that failed moves only once each way, however often both fail', () => {
    const { sim, node1, node2 } = watchedPair({ restarts: 0 });
    for (const node of [node1, node2]) node.runner.behave('monitor', 'web', { outcome: 'fail' });
    sim.runFor(600_000);
    const moves = sim.ledger.changes
      .filter(({ group: key }) => key === WEB_KEY)
      .map(({ owners }) => owners.join());
    assert.deepEqual(moves, ['node1', '', 'node2', '']);
  });

  it('alone it is given up after its restarts; the other node takes it when it is there', () => {
    const { sim, node1, node2 } = watchedPair({ restarts: 1 });
    node2.powerOff();
    sim.runFor(5000);
    node1.runner.behave('monitor', 'web', { outcome: 'fail' });
    sim.runFor(4 * INTERVAL_MS);
    assertOwners(sim, { web: '', mail: 'node1' });
    assert.ok(sim.hasSaid('group-given-up', 'node1'));
    node2.powerOn();
    sim.runFor(5000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a cleanup on a lone node starts the group again', () => {
    const { sim, node1, node2 } = watchedPair({ restarts: 0 });
    node2.powerOff();
    sim.runFor(5000);
    node1.crash('web');
    sim.runFor(2 * INTERVAL_MS);
    assertOwners(sim, { web: '', mail: 'node1' });
    node1.command({ kind: 'cleanup', group: WEB_KEY });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
  });

  it('a cleanup of a group that is not there names those that are', () => {
    const { node1 } = runningPair();
    const commandId = node1.command({ kind: 'cleanup', group: 'web' });
    assert.deepEqual(node1.replies.get(commandId), {
      ok: false,
      text: 'there is no group web: the groups are 10.0.0.10, 10.0.0.20.',
    });
  });

  it('counts and the watch itself go on in a new loop process', () => {
    const { sim, node1 } = watchedPair();
    node1.crash('web');
    sim.runFor(INTERVAL_MS + 100);
    node1.restartLoop(300);
    sim.runFor(1000);
    assert.equal(groupOn(sim, node1).resources[1]?.failures, 1);
    node1.crash('web');
    sim.runFor(INTERVAL_MS + 100);
    assert.equal(groupOn(sim, node1).resources[1]?.failures, 2);
    assert.ok(isUp(sim, 'node1'));
    assertNeverTwo(sim);
  });

  it('a restart in place in a new loop process still leaves the rest up', () => {
    const { sim, node1 } = watchedPair();
    node1.runner.behave('start', 'web', { durationMs: 3000 });
    node1.crash('web');
    assert.ok(sim.runUntil(() => sim.hasSaid('group-restart'), INTERVAL_MS + 100));
    sim.runFor(500);
    node1.restartLoop(100);
    sim.runFor(5000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.equal(sim.addresses.changes.filter(({ group: address }) => address === WEB_KEY).length, 1);
    assertNeverTwo(sim);
  });

  it('an address stays up while a slow stop of a restart in place runs', () => {
    const { sim, node1 } = runningPair({
      deadtimeMs: 5000,
      settings: { monitor: { ...RULE } },
    });
    node1.runner.behave('stop', 'web', { durationMs: 20_000 });
    node1.runner.behave('monitor', 'web', { outcome: 'fail' });
    sim.runFor(INTERVAL_MS + 15_000);
    assert.ok(sim.hasSaid('group-restart'));
    assert.ok(node1.kernel.has(WEB_KEY), story(sim));
  });
});
