import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

test('one of two links cut: nothing moves, the log and the status say it once', options, async () => {
  await withCluster({}, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    const observer = await lab.observe([VIP]);
    await cluster.start();
    await cluster.owns(node1);
    await lab.silence('node1', 'eth1');
    await lab.until(
      async () =>
        (await cluster.status(node2))?.warnings.some((text) => text.includes('links to node1 dead: eth1')),
      { withinMs: 20_000, what: 'node2 to show the dead link' },
    );
    await cluster.owns(node1);
    const lines = (await node2.log()).split('\n').filter((line) => line.includes('Link node1:eth1 dead.'));
    assert.equal(lines.length, 1);
    await lab.heal('node1', 'eth1');
    await lab.until(async () => (await cluster.status(node2))?.warnings.length === 0, {
      withinMs: 20_000,
      what: 'the link to come back by itself',
    });
    assert.deepEqual(await observer.overlaps(VIP), []);
  });
});

test(
  'both links cut without fencing: each serves and says why; healed, the owner from before keeps it',
  options,
  async () => {
    await withCluster({ autoFailback: 'off', haresources: [`node2 ${VIP}/24/eth0`] }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node2);
      const client = await lab.client(`udp://${VIP}`);
      const observer = await lab.observe([VIP]);
      await lab.silence('node1');
      await cluster.owns(node1);
      assert.match(await node1.log(), /Taking over resource group .*: node2 was silent for/);
      await cluster.owns(node2);
      const healed = nowMs();
      await lab.heal();
      await lab.until(async () => (await cluster.status(node1))?.groups[0]?.owner === 'node2', {
        withinMs: 20_000,
        what: 'node1 to give way',
      });
      await lab.until(() => client.firstAnswerFrom('node2', healed), {
        withinMs: 10_000,
        what: 'the client to be served',
      });
      await cluster.owns(node2);
      assert.match(await node1.log(), /gives it up|this node gives it up/);
      const announced = (await observer.announcements()).filter(
        ({ atMs, node }) => atMs > healed && node === 'node2',
      );
      assert.ok(announced.length > 0, 'the owner tells everybody where the address is');
      const after = announced[0]?.atMs ?? healed;
      assert.deepEqual(
        await observer.overlaps(VIP, { fromMs: after }),
        [],
        'the other had stopped before that',
      );
    });
  },
);

test(
  'one-way loss: the active node that is not heard stops before the other takes over',
  options,
  async () => {
    await withCluster({ autoFailback: 'off' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await cluster.start();
      await cluster.owns(node1);
      await lab.loss('node1', 'eth0', { percent: 100, direction: 'out' });
      await lab.loss('node1', 'eth1', { percent: 100, direction: 'out' });
      await cluster.owns(node2);
      assert.match(await node1.log(), /is heard but has not heard this node/);
      await lab.heal();
      await lab.until(async () => (await cluster.status(node1))?.groups[0]?.owner === 'node2', {
        withinMs: 20_000,
        what: 'node1 to see the new owner',
      });
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);
