import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertNeverTwo, assertOwners, runningPair, story } from './support/pair.js';

describe('hb_standby and hb_takeover', () => {
  const cases = [
    { kind: 'standby', node: 'node1', set: 'all', web: 'node2', mail: 'node2' },
    { kind: 'standby', node: 'node1', set: 'local', web: 'node2', mail: 'node2' },
    { kind: 'standby', node: 'node1', set: 'foreign', web: 'node1', mail: 'node2' },
    { kind: 'takeover', node: 'node1', set: 'all', web: 'node1', mail: 'node1' },
    { kind: 'takeover', node: 'node1', set: 'foreign', web: 'node1', mail: 'node1' },
    { kind: 'takeover', node: 'node1', set: 'local', web: 'node1', mail: 'node2' },
  ] as const;
  for (const autoFailback of ['on', 'off'] as const) {
    for (const { kind, node, set, web, mail } of cases) {
      it(`${kind} ${set} on a node that runs its own, failback ${autoFailback}`, () => {
        const { sim } = runningPair({ autoFailback });
        const id = sim.node(node).command({ kind, set });
        sim.runFor(1000);
        assertOwners(sim, { web, mail });
        assert.equal(sim.node(node).replies.get(id)?.ok, true, story(sim));
        sim.runFor(60_000);
        assertOwners(sim, { web, mail });
        assertNeverTwo(sim);
      });
    }
  }

  it('what was given away comes back with hb_takeover', () => {
    const { sim, node1 } = runningPair({ autoFailback: 'on' });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(1000);
    node1.command({ kind: 'takeover', set: 'local' });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('the giver keeps nothing that the taker started while it was still stopping', () => {
    const { sim, node1 } = runningPair({ autoFailback: 'off' });
    node1.runner.behave('stop', 'web', { durationMs: 5000 });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(4900);
    assertOwners(sim, { web: 'node1', mail: 'node2' });
    sim.runFor(1000);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a giver that dies in the middle is replaced after deadtime', () => {
    const { sim, node1 } = runningPair({ autoFailback: 'off' });
    node1.runner.behave('stop', 'web', { outcome: 'hang' });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(1000);
    node1.powerOff();
    sim.runFor(2100);
    assertOwners(sim, { web: 'node2', mail: 'node2' });
    assertNeverTwo(sim);
  });

  it('a taker that dies in the middle leaves the giver serving', () => {
    const { sim, node1, node2 } = runningPair({ autoFailback: 'off' });
    node2.runner.behave('start', 'web', { outcome: 'hang' });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(1000);
    node2.powerOff();
    sim.runFor(2100);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    assertNeverTwo(sim);
  });

  it('a request typed while the peer is dead is refused with the reason', () => {
    const { sim, node1, node2 } = runningPair({ autoFailback: 'off' });
    node2.powerOff();
    sim.runFor(5000);
    const id = node1.command({ kind: 'standby', set: 'all' });
    assert.deepEqual(node1.replies.get(id), { ok: false, text: 'node2 is dead.' });
    assertOwners(sim, { web: 'node1', mail: 'node1' });
  });

  it('a request that arrives after its giver has stopped everything leaves no service without a node', () => {
    for (let healMs = 1550; healMs < 2000; healMs += 50) {
      const { sim, node1 } = runningPair();
      sim.network.setDirection('node1', 'node2', { cut: true });
      sim.runFor(300);
      node1.command({ kind: 'standby', set: 'all' });
      sim.runFor(healMs - 300);
      assert.ok(sim.hasSaid('one-way-loss', 'node1'), story(sim));
      sim.network.heal();
      sim.runFor(20_000);
      assertOwners(sim, { web: 'node1', mail: 'node2' });
    }
  });
});
