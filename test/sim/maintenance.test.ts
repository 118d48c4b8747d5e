import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { snapshot } from '../../src/core/snapshot.js';
import type { StatusSnapshot } from '../../src/core/snapshot-types.js';
import { group } from '../../src/sim/cluster.js';
import type { SimNode } from '../../src/sim/node.js';
import type { Simulation } from '../../src/sim/simulation.js';
import {
  assertNeverTwo,
  assertOwners,
  MAIL_KEY,
  makePair,
  runningPair,
  story,
  WEB_KEY,
} from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];
const MONITOR = { intervalMs: 5000, timeoutMs: 2000, failures: 1, windowMs: 600_000, restarts: 3 };

function statusOf(sim: Simulation, node: SimNode): StatusSnapshot {
  assert.ok(node.state);
  return snapshot(node.state, sim.queue.nowMs);
}

function say(node: SimNode, on: boolean, force = false): { ok: boolean; text: string } | undefined {
  return node.replies.get(node.command({ kind: 'maintenance', on, force }));
}

for (const autoFailback of MODES) {
  describe(`maintenance, auto_failback ${autoFailback}`, () => {
    it('is told to the other node and shown by both', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      assert.deepEqual(say(node1, true), { ok: true, text: 'maintenance is on here and on node2.' });
      sim.runFor(500);
      for (const node of [node1, node2]) {
        assert.equal(statusOf(sim, node).maintenance, true);
        assert.match(statusOf(sim, node).warnings.join(), /MAINTENANCE is on/);
      }
      assert.deepEqual(say(node2, false), { ok: true, text: 'maintenance is off here and on node1.' });
      sim.runFor(500);
      for (const node of [node1, node2]) assert.equal(statusOf(sim, node).maintenance, false);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
    });

    it('a node that dies is not taken over before it is off', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      say(node2, true);
      sim.runFor(500);
      node1.powerOff();
      sim.runFor(60_000);
      assertOwners(sim, { web: '', mail: 'node2' });
      assert.ok(sim.hasSaid('maintenance-verdict', 'node2'));
      assert.equal(say(node2, false)?.ok, true);
      sim.runFor(1000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a cut network changes nothing, in neither node, and heals in peace', () => {
      const { sim, node1 } = runningPair({ autoFailback });
      say(node1, true);
      sim.runFor(500);
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(60_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      sim.network.setLink(undefined, { cut: false });
      sim.runFor(5000);
      say(node1, false);
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assertNeverTwo(sim);
    });

    it('a node that stops keeps its services, and takes them as they are when it starts', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      say(node1, true);
      sim.runFor(500);
      const { operations } = sim;
      node1.command({ kind: 'shutdown' });
      sim.runFor(30_000);
      assert.equal(node1.exitCode, 0);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assert.equal(sim.operations, operations);
      assert.match(say(node2, false)?.text ?? '', /heartbeat on node1 was stopped in maintenance/);
      node1.powerOn();
      sim.runFor(5000);
      assert.ok(sim.hasSaid('group-adopted', 'node1'), story(sim));
      say(node1, false);
      sim.runFor(30_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      const moves = sim.ledger.changes.filter(({ group }) => group === WEB_KEY);
      assert.equal(moves.length, 1, 'the service never stopped');
      assertNeverTwo(sim);
    });

    it('both daemons may be stopped and started; nothing of the services stops', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      say(node1, true);
      sim.runFor(500);
      const changes = sim.ledger.changes.length;
      for (const node of [node1, node2]) node.command({ kind: 'shutdown' });
      sim.runFor(30_000);
      for (const node of [node1, node2]) node.powerOn();
      sim.runFor(30_000);
      for (const node of [node1, node2]) assert.equal(statusOf(sim, node).maintenance, true);
      say(node2, false);
      sim.runFor(30_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assert.equal(sim.ledger.changes.length, changes, story(sim));
    });

    it('a node that is not there when it is switched on learns of it when it starts', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      node1.powerOff();
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.match(say(node2, true)?.text ?? '', /node1 is not heard and learns of it when it is/);
      node1.powerOn();
      sim.runFor(30_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.equal(statusOf(sim, node1).maintenance, true);
      say(node1, false);
      sim.runFor(10_000);
      assertOwners(sim, { web: autoFailback === 'off' ? 'node2' : 'node1', mail: 'node2' });
      assertNeverTwo(sim);
    });
  });
}

