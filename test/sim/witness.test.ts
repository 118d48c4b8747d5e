/** What ping hosts decide, and what they cannot (heartbeat-admin.md 8.2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  assertNeverTwo,
  assertOwners,
  ownersOf,
  type Pair,
  type PairSetup,
  runningPair,
  story,
} from './support/pair.js';

const ROUTER = 'router';
const SWITCH = 'switch';

function pairWith(setup: PairSetup = {}): Pair {
  return runningPair({ witnesses: [ROUTER], autoFailback: 'off', ...setup });
}

/** Every link between the nodes is dead, and that node does not reach the witnesses either. */
function cutOff({ sim }: Pair, ...nodes: readonly string[]): void {
  sim.network.setLink(undefined, { cut: true });
  for (const node of nodes) sim.network.setWitness(node, undefined, false);
}

describe('the node that sees fewer witnesses hands over', () => {
  it('when one node loses a ping host, everything goes to the other', () => {
    const pair = pairWith();
    pair.sim.network.setWitness('node1', ROUTER, false);
    pair.sim.runFor(15_000);
    assertOwners(pair.sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(pair.sim);
    assert.ok(pair.sim.hasSaid('witness-fewer', 'node1'));
  });

  it('when both lose it, nothing moves', () => {
    const pair = pairWith();
    const moves = pair.sim.ledger.changes.length;
    pair.sim.network.setWitness('node1', ROUTER, false);
    pair.sim.network.setWitness('node2', ROUTER, false);
    pair.sim.runFor(30_000);
    assert.equal(pair.sim.ledger.changes.length, moves, story(pair.sim));
  });

  it('when the other node loses it within the delay, nothing moves', () => {
    const pair = pairWith();
    const moves = pair.sim.ledger.changes.length;
    pair.sim.network.setWitness('node1', ROUTER, false);
    pair.sim.runFor(700);
    pair.sim.network.setWitness('node2', ROUTER, false);
    pair.sim.runFor(30_000);
    assert.ok(pair.sim.hasSaid('witness-balanced', 'node1'), story(pair.sim));
    assert.equal(pair.sim.ledger.changes.length, moves, story(pair.sim));
  });

  it('two of three seen against one of three: the better view serves, and nothing comes back by itself', () => {
    const pair = pairWith({ witnesses: [ROUTER, SWITCH, 'third'] });
    pair.sim.network.setWitness('node1', ROUTER, false);
    pair.sim.network.setWitness('node1', SWITCH, false);
    pair.sim.network.setWitness('node2', ROUTER, false);
    pair.sim.runFor(15_000);
    assertOwners(pair.sim, { web: 'node2', mail: 'node2' });
    pair.sim.network.heal();
    pair.sim.runFor(30_000);
    assertOwners(pair.sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(pair.sim);
  });

  it('[witness] handover = no moves nothing', () => {
    const pair = pairWith({ settings: { witnessHandover: false } });
    pair.sim.network.setWitness('node1', ROUTER, false);
    pair.sim.runFor(15_000);
    assertOwners(pair.sim, { web: 'node1', mail: 'node2' });
  });
});

describe('a silent partner and no fencing device', () => {
  for (const loser of ['node1', 'node2']) {
    it(`exactly one node, ${loser}, loses everything: it stops before the other takes over`, () => {
      const pair = pairWith();
      cutOff(pair, loser);
      pair.sim.runFor(20_000);
      const winner = loser === 'node1' ? 'node2' : 'node1';
      assertOwners(pair.sim, { web: winner, mail: winner });
      assertNeverTwo(pair.sim);
      pair.sim.network.heal();
      pair.sim.runFor(30_000);
      assert.deepEqual(ownersOf(pair.sim), { web: winner, mail: winner }, story(pair.sim));
      assertNeverTwo(pair.sim);
    });
  }

  it('none sees a witness: both stop, and both serve again when the network is back', () => {
    const pair = pairWith();
    cutOff(pair, 'node1', 'node2');
    pair.sim.runFor(20_000);
    assertOwners(pair.sim, { web: '', mail: '' });
    pair.sim.network.heal();
    pair.sim.runFor(40_000);
    const { web, mail } = ownersOf(pair.sim);
    assert.ok(web !== '' && mail !== '', story(pair.sim));
    assertNeverTwo(pair.sim);
  });

  it('[witness] none = stay: both stay', () => {
    const pair = pairWith({ settings: { witnessNone: 'stay' } });
    cutOff(pair, 'node1', 'node2');
    pair.sim.runFor(20_000);
    assertOwners(pair.sim, { web: 'node1 node2', mail: 'node1 node2' });
  });

  it('both still see the witness: two owners, as nobody can know better', () => {
    const pair = pairWith();
    cutOff(pair);
    pair.sim.runFor(20_000);
    assertOwners(pair.sim, { web: 'node1 node2', mail: 'node1 node2' });
  });

  it('[witness] seen = stop: none rather than two', () => {
    const pair = pairWith({ settings: { witnessSeen: 'stop' } });
    cutOff(pair);
    pair.sim.runFor(20_000);
    assertOwners(pair.sim, { web: '', mail: '' });
  });

  it('a node that loses power is taken over from, as a witness answers', () => {
    const pair = pairWith();
    pair.node1.powerOff();
    pair.sim.runFor(10_000);
    assertOwners(pair.sim, { web: 'node2', mail: 'node2' });
  });

  it('a node that lost its partner and then the witness serves again a deadtime after the witness is back', () => {
    const pair = pairWith();
    pair.sim.network.setWitness('node2', undefined, false);
    pair.node1.powerOff();
    pair.sim.runFor(20_000);
    assertOwners(pair.sim, { web: '', mail: '' });
    pair.sim.network.setWitness('node2', undefined, true);
    pair.sim.runFor(10_000);
    assertOwners(pair.sim, { web: 'node2', mail: 'node2' });
  });
});
