/** Fencing with a device that works: who is fenced, when, and what that ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { group, MAIL, WEB } from '../../src/sim/cluster.js';
import { assertPeace, DEVICE, fencedPair, MINUTE_MS, PER_HOUR, shotsAt } from './support/fencing.js';
import { assertNeverTwo, assertOwners, makePair, ownersOf, story } from './support/pair.js';

for (const autoFailback of ['on', 'off', 'legacy'] as const) {
  describe(`a device that works, auto_failback ${autoFailback}`, () => {
    it('a node that lost its power is fenced before anything of it starts, and comes back into the cluster', () => {
      const { sim, node1 } = fencedPair({ autoFailback });
      const offMs = sim.nowMs;
      node1.powerOff();
      assert.ok(
        sim.runUntil(() => sim.fencing.attempts.length === 1, 10_000),
        story(sim),
      );
      assertOwners(sim, { web: '', mail: 'node2' });
      sim.runFor(499);
      assertOwners(sim, { web: '', mail: 'node2' });
      sim.runFor(2);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.equal(shotsAt(sim, 'node1'), 1);
      assert.ok(sim.nowMs - offMs < 5000);
      sim.runFor(MINUTE_MS);
      assertOwners(sim, { web: autoFailback === 'off' ? 'node2' : 'node1', mail: 'node2' });
      assertPeace(sim);
    });

    it('all links cut: one node survives, and it serves everything only when the other is off', () => {
      const { sim } = fencedPair({ autoFailback });
      sim.bootMs = Number.POSITIVE_INFINITY;
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(MINUTE_MS);
      assertOwners(sim, { web: 'node1', mail: 'node1' });
      assert.equal(sim.node('node2').powered, false);
      assert.equal(sim.fencing.attempts.length, 1, story(sim));
      assertNeverTwo(sim);
    });

    it('all links cut for ever: the two do not reboot each other for ever', () => {
      const { sim } = fencedPair({ autoFailback });
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(100 * MINUTE_MS);
      assertPeace(sim);
      assert.ok(shotsAt(sim, 'node1') <= PER_HOUR && shotsAt(sim, 'node2') <= PER_HOUR, story(sim));
      assert.ok(sim.hasSaid('fencing-limit'), story(sim));
      assert.equal(ownersOf(sim).web.split(' ').length, 1, story(sim));
    });

    it('a paused node is off before its services start elsewhere', () => {
      const { sim, node1 } = fencedPair({ autoFailback });
      node1.pause();
      sim.runFor(MINUTE_MS);
      assert.equal(shotsAt(sim, 'node1'), 1);
      assertPeace(sim);
    });

    it('a node whose daemon was killed with everything running is off before its services start elsewhere', () => {
      const { sim, node1 } = fencedPair({ autoFailback });
      node1.killDaemon();
      sim.runFor(10_000);
      assert.equal(shotsAt(sim, 'node1'), 1);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertPeace(sim);
    });
  });
}

describe('who is fenced', () => {
  it('a node that left in good order is not', () => {
    const { sim, node1 } = fencedPair();
    node1.command({ kind: 'shutdown' });
    sim.runFor(MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, 0, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('a node that said that it holds nothing is not', () => {
    const { sim, node1 } = fencedPair({ autoFailback: 'off' });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(5000);
    node1.powerOff();
    sim.runFor(MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, 0, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('a node that dies in the middle of its release is', () => {
    const { sim, node1 } = fencedPair({ autoFailback: 'off' });
    node1.runner.behave('stop', 'web', { durationMs: 10_000 });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(3000);
    node1.killDaemon();
    sim.runFor(10_000);
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });

  it('a node that dies in the middle of its orderly end is', () => {
    const { sim, node1 } = fencedPair({ autoFailback: 'off' });
    node1.runner.behave('stop', 'web', { durationMs: 10_000 });
    node1.command({ kind: 'shutdown' });
    sim.runFor(3000);
    node1.killDaemon();
    sim.runFor(10_000);
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
    assertPeace(sim);
  });

  it('a group whose stop fails is neither reported released nor taken', () => {
    const { sim, node1 } = fencedPair({ autoFailback: 'off' });
    node1.runner.behave('stop', 'web', { outcome: 'fail' });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(8000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertNeverTwo(sim);
    sim.runFor(MINUTE_MS);
    assert.deepEqual(sim.rebooted, ['node1'], story(sim));
    assertPeace(sim);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('the peer that a lone node never heard is, after initdead, and services start once that is confirmed', () => {
    const { sim, node2 } = makePair({ ...DEVICE });
    sim.bootMs = Number.POSITIVE_INFINITY;
    sim.fencing.behave('node2', 0, { durationMs: 3000 });
    node2.powerOn();
    sim.runFor(14_900);
    assertOwners(sim, { web: '', mail: '' });
    sim.runFor(300);
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('a peer that is first heard while a device is at work on it: nothing is taken before its outcome', () => {
    const { sim, node1, node2 } = makePair({ ...DEVICE });
    sim.fencing.behave('node2', 0, { kind: 'fails', durationMs: 20_000 });
    node2.powerOn();
    sim.runFor(15_000);
    node1.powerOn();
    sim.runFor(5000);
    assert.ok(sim.hasSaid('fencing-heard', 'node2'), story(sim));
    assert.deepEqual(sim.owners(MAIL.key), [], story(sim));
    sim.runFor(30_000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });

  it('with wait_for_peer it waits for the peer, and agrees with it', () => {
    for (const autoFailback of ['on', 'off', 'legacy'] as const) {
      const { sim, node1, node2 } = makePair({
        ...DEVICE,
        autoFailback,
        settings: { fencingWaitForPeer: true },
      });
      node2.powerOn();
      sim.runFor(10 * MINUTE_MS);
      assert.equal(sim.fencing.attempts.length, 0, story(sim));
      assertOwners(sim, { web: '', mail: '' });
      node1.powerOn();
      sim.runFor(5000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assertNeverTwo(sim);
    }
  });

  it('with wait_for_peer an operator may say that the peer is off', () => {
    const { sim, node2 } = makePair({ ...DEVICE, settings: { fencingWaitForPeer: true } });
    node2.powerOn();
    sim.runFor(MINUTE_MS);
    const id = node2.command({ kind: 'fenceConfirm', node: 'node1' });
    sim.runFor(1000);
    assert.equal(node2.replies.get(id)?.ok, true);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('nobody confirms the end of a node that is heard, unknown, or not waited for', () => {
    const { sim, node2 } = fencedPair();
    const ids = ['node1', 'node9', 'node2'].map((node) => node2.command({ kind: 'fenceConfirm', node }));
    sim.runFor(1000);
    assert.deepEqual(
      ids.map((id) => node2.replies.get(id)?.ok),
      [false, false, false],
    );
    assertOwners(sim, { web: 'node1', mail: 'node2' });
  });
});

describe('no fencing war', () => {
  it('both boot alone with a dead network: one shoots, the other falls; it ends', () => {
    const { sim, node1, node2 } = makePair({ ...DEVICE });
    sim.network.setLink(undefined, { cut: true });
    node1.powerOn();
    node2.powerOn();
    sim.runFor(12_000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    assert.equal(node2.powered, false);
    sim.runFor(100 * MINUTE_MS);
    assertPeace(sim);
    assert.ok(sim.fencing.shots.length <= 2 * PER_HOUR, story(sim));
    assert.equal(ownersOf(sim).web.split(' ').length, 1, story(sim));
  });

  it('the node that holds less waits and falls, wherever it stands in ha.cf', () => {
    const { sim } = fencedPair({ groups: [WEB, MAIL, group('node2', 3, '10.0.0.30')] });
    sim.bootMs = Number.POSITIVE_INFINITY;
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assert.equal(sim.fencing.attempts.length, 1, story(sim));
    assertPeace(sim);
  });

  it('a standby whose emptiness the active node knows does not wait: nobody else would shoot', () => {
    const { sim, node1 } = fencedPair({ autoFailback: 'off', groups: [WEB] }, 'node1', '');
    node1.powerOff();
    sim.runFor(2600);
    assert.deepEqual(sim.owners(WEB.key), ['node2'], story(sim));
  });

  it('power comes back to one node, then to the other: one fencing, and both serve', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.bootMs = Number.POSITIVE_INFINITY;
    node1.powerOff();
    node2.powerOff();
    sim.runFor(MINUTE_MS);
    node2.powerOn();
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    node1.powerOn();
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.equal(sim.fencing.attempts.length, 1, story(sim));
    assertPeace(sim);
  });

  it('the limit outlives a restart, and ends when the peer is heard', () => {
    const { sim, node1, node2 } = fencedPair();
    node1.disk.fencingRecord = { node2: { shotsS: [], blocked: true } };
    node1.powerOff();
    node2.powerOff();
    node1.powerOn();
    sim.runFor(10 * MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, 0, story(sim));
    assertOwners(sim, { web: '', mail: '' });
    node2.powerOn();
    sim.runFor(5000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.deepEqual(node1.disk.fencingRecord, {});
  });
});

describe('a loop process that dies in the middle', () => {
  it('while a device is at work: the next one awaits the same attempt', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.fencing.behave('node2', 0, { durationMs: 5000 });
    node1.killDaemon();
    sim.runFor(3000);
    node2.restartLoop(300);
    sim.runFor(500);
    assert.equal(sim.fencing.attempts.length, 0, 'the delay is not cut short');
    sim.runFor(1000);
    node2.restartLoop(300);
    sim.runFor(5000);
    assert.equal(sim.fencing.attempts.length, 1, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });

  it('while the device ends: its outcome is heard by the next one', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.fencing.behave('node2', 0, { durationMs: 1000 });
    node1.killDaemon();
    sim.runFor(2800);
    node2.restartLoop(800);
    sim.runFor(3000);
    assert.equal(sim.fencing.attempts.length, 1, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });

  it('with a peer that is silent since: what it held before counts, not what the checkpoint knew', () => {
    const { sim, node1, node2 } = fencedPair({ autoFailback: 'off', groups: [WEB] }, 'node1', '');
    node1.pause();
    node2.restartLoop(900);
    sim.runFor(8000);
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
    assert.deepEqual(sim.owners(WEB.key), ['node2'], story(sim));
    assertPeace(sim);
  });

  it('between two attempts: the next one goes on', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    node1.killDaemon();
    sim.runFor(4000);
    node2.restartLoop(300);
    sim.fencing.behaveWell();
    sim.runFor(6000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });
});

describe('maintenance', () => {
  it('nobody is fenced in it; afterwards the dead node is, and only then taken over', () => {
    const { sim, node1, node2 } = fencedPair();
    node2.command({ kind: 'maintenance', on: true, force: false });
    sim.runFor(1000);
    node1.powerOff();
    sim.runFor(MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, 0, story(sim));
    node2.command({ kind: 'maintenance', on: false, force: false });
    sim.runFor(10_000);
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });

  it('begun while a device is at work: its outcome counts when maintenance is over', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.bootMs = Number.POSITIVE_INFINITY;
    sim.fencing.behave('node2', 0, { durationMs: 5000 });
    node1.killDaemon();
    sim.runFor(5000);
    node2.command({ kind: 'maintenance', on: true, force: false });
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: '', mail: 'node2' });
    node2.command({ kind: 'maintenance', on: false, force: false });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assert.equal(shotsAt(sim, 'node1'), 1, story(sim));
  });
});

describe('a node that starts and is paused before it holds anything', () => {
  it('does not take what its peer has taken meanwhile, on the word of packets that waited', () => {
    const { sim, node1, node2 } = makePair({ ...DEVICE, deadtimeMs: 2000, initdeadMs: 20_000 });
    sim.network.setDirection('node1', 'node2', { cut: true });
    node1.powerOn();
    node2.powerOn();
    sim.runFor(1000);
    node2.pause();
    sim.network.heal();
    sim.runFor(10_000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    node2.resume('packets');
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });
});
