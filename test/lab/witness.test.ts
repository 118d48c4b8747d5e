import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const ROUTER = '10.77.0.3';
const MEDIA = ['bcast eth0', 'mcast eth1 239.0.0.1 694 1 0', `ping ${ROUTER}`];

/** Waits until the node says so of the router. */
async function sees(cluster: Cluster, node: LabNode, status: string): Promise<void> {
  await cluster.lab.until(
    async () =>
      (await cluster.status(node))?.nodes.some((one) => one.name === ROUTER && one.status === status),
    { withinMs: 20_000, what: `${node.name} to call the router ${status}` },
  );
}

test(
  'the node that does not reach the router any more hands over; a router that is off moves nothing',
  options,
  async () => {
    await withCluster({ media: MEDIA, others: ['router'], autoFailback: 'off' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await cluster.start();
      await cluster.owns(node1);
      for (const node of [node1, node2]) await sees(cluster, node, 'ping');
      await cluster.quiet();
      await lab.node('router').powerOff();
      for (const node of [node1, node2]) await sees(cluster, node, 'dead');
      await cluster.owns(node1);
      await lab.node('router').powerOn();
      for (const node of [node1, node2]) await sees(cluster, node, 'ping');

      await lab.silence('node1', 'eth0');
      await cluster.owns(node2);
      assert.match(await node1.log(), /Delayed giveup in 1 seconds: node2 sees more witnesses/);
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);

test(
  'both cables of the active node cut: it stops before the other, which sees the router, takes over',
  options,
  async () => {
    await withCluster({ media: MEDIA, others: ['router'] }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      for (const node of [node1, node2]) await sees(cluster, node, 'ping');
      await cluster.quiet();
      let stoppedMs = 0;
      let takenMs = 0;
      await lab.cut('node1', 'eth0');
      await lab.cut('node1', 'eth1');
      await lab.until(
        async () => {
          const [left, right] = await Promise.all([node1.addresses(), node2.addresses()]);
          const nowMs = performance.now();
          if (stoppedMs === 0 && !JSON.stringify(left).includes(VIP)) stoppedMs = nowMs;
          if (takenMs === 0 && JSON.stringify(right).includes(VIP)) takenMs = nowMs;
          return takenMs > 0;
        },
        { withinMs: 20_000, everyMs: 20, what: 'node2 to take over' },
      );
      assert.ok(stoppedMs > 0 && stoppedMs <= takenMs, 'node1 had stopped when node2 took over');
      assert.match(await node1.log(), /neither node2 nor a witness is heard: this node is cut off/);
      await lab.heal();
      await cluster.owns(node1, undefined, 30_000);
    });
  },
);
