/** The interface of a group loses its carrier while the nodes still hear each other on another one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

test(
  'a group whose cable is pulled moves to the node that has one, and comes home when it is back',
  options,
  async () => {
    const haresources = [`node1 ${GROUP}`];
    await withCluster(
      { haresources, settings: '[groups]\ncarrier_wait = 1\n', autoFailback: 'on' },
      async (cluster) => {
        const { lab, node1, node2 } = cluster;
        const observer = await lab.observe([VIP]);
        await cluster.start();
        await cluster.owns(node1);
        await cluster.quiet();

        await lab.cut('node1', 'eth0');
        await cluster.owns(node2);
        assert.match(await node1.log(), /eth0, on which groups have addresses, has no carrier/);
        assert.doesNotMatch(await node2.log(), /node node1: is dead/);

        await lab.heal('node1', 'eth0');
        await cluster.owns(node1, undefined, 40_000);
        assert.match(await node1.log(), /may run here again: its interface has a carrier/);
        assert.deepEqual(await observer.overlaps(VIP), []);
      },
    );
  },
);
