import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makePair, story } from './support/pair.js';

it('a group given away to a node that had to stop meanwhile is taken back, not left down for an hour', () => {
  const { sim, node1, node2 } = makePair({
    isolated: 'stop',
    keepaliveMs: 100,
    deadtimeMs: 1000,
    initdeadMs: 3000,
  });
  node1.powerOn();
  node2.powerOn();
  sim.runFor(200);
  // node1 is asked to take, is not heard, and gives the handshake up because its own lease ends.
  sim.network.setDirection('node1', 'node2', { cut: true });
  node2.command({ kind: 'standby', set: 'local' });
  sim.runFor(674);
  sim.network.setDirection('node1', 'node2', { cut: false });
  sim.runFor(10_000);
  assert.ok(sim.hasSaid('one-way-loss', 'node1'), story(sim));
  assert.equal(sim.owners('10.0.0.20').length, 1, story(sim));
  assert.equal(node2.state?.resources.standby, null);
});
