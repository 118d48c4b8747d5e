/** etc/init.d/heartbeat run for real: words and exit codes of heartbeat-admin.md 5.3. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type ClusterOptions, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const SCRIPT = join(repositoryRoot(), 'etc', 'init.d', 'heartbeat');
const DEFAULTS = '/etc/ha.d/default';
const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');

interface Call {
  readonly code: number | null;
  readonly text: string;
}

async function call(node: LabNode, verb: string): Promise<Call> {
  const { code, stdout, stderr } = await node.exec(['env', `HEARTBEAT_DEFAULTS=${DEFAULTS}`, SCRIPT, verb], {
    timeoutMs: 120_000,
  });
  return { code, text: stdout + stderr };
}

async function withScript(
  parts: ClusterOptions,
  story: (
    node1: LabNode,
    node2: LabNode,
    cluster: Parameters<Parameters<typeof withCluster>[1]>[0],
  ) => Promise<void>,
): Promise<void> {
  await withCluster(parts, async (cluster) => {
    for (const node of [cluster.node1, cluster.node2])
      await node.write(DEFAULTS, `HEARTBEAT=${HEARTBEAT}\nRESTART_MARGIN_S=1\n`);
    await story(cluster.node1, cluster.node2, cluster);
  });
}

test(
  'start, status, reload, standby, restart and stop do what they say, with the known words',
  options,
  async () => {
    await withScript({}, async (node1, node2, cluster) => {
      assert.deepEqual(await call(node1, 'status'), { code: 3, text: 'heartbeat is stopped. No process\n' });
      assert.deepEqual(await call(node1, 'stop'), {
        code: 0,
        text: 'Stopping High-Availability services: Done.\n',
      });
      const refused = await call(node1, 'standby');
      assert.equal(refused.code, 1);
      assert.match(refused.text, /Cannot enter standby\.\n$/);

      const started = await call(node1, 'start');
      assert.equal(started.code, 0, started.text);
      assert.match(started.text, /^Starting High-Availability services: [\s\S]*Done\.$/m);
      assert.equal((await call(node2, 'start')).code, 0);
      await cluster.owns(node1);
      const running = await call(node1, 'status');
      assert.equal(running.code, 0);
      assert.match(running.text, /^heartbeat OK \[pid \d+ et al\] is running on node1 \[node1\]\.\.\.\n$/);
      const twice = await call(node1, 'start');
      assert.equal(twice.code, 0);
      assert.match(twice.text, /Done\.\n[\s\S]*already running/);

      for (const verb of ['reload', 'force-reload']) {
        const reloaded = await call(node1, verb);
        assert.equal(reloaded.code, 0);
        assert.match(reloaded.text, /^Reloading High-Availability services: [\s\S]*Done\.\n$/);
      }
      await cluster.quiet();
      const standby = await call(node1, 'standby');
      assert.equal(standby.code, 0, standby.text);
      assert.match(standby.text, /^auto_failback: on\nAttempting to enter standby mode:\n/);
      await cluster.owns(node2);
      await cluster.quiet();

      const restarted = await call(node2, 'restart');
      assert.equal(restarted.code, 0, restarted.text);
      assert.match(
        restarted.text,
        /^Stopping [^\n]*Done\.\nWaiting to allow resource takeover to complete: Done\.\nStarting [\s\S]*Done\.$/m,
      );
      await cluster.owns(node1);
      assert.equal((await call(node1, 'stop')).code, 0);
      assert.equal((await call(node1, 'status')).code, 3);
      await cluster.owns(node2);

      const wrong = await call(node1, 'begin');
      assert.equal(wrong.code, 1);
      assert.match(wrong.text, /^Usage: .*start\|stop\|status\|restart\|reload\|force-reload\|standby/);
    });
  },
);

test(
  'a start without ha.cf, or with a wrong one, says so; the hook of resource.d is told',
  options,
  async () => {
    await withScript({ autoFailback: 'legacy' }, async (node1, node2) => {
      await node1.run(['sh', '-c', 'mv /etc/ha.d/ha.cf /etc/ha.d/ha.cf.away']);
      assert.deepEqual(await call(node1, 'start'), {
        code: 0,
        text:
          'Starting High-Availability services: Heartbeat not configured: /etc/ha.d/ha.cf not found. ' +
          'Heartbeat failure [rc=1]. Failed.\n',
      });
      await node1.write('/etc/ha.d/ha.cf', 'keepalive never\n');
      await node1.write('/etc/ha.d/resource.d/startstop', '#!/bin/sh\necho "$@" >> /var/log/hook\n', 0o755);
      const wrong = await call(node1, 'start');
      assert.equal(wrong.code, 6);
      assert.match(wrong.text, /Heartbeat failure \[rc=6\]\. Failed\./);
      assert.equal(await node1.read('/var/log/hook'), 'pre-start\npost-start 6\n');
      assert.equal((await call(node1, 'stop')).code, 0);
      assert.match(await node1.read('/var/log/hook'), /pre-stop\npost-stop 0\n$/);

      assert.equal((await call(node2, 'start')).code, 0);
      const standby = await call(node2, 'standby');
      assert.equal(standby.code, 1);
      assert.match(standby.text, /^auto_failback: legacy\n[\s\S]*Cannot enter standby\.\n$/);

      await node1.write(DEFAULTS, 'HEARTBEAT=/nowhere/heartbeat\n');
      assert.equal((await call(node1, 'start')).code, 5);
      assert.equal((await call(node1, 'stop')).code, 0);
      assert.equal((await call(node1, 'status')).code, 3);
    });
  },
);
