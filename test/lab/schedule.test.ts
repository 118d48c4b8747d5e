import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonFacts } from '../../src/daemon/control/protocol.js';
import { labAbility } from './lib/index.js';
import { type Cluster, GROUP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

/** A window of an hour that begins in two hours. */
function laterWindow(): string {
  const hour = new Date().getHours();
  return `${(hour + 2) % 24}:00-${(hour + 3) % 24}:00`;
}

async function facts(cluster: Cluster): Promise<DaemonFacts | undefined> {
  const { stdout } = await cluster.heartbeat(cluster.node1, 'status', '--json');
  return stdout === '' ? undefined : (JSON.parse(stdout) as { daemon: DaemonFacts }).daemon;
}

test(
  'outside the window of [schedule] failback a group stays where it is; it goes home when that is lifted',
  options,
  async () => {
    const settings = `[schedule]\nfailback = ${laterWindow()}\n`;
    await withCluster({ autoFailback: 'on', settings }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await node1.powerOff();
      await cluster.owns(node2);
      await node1.powerOn();
      await cluster.start(node1);
      await lab.until(
        async () =>
          (await cluster.status(node2))?.warnings.some((line) => /stay here until/.test(line)) === true,
        { withinMs: 30_000, what: 'node2 to say that the group waits' },
      );
      await cluster.owns(node2);
      for (const node of [node1, node2])
        await node.write('/etc/ha.d/heartbeat.ini', '[groups]\nparallel = 4\n');
      assert.equal((await cluster.heartbeat(node2, '-r')).code, 0);
      await cluster.owns(node1, [GROUP], 60_000);
    });
  },
);

test(
  'a failover drill moves the services and brings them back, measured, in the journal of the node',
  options,
  async () => {
    const settings = '[schedule]\ndrill = * * * * *\ndrill_hold = 2\n';
    await withCluster({ autoFailback: 'off', settings }, async (cluster) => {
      const { lab, node1 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      const record = await lab.until(
        async () => {
          const drill = (await facts(cluster))?.drill;
          return drill?.outcome === 'done' || drill?.outcome === 'failed' ? drill : undefined;
        },
        { withinMs: 180_000, what: 'a drill to be held', everyMs: 500 },
      );
      assert.equal(record.outcome, 'done', record.sentence);
      assert.ok((record.handoverMs ?? 0) > 0 && (record.returnMs ?? 0) > 0);
      const events = (await cluster.heartbeat(node1, 'events')).stdout;
      assert.match(
        events,
        /failover drill: 10\.77\.0\.100\/24\/eth0 went to the other node in .* and came back in /,
      );
      assert.match(events, new RegExp(`group ${GROUP} is released here`));
      await cluster.owns(node1);
    });
  },
);
