/** Fencing with devices that are not good. Every row says whether two owners can be. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertPeace, fencedPair, MINUTE_MS, PER_HOUR, shotsAt } from './support/fencing.js';
import { assertOwners, story } from './support/pair.js';

describe('a device that is not good', () => {
  it('fails: no takeover, loudly, tried again; an operator goes on', () => {
    const { sim, node1, node2 } = fencedPair();
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    node1.powerOff();
    sim.runFor(10 * MINUTE_MS);
    assertOwners(sim, { web: '', mail: 'node2' });
    assert.ok(sim.hasSaid('fencing-stuck', 'node2'), story(sim));
    assert.equal(
      sim.fencing.attempts.length,
      8,
      'a failure that is sure does not use up the fencings of the hour',
    );
    const id = node2.command({ kind: 'fenceConfirm', node: 'node1' });
    sim.runFor(1000);
    assert.equal(node2.replies.get(id)?.ok, true);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
  });

  it('fails: a node that is heard healthy again is not fenced any more', () => {
    const { sim } = fencedPair();
    sim.fencing.behave('node1', 0, { kind: 'fails' });
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    sim.network.heal();
    sim.runFor(2000);
    const { length } = sim.fencing.attempts;
    sim.runFor(10 * MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, length, story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });

  it('fails: the next device in order is tried', () => {
    const { sim, node1 } = fencedPair({ stonith: ['external/first', 'external/second'] });
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    node1.powerOff();
    sim.runFor(12_000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assert.equal(sim.fencing.attempts.length, 3, story(sim));
  });

  it('hangs: every attempt has its deadline; nothing is taken over', () => {
    const { sim, node1 } = fencedPair({ settings: { fencingDeadlineMs: 20_000 } });
    sim.fencing.behave('node2', 0, { kind: 'hangs' });
    node1.powerOff();
    sim.runFor(60 * MINUTE_MS);
    assertOwners(sim, { web: '', mail: 'node2' });
    assert.equal(sim.fencing.attempts.length, 2 * PER_HOUR, story(sim));
    assert.ok(sim.hasSaid('fencing-limit', 'node2'), story(sim));
  });

  it('is slow by 30 s: nothing starts before it is done', () => {
    const { sim, node1 } = fencedPair();
    sim.fencing.behave('node2', 0, { durationMs: 30_000 });
    node1.killDaemon();
    sim.runFor(33_500);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertPeace(sim);
  });

  it('is slow by 30 s on both, and all links are cut: both may fall, none twice, never two owners', () => {
    const { sim } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { durationMs: 30_000 });
    sim.network.setLink(undefined, { cut: true });
    sim.at(sim.nowMs + 50_000, () => sim.network.heal());
    sim.runFor(10 * MINUTE_MS);
    assertPeace(sim);
    assert.ok(sim.fencing.shots.length <= 2, story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
  });

  it('works on both, and both shoot at once: both fall, never two owners, and both serve again', () => {
    const { sim } = fencedPair({ settings: { fencingDelayMs: 0 } });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(4000);
    assertOwners(sim, { web: '', mail: '' });
    assert.equal(sim.fencing.shots.length, 2, story(sim));
    sim.network.heal();
    sim.runFor(MINUTE_MS);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assert.equal(sim.fencing.shots.length, 2, story(sim));
    assertPeace(sim);
  });

  it('what it does is told to the peers in the words of the original', () => {
    const { sim, node1 } = fencedPair({ recordEffects: true });
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    node1.powerOff();
    sim.runFor(6000);
    sim.fencing.behaveWell();
    sim.runFor(6000);
    const words = (sim.effects?.lines ?? [])
      .map((line) => /"stonith".*"node1".*"(OK|bad|n_stnth|unneeded)"/.exec(line)?.[1])
      .filter((word) => word !== undefined);
    assert.deepEqual(words, ['bad', 'OK'], story(sim));
  });

  it('lies: two owners (the stated row) until the links heal, then an alarm, and it is not believed again', () => {
    const { sim, node1 } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { kind: 'lies' });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(10_000);
    sim.network.heal();
    sim.runFor(20_000);
    assert.ok(sim.hasSaid('fencing-lied', 'node1') && sim.hasSaid('fencing-lied', 'node2'), story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    const { length } = sim.fencing.attempts;
    const overlaps = sim.ledger.overlaps().length;
    node1.powerOff();
    sim.runFor(10 * MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, length, story(sim));
    assert.ok(sim.hasSaid('fencing-no-device', 'node2'), story(sim));
    assertOwners(sim, { web: '', mail: 'node2' });
    assert.equal(sim.ledger.overlaps().length, overlaps);
  });

  it('fences the wrong node (the one that asked) and says OK: never two owners, no endless reboots', () => {
    const { sim } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { kind: 'wrongNode' });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(100 * MINUTE_MS);
    assertPeace(sim);
    assert.ok(shotsAt(sim, 'node1') <= PER_HOUR && shotsAt(sim, 'node2') <= PER_HOUR, story(sim));
  });

  it('resets and says that it failed: no takeover, and the node is heard when it is back', () => {
    const { sim, node1 } = fencedPair();
    sim.fencing.behave('node2', 0, { kind: 'silent' });
    node1.killDaemon();
    sim.runFor(3 * MINUTE_MS);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });
});

describe('a peer that is heard while a device is at work on it', () => {
  it('is reset: nothing is taken over until it is silent, and it is not shot twice', () => {
    const { sim } = fencedPair();
    sim.bootMs = Number.POSITIVE_INFINITY;
    sim.fencing.behave('node1', 0, { durationMs: 10_000 });
    sim.fencing.behave('node2', 0, { kind: 'fails' });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(5000);
    sim.network.heal();
    sim.runFor(6000);
    assert.ok(sim.hasSaid('fencing-heard', 'node1'), story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    sim.runFor(1050);
    assert.equal(sim.node('node2').powered, false);
    assertOwners(sim, { web: 'node1', mail: '' });
    sim.runFor(3000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    assert.equal(shotsAt(sim, 'node2'), 1, story(sim));
    assertPeace(sim);
  });

  it('survives because the device fails: it is left alone', () => {
    const { sim } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { kind: 'fails', durationMs: 10_000 });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(5000);
    sim.network.heal();
    sim.runFor(10 * MINUTE_MS);
    assert.equal(sim.fencing.attempts.length, 2, story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });

  it('survives because the device lies: it is left alone, and the device is not believed', () => {
    const { sim } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { kind: 'lies', durationMs: 10_000 });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(5000);
    sim.network.heal();
    sim.runFor(10 * MINUTE_MS);
    assert.ok(sim.hasSaid('fencing-lied', 'node1'), story(sim));
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertPeace(sim);
  });

  it('leaves in good order meanwhile: what it had is taken over when the device has ended', () => {
    const { sim, node2 } = fencedPair();
    for (const name of ['node1', 'node2']) sim.fencing.behave(name, 0, { kind: 'fails', durationMs: 10_000 });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(5000);
    sim.network.heal();
    sim.runFor(1000);
    node2.command({ kind: 'shutdown' });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node1', mail: '' });
    sim.runFor(10_000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    assertPeace(sim);
  });
});
