import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const SERIAL = '/dev/ttyS0';

/** Waits until the node hears its peer on each of the links. */
async function hearsOn(cluster: Cluster, node: LabNode, names: readonly string[]): Promise<void> {
  await cluster.lab.until(
    async () => {
      const peer = (await cluster.status(node))?.nodes.find(({ name }) => name !== node.name);
      const up = peer?.links.filter(({ status }) => status === 'up').map(({ name }) => name) ?? [];
      return names.every((name) => up.includes(name));
    },
    { withinMs: 20_000, what: `${node.name} to hear its peer on ${names.join(', ')}` },
  );
}

test(
  'every network silent and a serial line alive: nothing moves, one warning; that cut as well: takeover',
  options,
  async () => {
    const media = [`serial ${SERIAL}`, 'bcast eth0', 'mcast eth1 239.0.0.1 694 1 0'];
    await withCluster({ media }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const cable = await lab.serialCable('node1', 'node2');
      await cluster.start();
      await cluster.owns(node1);
      for (const node of [node1, node2]) await hearsOn(cluster, node, [SERIAL, 'eth0', 'eth1']);
      await lab.silence('node1', 'eth0');
      await lab.silence('node1', 'eth1');
      await lab.until(
        async () => {
          const warnings = (await cluster.status(node2))?.warnings ?? [];
          return warnings.some((text) => text.includes('eth0') && text.includes('eth1'));
        },
        { withinMs: 15_000, what: 'node2 to notice the silent networks' },
      );
      const status = await cluster.status(node2);
      assert.equal(
        status?.warnings.filter((text) => text.includes('node1')).length,
        1,
        'one warning for the peer',
      );
      await cluster.owns(node1);
      assert.doesNotMatch(await node2.log(), /is dead/);

      await cable.disconnect();
      await cluster.owns(node2);
      assert.match(await node2.log(), /node node1: is dead/);
      assert.match(await node2.log(), /silent for .* on .*\/dev\/ttyS0/);
    });
  },
);

for (const baud of [9600, 19_200, 115_200]) {
  test(
    `at ${baud} baud heartbeats go on arriving in time while resources are handed over`,
    options,
    async () => {
      const haresources = Array.from({ length: 12 }, (_, i) => `node1 10.77.0.${101 + i}/24/eth0`);
      const media = [`baud ${baud}`, `serial ${SERIAL}`];
      const timing = { keepalive: '2', deadtime: '10', initdead: '20' };
      await withCluster({ ...timing, media, haresources }, async (cluster) => {
        const { lab, node1, node2 } = cluster;
        await lab.serialCable('node1', 'node2', SERIAL, { baud });
        await cluster.start();
        await cluster.owns(node1);
        await hearsOn(cluster, node1, [SERIAL]);
        await hearsOn(cluster, node2, [SERIAL]);
        for (const [giver, taker] of [
          [node1, node2],
          [node2, node1],
        ] as const) {
          // Asked again while it is refused: the other side may still be in flux, as far as this one has heard.
          await lab.until(
            async () => {
              await giver.run([join(repositoryRoot(), 'bin', 'hb_standby'), 'all']);
              const groups = (await cluster.status(giver))?.groups ?? [];
              return groups.some((group) => group.owner !== giver.name || group.state !== 'running');
            },
            { withinMs: 20_000, everyMs: 1000, what: `${giver.name} to give its resources away` },
          );
          await cluster.owns(taker, undefined, 60_000);
        }
        for (const node of [node1, node2]) {
          const log = await node.log();
          assert.doesNotMatch(log, /is dead|Late heartbeat|Link .* dead/);
        }
      });
    },
  );
}

test(
  'a cable between two ports of one node is told from one to another cluster, and both from noise',
  options,
  async () => {
    const media = ['bcast eth0', `serial ${SERIAL} /dev/ttyS1`, 'serial /dev/ttyS2', 'serial /dev/ttyS3'];
    await withCluster({ media }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await lab.serialCable('node1', 'node1', [SERIAL, '/dev/ttyS1']);
      await lab.serialCable('node1', 'node2', ['/dev/ttyS2', '/dev/ttyS9']);
      await lab.serialCable('node1', 'node2', ['/dev/ttyS3', '/dev/ttyS8']);
      for (const name of [SERIAL, '/dev/ttyS1', '/dev/ttyS2', '/dev/ttyS3'])
        await lab.until(async () => (await node2.exec(['true'])).code === 0, { withinMs: 5000, what: name });
      // node2 belongs to a cluster of its own that has the same key.
      const other = ['keepalive 200ms', 'deadtime 2', 'initdead 10', 'auto_failback on', 'serial /dev/ttyS9'];
      await node2.write(
        '/etc/ha.d/ha.cf',
        `logfile /var/log/ha-log\n${other.join('\n')}\nnode node2 stranger\n`,
      );
      await node2.write('/etc/ha.d/haresources', '');
      await cluster.start();
      await node2.exec(['sh', '-c', 'head -c 4096 /dev/urandom > /dev/ttyS8']);
      await lab.until(
        async () => {
          const [log, otherLog] = await Promise.all([node1.log(), node2.log()]);
          return (
            /leads back to this node/.test(log) && /noise on/.test(log) && /another cluster/.test(otherLog)
          );
        },
        { withinMs: 20_000, what: 'both nodes to say what is wrong with each cable' },
      );
      const log = await node1.log();
      assert.match(log, /the serial line \/dev\/ttyS[01] leads back to this node/);
      assert.match(log, /Nothing but noise on serial \/dev\/ttyS3/);
      assert.match(await node2.log(), /the cable at \/dev\/ttyS9 leads to a node that is not in ha\.cf/);
      assert.equal(log.split('leads back to this node').length, 2, 'each cause is said once a minute');
    });
  },
);
