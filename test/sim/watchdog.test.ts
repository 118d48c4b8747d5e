import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { group } from '../../src/sim/cluster.js';
import { assertNeverTwo, makePair, type PairSetup, story } from './support/pair.js';

const SERVICE = 'web';
const DEADTIMES_MS = [2000, 5000, 10_000];

function servingPair(setup: PairSetup) {
  const pair = makePair({
    watchdog: true,
    autoFailback: 'off',
    groups: [group('node1', 1, SERVICE)],
    keepaliveMs: 200,
    initdeadMs: 25_000,
    ...setup,
  });
  pair.node1.powerOn();
  pair.node2.powerOn();
  pair.sim.runFor(15_000);
  assert.deepEqual(pair.sim.owners(SERVICE), ['node1'], story(pair.sim));
  return pair;
}

describe('a node with a watchdog', () => {
  it('runs on without a reset, and ends without one when it is stopped in order', () => {
    const { sim, node1, node2 } = servingPair({});
    sim.runFor(120_000);
    node1.command({ kind: 'shutdown' });
    sim.runFor(30_000);
    assert.equal(node1.exitCode, 0, story(sim));
    assert.equal(node1.watchdog.resets + node2.watchdog.resets, 0);
    assert.ok(node1.powered);
    assertNeverTwo(sim);
  });

  for (const deadtimeMs of DEADTIMES_MS) {
    it(`is reset before its peer takes over when everything on it hangs, deadtime ${deadtimeMs} ms`, () => {
      const { sim, node1 } = servingPair({ deadtimeMs });
      node1.pause();
      sim.runFor(deadtimeMs * 3);
      assert.equal(node1.watchdog.resets, 1, story(sim));
      assert.deepEqual(sim.owners(SERVICE), ['node2'], story(sim));
      assertNeverTwo(sim);
    });

    it(`is reset before its peer takes over when all its processes are killed, deadtime ${deadtimeMs} ms`, () => {
      const { sim, node1 } = servingPair({ deadtimeMs });
      node1.killDaemon();
      sim.runFor(deadtimeMs * 3);
      assert.equal(node1.watchdog.resets, 1, story(sim));
      assert.deepEqual(sim.owners(SERVICE), ['node2'], story(sim));
      assertNeverTwo(sim);
    });

    it(`is reset when it is not heard any more and its scripts do not stop, deadtime ${deadtimeMs} ms`, () => {
      const { sim, node1 } = servingPair({ deadtimeMs });
      node1.runner.behave('stop', SERVICE, { outcome: 'hang' });
      sim.network.setDirection('node1', 'node2', { cut: true });
      sim.runFor(deadtimeMs * 3);
      assert.equal(node1.watchdog.resets, 1, story(sim));
      assert.deepEqual(sim.owners(SERVICE), ['node2'], story(sim));
      assertNeverTwo(sim);
    });
  }

  it('is not reset when its scripts stop in time after the lease', () => {
    const { sim, node1 } = servingPair({ deadtimeMs: 10_000 });
    node1.runner.behave('stop', SERVICE, { durationMs: 2000 });
    sim.network.setDirection('node1', 'node2', { cut: true });
    sim.runFor(40_000);
    assert.equal(node1.watchdog.resets, 0, story(sim));
    assert.deepEqual(sim.owners(SERVICE), ['node2'], story(sim));
    assertNeverTwo(sim);
  });

  it('is not reset when its loop process dies and the next one goes on at once', () => {
    const { sim, node1 } = servingPair({});
    const { length } = sim.ledger.changes;
    node1.restartLoop(300);
    sim.runFor(30_000);
    assert.equal(node1.watchdog.resets, 0, story(sim));
    assert.equal(sim.ledger.changes.length, length, story(sim));
  });

  for (const [keepaliveMs, deadtimeMs] of [
    [1000, 10_000],
    [200, 2000],
  ] as const) {
    it(`goes on serving while its peer sleeps or restarts its loop within the deadtime of ${deadtimeMs} ms`, () => {
      for (let share = 0.2; share < 0.9; share += 0.05) {
        const { sim, node1, node2 } = servingPair({ keepaliveMs, deadtimeMs });
        const { length } = sim.ledger.changes;
        node2.pause();
        sim.runFor(share * deadtimeMs);
        node2.resume('timers');
        sim.runFor(3 * deadtimeMs);
        node2.watchdog.stop();
        node2.restartLoop(share * deadtimeMs);
        sim.runFor(3 * deadtimeMs);
        assert.equal(node1.watchdog.resets, 0, story(sim));
        assert.equal(sim.ledger.changes.length, length, `${share}\n${story(sim)}`);
        assert.ok(!sim.hasSaid('one-way-loss', 'node1'), story(sim));
      }
    });
  }

  it('tells the others to wait longer where its timeout does not fit into the deadtime', () => {
    const { sim, node2 } = servingPair({ deadtimeMs: 1000 });
    const told = node2.state?.peers.get('node1')?.announcedDeadtimeMs;
    assert.equal(told, 1000 * 0.6 + 1000 + 250);
    sim.node('node1').pause();
    sim.runFor(10_000);
    assertNeverTwo(sim);
  });

  it('is reset when a stop is impossible and the reboot that it asked for does not come', () => {
    const { sim, node1 } = servingPair({});
    node1.rebootWorks = false;
    node1.runner.behave('stop', SERVICE, { outcome: 'fail' });
    node1.command({ kind: 'standby', set: 'all' });
    assert.ok(
      sim.runUntil(() => sim.rebooted.includes('node1'), 120_000),
      story(sim),
    );
    sim.runFor(1500);
    assert.equal(node1.watchdog.resets, 1, story(sim));
  });
});

describe('a node without a watchdog', () => {
  it('announces its deadtime', () => {
    const { node2 } = servingPair({ watchdog: false });
    assert.equal(node2.state?.peers.get('node1')?.announcedDeadtimeMs, 2000);
  });

  it('keeps its service when it hangs: that is what the watchdog is for', () => {
    const { sim, node1 } = servingPair({ watchdog: false });
    node1.pause();
    sim.runFor(10_000);
    assert.equal(sim.owners(SERVICE).join(' '), 'node1 node2', story(sim));
    node1.resume('packets');
    sim.runFor(10_000);
    assert.equal(sim.owners(SERVICE).length, 1, story(sim));
  });
});
