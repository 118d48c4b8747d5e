import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility } from './lib/index.js';
import { type Cluster, GROUP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

/** The daemon refuses with that code, one sentence matches, and when it has said so nothing of it goes on running. */
async function refuses(cluster: Cluster, code: number, sentence: RegExp): Promise<void> {
  const { node1 } = cluster;
  const result = await cluster.heartbeat(node1);
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr + result.stdout, sentence);
  const left = () =>
    node1.procs().filter(({ command, state }) => state !== 'Z' && /heartbeat|daemon/.test(command));
  await cluster.lab.until(() => left().length === 0, {
    withinMs: 5000,
    what: 'every process of the daemon to end',
  });
}

test('a wrong node name is refused with the names that are known', options, async () => {
  await withCluster({ haresources: ['nodeone 10.77.0.100/24/eth0'] }, async (cluster) => {
    await refuses(cluster, 6, /nodeone[\s\S]*node1/);
  });
});

test('an unreadable or absent file is named, and nothing is started', options, async () => {
  await withCluster({}, async (cluster) => {
    await cluster.node1.run(['rm', '/etc/ha.d/authkeys']);
    await refuses(cluster, 6, /authkeys/);
    await cluster.node1.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 secret\n', 0o644);
    await refuses(cluster, 6, /authkeys[\s\S]*600/);
  });
});

test('a state directory that cannot be written is named, and nothing is started', options, async () => {
  await withCluster({}, async (cluster) => {
    await cluster.node1.run([
      'sh',
      '-c',
      'mkdir -p /var/lib/heartbeat && mount -t tmpfs -o ro none /var/lib/heartbeat',
    ]);
    await refuses(cluster, 1, /\/var\/lib\/heartbeat/);
  });
});

test('a full disk is named, and nothing is started', options, async () => {
  await withCluster({}, async (cluster) => {
    const script =
      'mkdir -p /var/lib/heartbeat && mount -t tmpfs -o size=4k none /var/lib/heartbeat && head -c 4096 /dev/zero > /var/lib/heartbeat/full';
    await cluster.node1.run(['sh', '-c', script]);
    await refuses(cluster, 1, /\/var\/lib\/heartbeat/);
  });
});

test(
  'a script that is missing, or may not be run, moves its group to the other node with a sentence',
  options,
  async () => {
    await withCluster({ haresources: [`node1 ${GROUP} web`] }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const script =
        '#!/bin/sh\ncase $1 in start) touch /run/web;; stop) rm -f /run/web;; status) [ -e /run/web ] && echo running || echo stopped;; esac\n';
      await node2.write('/etc/ha.d/resource.d/web', script, 0o755);
      await node1.write('/etc/ha.d/resource.d/web', script, 0o644);
      await cluster.start();
      await cluster.owns(node2);
      assert.match(await node1.log(), /Giving up resources due to failure of web/);
      assert.match(await node1.log(), /web[^\n]*(run|execut|chmod)/);
      await lab.until(
        async () => !(await node1.addresses()).some(({ address }) => address === '10.77.0.100'),
        {
          withinMs: 5000,
          what: 'the address of the group to be gone from node1',
        },
      );
      assert.equal((await node2.exec(['test', '-e', '/run/web'])).code, 0);
    });
  },
);

test('a port that another program holds is named in the log and in the status', options, async () => {
  await withCluster({}, async (cluster) => {
    const { lab, node1 } = cluster;
    const holder = node1.spawn([process.execPath, '-e', "require('dgram').createSocket('udp4').bind(694)"]);
    await lab.until(async () => (await node1.exec(['sh', '-c', 'ss -Hlun | grep -q :694'])).code === 0, {
      withinMs: 10_000,
      what: 'the port to be held',
    });
    await cluster.start(node1);
    await lab.until(async () => (await cluster.status(node1))?.warnings.some((text) => /694/.test(text)), {
      withinMs: 10_000,
      what: 'the status to name the port',
    });
    holder.kill('SIGKILL');
    await holder.ended;
    await lab.until(async () => !(await cluster.status(node1))?.warnings.some((text) => /694/.test(text)), {
      withinMs: 30_000,
      what: 'the link to open by itself once the port is free',
    });
  });
});
