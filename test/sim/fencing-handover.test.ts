import assert from 'node:assert/strict';
import { it } from 'node:test';
import { group } from '../../src/sim/cluster.js';
import { assertPeace, DEVICE, MINUTE_MS } from './support/fencing.js';
import { makePair, story } from './support/pair.js';

const WEB = group('node1', 1, '10.0.0.10', 'web');

it('a handover that is cut off at any moment, by lossy links, never has two owners, and seldom ends both nodes', (context) => {
  let bothFell = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const { sim, node1, node2 } = makePair({ ...DEVICE, groups: [WEB], autoFailback: 'off', seed });
    node1.powerOn();
    node2.powerOn();
    sim.runFor(5000);
    sim.network.setLink(undefined, { lossRate: 0.6 });
    node1.command({ kind: 'standby', set: 'all' });
    sim.runFor(seed * 5);
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(12_000);
    if (sim.owners(WEB.key).length === 0) bothFell += 1;
    sim.runFor(3 * MINUTE_MS);
    assertPeace(sim);
    assert.equal(sim.owners(WEB.key).length, 1, `seed ${seed}\n${story(sim)}`);
  }
  context.diagnostic(`both fell in ${bothFell} of 50 handovers`);
  assert.ok(bothFell <= 9, `both fell in ${bothFell} of 50 handovers`);
});

it('what was given away just before the network broke is not taken back without fencing the node that may have it', () => {
  const mail = group('node2', 2, '10.0.0.20', 'mail');
  for (let cutMs = 19; cutMs < 22; cutMs += 0.1) {
    const { sim, node1, node2 } = makePair({
      ...DEVICE,
      groups: [WEB, mail],
      autoFailback: 'off',
      links: ['eth1'],
    });
    node1.powerOn();
    sim.runFor(30_000);
    node2.powerOn();
    sim.runFor(5000);
    // node1 holds both, and goes on holding mail, which node2 knows.
    node1.command({ kind: 'standby', set: 'local' });
    sim.runFor(cutMs);
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(3 * MINUTE_MS);
    assertPeace(sim);
    assert.deepEqual([sim.owners(WEB.key).length, sim.owners(mail.key).length], [1, 1], story(sim));
  }
});
