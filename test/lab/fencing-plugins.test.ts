/** Fencing with the real programs of other packages: cluster-glue's plugins and meatclient, a fence agent. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { labAbility } from './lib/index.js';
import { type Cluster, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const GROUP = `${VIP}/24/eth0`;

/** Skips with a reason when the program is absent. */
function needs(...programs: readonly (readonly [path: string, name: string])[]): { skip?: string } {
  if (!ability.possible) return { skip: ability.reason };
  const absent = programs.find(([path]) => !existsSync(path));
  return absent === undefined ? {} : { skip: `${absent[0]} is absent (package ${absent[1]})` };
}

const STONITH = ['/usr/sbin/stonith', 'cluster-glue'] as const;
const MEATCLIENT = ['/usr/sbin/meatclient', 'cluster-glue'] as const;
const SSH_PLUGIN = ['/usr/lib/stonith/plugins/external/ssh', 'cluster-glue'] as const;
const PING = ['/usr/bin/ping', 'iputils-ping'] as const;
const DUMMY = ['/usr/sbin/fence_dummy', 'fence-agents'] as const;

async function withDevice(line: string, story: (cluster: Cluster) => Promise<void>): Promise<void> {
  const media = ['bcast eth1', 'mcast eth1 239.0.0.1 695 1 0', line];
  const settings = '[fencing]\ndelay = 0\nretry = 1\n';
  await withCluster({ media, settings, haresources: [`node1 ${GROUP}`] }, async (cluster) => {
    await cluster.start();
    await cluster.owns(cluster.node1);
    await story(cluster);
  });
}

function isReady(cluster: Cluster): Promise<unknown> {
  return cluster.lab.until(
    async () => (await cluster.status(cluster.node2))?.fencing?.devices[0]?.state === 'ready',
    { withinMs: 30_000, what: 'the device to be ready' },
  );
}

test("cluster-glue's null, by its program stonith, fences and the group moves", needs(STONITH), async () => {
  await withDevice('stonith_host * null node1 node2', async (cluster) => {
    await isReady(cluster);
    await cluster.node1.powerOff();
    await cluster.owns(cluster.node2);
    const log = await cluster.node2.log();
    assert.match(log, /Resetting node node1 with \[null\]/);
    assert.match(log, /node node1 now reset\./);
  });
});

test(
  'meatware: nothing moves until somebody says with meatclient that the node was reset',
  needs(STONITH, MEATCLIENT),
  async () => {
    await withDevice('stonith_host * meatware node1 node2', async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await isReady(cluster);
      await node1.powerOff();
      await lab.until(
        async () =>
          /OPERATOR INTERVENTION REQUIRED to reset node1/.test(await node2.log()) ||
          (await node2.exec(['test', '-p', '/run/meatware.node1'])).code === 0,
        {
          withinMs: 20_000,
          what: 'meatware to ask',
        },
      );
      const waiting = await cluster.status(node2);
      assert.equal(waiting?.fencing?.target?.phase, 'command');
      assert.equal(waiting?.groups[0]?.owner, null);
      const { stdout } = await node2.exec(['sh', '-c', 'echo y | meatclient -c node1']);
      assert.match(stdout, /reset confirmed/);
      await cluster.owns(node2);
    });
  },
);

const HOSTS = '127.0.0.1 localhost\n10.77.0.1 node1\n10.77.0.2 node2\n';

test(
  'external/ssh as it is: a node that answers no ping counts as reset, and the group moves',
  needs(SSH_PLUGIN, PING),
  async () => {
    await withDevice('stonith_host * external/ssh node1 node2', async (cluster) => {
      const { node1, node2 } = cluster;
      await isReady(cluster);
      // No route leads there, so that ssh gives up at once (else it waits two minutes for an answer).
      await node2.write('/etc/hosts', '127.0.0.1 localhost\n192.0.2.1 node1\n');
      await node1.powerOff();
      await cluster.owns(node2, undefined, 60_000);
      assert.match(await node2.log(), /node node1 now reset\./);
    });
  },
);

test(
  'external/ssh as it is: a node that it cannot reset and that answers its ping keeps the group',
  needs(SSH_PLUGIN, PING),
  async () => {
    await withDevice('stonith_host * external/ssh node1 node2', async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await isReady(cluster);
      await node2.write('/etc/hosts', HOSTS);
      await lab.silence('node1', 'eth1');
      await lab.until(async () => /Host node1 not reset!/.test(await node2.log()), {
        withinMs: 60_000,
        what: 'the plugin to see that node1 still lives',
      });
      await cluster.owns(node1);
      assert.equal((await cluster.status(node2))?.groups[0]?.owner, null);
    });
  },
);

test(
  "fence-agents' fence_dummy: options on its standard input, and the group moves",
  needs(DUMMY),
  async (context: TestContext) => {
    await withDevice('stonith_host * fence/dummy status_file=/tmp/dummy.status', async (cluster) => {
      await isReady(cluster);
      await cluster.node1.powerOff();
      await cluster.owns(cluster.node2);
      assert.match(await cluster.node2.log(), /Resetting node node1 with \[fence\/dummy\]/);
      context.diagnostic(
        `fence_dummy wrote ${(await cluster.node2.exec(['cat', '/tmp/dummy.status'])).stdout.trim()}`,
      );
    });
  },
);
