import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { KEYS, PAIR, pairConfig } from '../../src/sim/cluster.js';
import { Simulation } from '../../src/sim/simulation.js';
import { assertNeverTwo, assertOwners, makePair, runningPair, story, WEB_KEY } from './support/pair.js';

const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];

function lastOverlapEndMs(sim: Simulation): number {
  return Math.max(...sim.ledger.overlaps().map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY));
}

for (const autoFailback of MODES) {
  describe(`partition, auto_failback ${autoFailback}`, () => {
    it('one of two links cut moves nothing and is said on both nodes', () => {
      const { sim } = runningPair({ autoFailback });
      const changes = sim.ledger.changes.length;
      sim.network.setLink('eth1', { cut: true });
      sim.runFor(60_000);
      assert.ok(sim.hasSaid('link-dead', 'node1') && sim.hasSaid('link-dead', 'node2'), story(sim));
      sim.network.heal();
      sim.runFor(10_000);
      assert.equal(sim.ledger.changes.length, changes, story(sim));
    });

    it('with both links cut each serves and says why; healed, the owner before keeps and the other has stopped before its announcement', () => {
      const { sim } = runningPair({ autoFailback });
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node1 node2', mail: 'node1 node2' });
      assert.ok(sim.hasSaid('group-takeover', 'node1') && sim.hasSaid('group-takeover', 'node2'), story(sim));
      const healMs = sim.nowMs;
      sim.network.heal();
      sim.runFor(2000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      const endMs = lastOverlapEndMs(sim);
      assert.ok(endMs - healMs < 2000, story(sim));
      const told = sim.announced.find(
        ({ atMs, node, addresses }) => atMs >= healMs && node === 'node1' && addresses.includes(WEB_KEY),
      );
      assert.ok(told !== undefined, story(sim));
      const gaveUp = sim.ledger.changes.find(({ atMs, group }) => atMs >= healMs && group === WEB_KEY);
      assert.ok(gaveUp !== undefined && told.atMs >= gaveUp.atMs, story(sim));
      sim.runFor(60_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
      assert.deepEqual(
        sim.ledger.changes.filter(({ atMs, owners }) => atMs >= healMs && owners.length === 0),
        [],
        story(sim),
      );
    });

    it('one-way loss: the unheard active node has stopped before its peer takes over', () => {
      for (const [from, to] of [
        ['node1', 'node2'],
        ['node2', 'node1'],
      ] as const) {
        const { sim } = runningPair({ autoFailback });
        sim.network.setDirection(from, to, { cut: true });
        sim.runFor(60_000);
        assertNeverTwo(sim);
        assertOwners(sim, { web: to, mail: to });
        sim.network.heal();
        sim.runFor(60_000);
        assertNeverTwo(sim);
        assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
      }
    });

    it('with the wrong key on one node each side is alone', () => {
      const { sim, node1, node2 } = runningPair({ autoFailback });
      node2.rekey({ activeIndex: 1, keys: [{ index: 1, method: 'sha1', key: 'other' }] });
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node1 node2', mail: 'node1 node2' });
      assert.ok(node1.rejectedPackets > 0 && node2.rejectedPackets > 0);
    });

    it('a node that restarts alone during the partition does not disturb the owner at healing', () => {
      const { sim, node2 } = runningPair({ autoFailback, initdeadMs: 3000 });
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(1000);
      node2.powerOff();
      node2.powerOn();
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node1 node2', mail: 'node1 node2' });
      sim.network.heal();
      sim.runFor(2000);
      assert.deepEqual([sim.owners(WEB_KEY).length, sim.owners('10.0.0.20').length], [1, 1], story(sim));
      sim.runFor(60_000);
      assert.deepEqual([sim.owners(WEB_KEY).length, sim.owners('10.0.0.20').length], [1, 1], story(sim));
    });
  });

  describe(`hostile and lossy networks, auto_failback ${autoFailback}`, () => {
    it('a fifth of all packets lost for a minute, on both links, moves nothing', () => {
      const { sim } = runningPair({ autoFailback, seed: 7 });
      const changes = sim.ledger.changes.length;
      sim.network.setLink(undefined, { lossRate: 0.2 });
      sim.runFor(60_000);
      assert.equal(sim.ledger.changes.length, changes, story(sim));
      assert.equal(sim.hasSaid('peer-dead-why'), false);
    });

    it('delay, reordering, duplicates and corruption move nothing', () => {
      const { sim } = runningPair({ autoFailback, seed: 8 });
      const changes = sim.ledger.changes.length;
      sim.network.setLink(undefined, { jitterMs: 300, duplicateRate: 0.3, corruptRate: 0.1, lossRate: 0.05 });
      sim.runFor(60_000);
      assert.equal(sim.ledger.changes.length, changes, story(sim));
    });

    it('packets sent again later change nothing, whatever they said then', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      sim.network.record = true;
      node1.powerOn();
      node2.powerOn();
      sim.runFor(5000);
      node1.command({ kind: 'shutdown' });
      sim.runFor(2000);
      node1.powerOn();
      sim.runFor(2000);
      if (autoFailback !== 'legacy') node2.command({ kind: 'takeover', set: 'all' });
      sim.runFor(5000);
      sim.network.record = false;
      const before = { web: sim.owners(WEB_KEY).join(' '), mail: sim.owners('10.0.0.20').join(' ') };
      const changes = sim.ledger.changes.length;
      const { operations } = sim;
      sim.network.archive.forEach(({ from, link, packet }, index) => {
        sim.queue.after(index * 3, () => sim.network.send(from, link, { bytes: packet.bytes }));
      });
      sim.runFor(60_000);
      assertOwners(sim, before);
      assert.equal(sim.operations, operations, story(sim));
      assert.equal(sim.ledger.changes.length, changes, story(sim));
    });

    it('replayed packets do not keep a dead node alive', () => {
      const { sim, node1, node2 } = makePair({ autoFailback });
      sim.network.record = true;
      node1.powerOn();
      node2.powerOn();
      sim.runFor(5000);
      node1.powerOff();
      sim.network.record = false;
      for (let round = 0; round < 20; round++) {
        sim.network.archive.forEach(({ from, link, packet }, index) => {
          sim.queue.after(round * 1000 + index * 3, () => {
            if (from === 'node1') sim.network.send(from, link, { bytes: packet.bytes });
          });
        });
      }
      sim.runFor(2200);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      sim.runFor(30_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assert.equal(sim.hasSaid('partition-healed'), false, story(sim));
    });
  });
}

describe('a partition that heals in one direction first', () => {
  for (const autoFailback of MODES) {
    it(`two owners end within some keepalives of the first direction, failback ${autoFailback}`, () => {
      for (const [from, to] of [
        ['node1', 'node2'],
        ['node2', 'node1'],
      ] as const) {
        const { sim } = runningPair({ autoFailback });
        sim.network.setLink(undefined, { cut: true });
        sim.runFor(10_000);
        sim.network.setDirection(from, to, { cut: false });
        sim.runFor(1500);
        assertOwners(sim, { web: from, mail: from });
        sim.runFor(30_000);
        assertOwners(sim, { web: from, mail: from });
        sim.network.heal();
        sim.runFor(5000);
        const back = autoFailback === 'on';
        assertOwners(sim, { web: back ? 'node1' : from, mail: back ? 'node2' : from });
      }
    });
  }
});

it('after one-way loss with failback on the groups return to their preferred node', () => {
  const { sim } = runningPair({ autoFailback: 'on' });
  sim.network.setDirection('node1', 'node2', { cut: true });
  sim.runFor(20_000);
  assertOwners(sim, { web: 'node2', mail: 'node2' });
  sim.network.heal();
  sim.runFor(3000);
  assertOwners(sim, { web: 'node1', mail: 'node2' });
  assertNeverTwo(sim);
});

describe('the end of a peer that was deaf before', () => {
  it('never stops what the punctual node serves, whatever the peer had not confirmed', () => {
    // Later the lease of 1500 ms ends within two keepalives of the last heartbeat: nobody can tell that from one-way loss.
    for (let deafMs = 500; deafMs <= 1000; deafMs += 50) {
      const { sim, node2 } = runningPair({ autoFailback: 'off' });
      const changes = sim.ledger.changes.filter(({ group }) => group === WEB_KEY).length;
      sim.network.setDirection('node1', 'node2', { cut: true });
      sim.runFor(deafMs);
      node2.powerOff();
      sim.runFor(10_000);
      assertOwners(sim, { web: 'node1', mail: 'node1' });
      const moves = sim.ledger.changes.filter(({ group }) => group === WEB_KEY).length - changes;
      assert.equal(moves, 0, `deaf for ${deafMs} ms\n${story(sim)}`);
    }
  });
});

it('after a partition the owner before keeps what it has, also where the other node is the preferred one', () => {
  const { sim, node1 } = runningPair({ autoFailback: 'off' });
  node1.command({ kind: 'standby', set: 'all' });
  sim.runFor(2000);
  assertOwners(sim, { web: 'node2', mail: 'node2' });
  sim.network.setLink(undefined, { cut: true });
  sim.runFor(10_000);
  assertOwners(sim, { web: 'node1 node2', mail: 'node1 node2' });
  const before = sim.ledger.changes.length;
  sim.network.heal();
  sim.runFor(10_000);
  assertOwners(sim, { web: 'node2', mail: 'node2' });
  assert.equal(sim.ledger.changes.length - before, 2, story(sim));
});

describe('a node that starts and hears nothing although it is heard', () => {
  for (const autoFailback of MODES) {
    it(`the running node has stopped before it takes everything, failback ${autoFailback}`, () => {
      const { sim, node1, node2 } = makePair({ autoFailback, initdeadMs: 6000 });
      node1.powerOn();
      node2.powerOn();
      sim.runFor(3000);
      node2.powerOff();
      sim.runFor(5000);
      sim.network.setDirection('node1', 'node2', { cut: true });
      node2.powerOn();
      sim.runFor(20_000);
      assertOwners(sim, { web: 'node2', mail: 'node2' });
      assertNeverTwo(sim);
      sim.network.heal();
      sim.runFor(10_000);
      assertOwners(sim, { web: autoFailback === 'on' ? 'node1' : 'node2', mail: 'node2' });
      assertNeverTwo(sim);
    });
  }
});

it('a third node that has no part in the groups may be deaf, late or dead: nothing is stopped for it', () => {
  const names = ['node1', 'node2', 'node3'];
  const sim = new Simulation({
    nodes: names.map((name) => ({
      config: pairConfig(name, { ...PAIR, nodes: names, autoFailback: 'off' }),
      authKeys: KEYS,
    })),
    links: ['eth1', 'eth2'],
    seed: 1,
  });
  for (const name of names) sim.node(name).powerOn();
  sim.runFor(5000);
  assertOwners(sim, { web: 'node1', mail: 'node2' });
  const { length } = sim.ledger.changes;
  for (const name of ['node1', 'node2']) sim.network.setDirection(name, 'node3', { cut: true });
  sim.runFor(10_000);
  sim.node('node3').powerOff();
  sim.runFor(10_000);
  assert.ok(!sim.hasSaid('one-way-loss', 'node1') && !sim.hasSaid('one-way-loss', 'node2'), story(sim));
  assert.equal(sim.ledger.changes.length, length, story(sim));
});

it('after a short silence that ends in one direction only the unheard node is gone before the verdict on it', () => {
  for (let silentMs = 400; silentMs <= 1300; silentMs += 100) {
    const { sim } = runningPair({ autoFailback: 'off' });
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(silentMs);
    sim.network.setDirection('node2', 'node1', { cut: false });
    sim.runFor(20_000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  }
});
