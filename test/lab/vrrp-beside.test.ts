/** VRRP instances beside resource groups in one daemon, and a group that follows an instance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCluster } from './support/cluster.js';
import { instanceText, VIP } from './vrrp/pair.js';

test('a group that follows an instance runs where the instance is master, beside ordinary groups', async () => {
  const cluster = await createCluster({
    haresources: ['node1 10.77.0.110/24/eth0', 'vrrp:VI_1 follower'],
    settings: '[vrrp]\nconfig = /etc/keepalived/keepalived.conf\n',
  });
  const { lab, node1, node2 } = cluster;
  const follower =
    '#!/bin/sh\ncase "$1" in\nstart) touch /run/follows ;;\nstop) rm -f /run/follows ;;\nstatus) [ -e /run/follows ] && echo running || echo stopped ;;\nesac\nexit 0\n';
  try {
    for (const [node, priority] of [
      [node1, 90],
      [node2, 100],
    ] as const) {
      await node.write('/etc/keepalived/keepalived.conf', `${instanceText({ priority })}\n`);
      await node.write('/etc/ha.d/resource.d/follower', follower, 0o755);
    }
    await cluster.start();
    const runs = async (node: typeof node1): Promise<boolean> =>
      (await node.exec(['test', '-e', '/run/follows'])).code === 0;
    const has = async (node: typeof node1, address: string): Promise<boolean> =>
      (await node.exec(['ip', '-o', 'addr'])).stdout.includes(` ${address}/`);
    await lab.until(async () => (await has(node2, VIP)) && (await runs(node2)), {
      withinMs: 60_000,
      what: 'node2 to be master and to run the follower',
    });
    await cluster.owns(node1, ['10.77.0.110/24/eth0']);
    assert.equal(await runs(node1), false);
    const status = await cluster.status(node2);
    assert.equal(status?.vrrp?.instances[0]?.state, 'master');
    assert.equal(status?.groups.find(({ key }) => key === 'follower')?.state, 'running');

    // Its interface is lost for VRRP alone: the follower moves, the other group stays where it is.
    await node2.write('/etc/keepalived/keepalived.conf', `${instanceText({ priority: 80 })}\n`);
    await node2.exec(['sh', '-c', 'kill -HUP $(cat /run/heartbeat.pid)']);
    await lab.until(async () => (await has(node1, VIP)) && (await runs(node1)) && !(await runs(node2)), {
      withinMs: 60_000,
      what: 'node1 to be master and to run the follower',
    });
    assert.equal(await has(node2, VIP), false);
    await cluster.owns(node1, ['10.77.0.110/24/eth0']);

    // The loss of node1 moves all of it.
    await node1.powerOff();
    await lab.until(
      async () => (await has(node2, VIP)) && (await runs(node2)) && (await has(node2, '10.77.0.110')),
      {
        withinMs: 60_000,
        what: 'node2 to have everything',
      },
    );
    await cluster.heartbeat(node2, '-k');
    assert.equal(await has(node2, VIP), false);
    assert.equal(await runs(node2), false);
  } catch (error) {
    for (const node of [node1, node2])
      console.error(`--- log of ${node.name}\n${await node.log().catch(() => '')}`);
    throw error;
  } finally {
    await lab.destroy();
  }
});
