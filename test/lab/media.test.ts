import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const VIP6 = 'fd77::100';

test('unicast over IPv4 and IPv6 carries a takeover of an IPv4 and an IPv6 address', options, async () => {
  const media = [
    'ucast eth0 10.77.0.1',
    'ucast eth0 10.77.0.2',
    'ucast6 eth1 fd78::1',
    'ucast6 eth1 fd78::2',
  ];
  const haresources = [`node1 ${VIP}/24/eth0 IPv6addr::${VIP6}/64/eth0`];
  await withCluster({ media, haresources }, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    const observer = await lab.observe([VIP, VIP6]);
    await cluster.start();
    await cluster.owns(node1);
    const links = (await cluster.status(node2))?.nodes.find(({ name }) => name === 'node1')?.links ?? [];
    assert.deepEqual(links.map(({ name, status }) => [name, status]).sort(), [
      ['eth0', 'up'],
      ['eth1', 'up'],
    ]);
    await node1.powerOff();
    await cluster.owns(node2);
    await lab.until(() => observer.ownersNow(VIP6).then((owners) => owners.join() === 'node2'), {
      withinMs: 10_000,
      what: 'node2 to answer for the IPv6 address',
    });
    assert.deepEqual(await observer.overlaps(VIP), []);
    assert.deepEqual(await observer.overlaps(VIP6), []);
  });
});

test(
  'a heartbeat interface that was cut, or taken down, carries heartbeats again by itself',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await lab.cut('node1', 'eth1');
      await lab.until(
        async () => (await cluster.status(node1))?.warnings.some((text) => text.includes('eth1')),
        {
          withinMs: 15_000,
          what: 'node1 to notice the cut cable',
        },
      );
      await lab.heal('node1', 'eth1');
      await node1.run(['ip', 'link', 'set', 'eth1', 'down']);
      await lab.until(
        async () => (await cluster.status(node1))?.warnings.some((text) => text.includes('eth1')),
        {
          withinMs: 15_000,
          what: 'node1 to notice the interface that is down',
        },
      );
      await node1.run(['ip', 'link', 'set', 'eth1', 'up']);
      await lab.until(async () => (await cluster.status(node2))?.warnings.length === 0, {
        withinMs: 30_000,
        what: 'every link to work again',
      });
      await cluster.owns(node1);
    });
  },
);