describe('maintenance', () => {
  it('no monitor acts; what was left stopped is started when it is over', () => {
    const { sim, node1 } = runningPair({ settings: { monitor: MONITOR } });
    say(node1, true);
    node1.crash('web');
    sim.runFor(60_000);
    assert.equal(sim.ledger.isActive(WEB_KEY, 'node1', 'web'), false);
    assert.equal(sim.hasSaid('monitor-failed'), false);
    say(node1, false);
    sim.runFor(1000);
    assert.equal(sim.ledger.isActive(WEB_KEY, 'node1', 'web'), true, story(sim));
    assert.equal(sim.addresses.changes.filter(({ group }) => group === WEB_KEY).length, 1);
    node1.crash('web');
    sim.runFor(MONITOR.intervalMs + 100);
    assert.equal(sim.ledger.isActive(WEB_KEY, 'node1', 'web'), true);
    assertNeverTwo(sim);
  });

  it('without [monitor] too, every resource is asked once when it is over', () => {
    const { sim, node1 } = runningPair();
    say(node1, true);
    node1.crash('web');
    node1.crash(WEB_KEY);
    sim.runFor(1000);
    say(node1, false);
    sim.runFor(1000);
    assert.ok(sim.ledger.isActive(WEB_KEY, 'node1', 'web') && node1.kernel.has(WEB_KEY), story(sim));
  });

  it('nothing is moved, and that is said', () => {
    const { sim, node1 } = runningPair();
    say(node1, true);
    const commandId = node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(20_000);
    assert.deepEqual(node1.replies.get(commandId), {
      ok: false,
      text: 'maintenance is on: nothing is moved.',
    });
    assertOwners(sim, { web: 'node1', mail: 'node2' });
  });

  it('addresses outlive a program that hangs or is killed', () => {
    const { sim, node1, node2 } = runningPair({ deadtimeMs: 5000 });
    say(node1, true);
    // Long enough for what renews lifetimes to have had its turns.
    sim.runFor(3000);
    node1.pause();
    node2.killDaemon();
    sim.runFor(60_000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.ok(node1.kernel.has(WEB_KEY) && node2.kernel.has(MAIL_KEY));
    node1.resume('timers');
    node2.powerOn();
    sim.runFor(20_000);
    say(node1, false);
    sim.runFor(20_000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a question that hangs when maintenance is over holds up neither a move nor the next maintenance', () => {
    const { sim, node1 } = runningPair();
    node1.runner.behave('monitor', 'web', { outcome: 'hang' });
    say(node1, true);
    say(node1, false);
    sim.runFor(200);
    say(node1, true);
    node1.crash('web');
    sim.runFor(200);
    node1.runner.behaveWell();
    say(node1, false);
    sim.runFor(200);
    assert.ok(sim.ledger.isActive(WEB_KEY, 'node1', 'web'), story(sim));
    node1.runner.behave('monitor', 'web', { outcome: 'hang' });
    say(node1, true);
    say(node1, false);
    sim.runFor(100);
    node1.command({ kind: 'standby', set: 'local' });
    sim.runFor(500);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a loop process that dies while it asks what runs asks again, at a start and at the end', () => {
    const { sim, node1 } = runningPair();
    node1.runner.behave('monitor', 'web', { durationMs: 1000 });
    say(node1, true);
    sim.runFor(200);
    node1.command({ kind: 'shutdown' });
    sim.runFor(5000);
    node1.powerOn();
    sim.runFor(300);
    node1.restartLoop(100);
    sim.runFor(5000);
    assert.ok(sim.hasSaid('group-adopted', 'node1'), story(sim));
    node1.crash('web');
    say(node1, false);
    sim.runFor(300);
    node1.restartLoop(100);
    sim.runFor(5000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.ok(sim.ledger.isActive(WEB_KEY, 'node1', 'web'), story(sim));
    assertNeverTwo(sim);
  });

  it('one-way loss stops nothing', () => {
    const { sim, node1 } = runningPair();
    say(node1, true);
    sim.runFor(500);
    sim.network.setDirection('node1', 'node2', { cut: true });
    sim.runFor(60_000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.equal(sim.hasSaid('one-way-loss'), false, 'nobody says that it stops its services');
    sim.network.heal();
    say(node1, false);
    sim.runFor(20_000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('outlives the loop process, and a group that was starting goes on when it is over', () => {
    const { sim, node1, node2 } = makePair();
    node1.runner.behave('start', 'web', { durationMs: 2000 });
    node1.powerOn();
    node2.powerOn();
    sim.runUntil(() => sim.owners(WEB_KEY).length > 0, 5000);
    say(node1, true);
    sim.runFor(500);
    node1.restartLoop(300);
    sim.runFor(10_000);
    assert.equal(statusOf(sim, node1).maintenance, true);
    say(node1, false);
    sim.runFor(5000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('switched differently on the two sides of a cut, the later count wins', () => {
    const { sim, node1, node2 } = runningPair();
    say(node1, true);
    sim.runFor(500);
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(10_000);
    say(node2, false, true);
    sim.runFor(500);
    sim.network.heal();
    sim.runFor(5000);
    for (const node of [node1, node2]) assert.equal(statusOf(sim, node).maintenance, false);
    assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
  });

  it('a node that was stopped in maintenance is not taken over unless that is forced', () => {
    const { sim, node1, node2 } = runningPair();
    say(node1, true);
    sim.runFor(500);
    node1.command({ kind: 'shutdown' });
    sim.runFor(10_000);
    assert.equal(say(node2, false)?.ok, false);
    node1.powerOff();
    assert.equal(say(node2, false, true)?.ok, true);
    sim.runFor(5000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });
});

it('maintenance that begins in the middle of a start or a stop begins no further step; its end goes on with it', () => {
  const { sim, node1, node2 } = makePair({
    autoFailback: 'off',
    groups: [group('node1', 1, WEB_KEY, 'first', 'second')],
  });
  node1.runner.behave('start', 'first', { durationMs: 1000 });
  node1.powerOn();
  node2.powerOn();
  assert.ok(
    sim.runUntil(() => sim.owners(WEB_KEY).length === 1, 5000),
    story(sim),
  );
  sim.runFor(200);
  assert.equal(say(node1, true)?.ok, true);
  const { operations } = sim;
  sim.runFor(30_000);
  assert.equal(sim.operations, operations, story(sim));
  assert.equal(say(node1, false)?.ok, true);
  sim.runFor(5000);
  assert.equal(sim.operations, operations + 1, story(sim));
  assertNeverTwo(sim);
});
