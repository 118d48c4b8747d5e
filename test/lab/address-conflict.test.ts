import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { labAbility } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

/** Announces an address under a MAC that nobody has, as a machine that was given it by mistake. */
const CLAIM = `
const [packet, arp] = await Promise.all(['system/packet.js', 'wire/arp.js'].map((name) => import(process.argv[1] + name)));
const { readFileSync } = await import('node:fs');
const index = Number(readFileSync('/proc/net/igmp', 'utf8').match(/^(\\d+)\\s+eth0/m)[1]);
const opened = packet.openPacketSender();
for (let count = 0; count < 3; count++)
  opened.value.send(index, arp.gratuitousArp('02:00:00:00:be:ef', process.argv[2]));
opened.value.close();
`;

test(
  'another machine that claims an address of ours is one alarm, in the log and the events',
  options,
  async () => {
    await withCluster({ others: ['stranger'] }, async ({ lab, node1, node2, start, owns, heartbeat }) => {
      await start();
      await owns(node1);
      const modules = `file://${join(repositoryRoot(), 'dist', 'src')}/`;
      const stranger = lab.node('stranger');
      const claim = [process.execPath, '--input-type=module', '-e', CLAIM, modules];
      await stranger.run([...claim, '10.77.0.250']);
      await stranger.run([...claim, VIP]);
      await lab.until(async () => (await node1.log()).includes('02:00:00:00:be:ef'), {
        withinMs: 10_000,
        what: 'the alarm',
      });
      const lines = (await node1.log()).split('\n').filter((line) => line.includes('02:00:00:00:be:ef'));
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(
        lines[0] ?? '',
        new RegExp(`${VIP}, which this node serves, is claimed by 02:00:00:00:be:ef on eth0`),
      );
      assert.match((await heartbeat(node1, 'events')).stdout, /is claimed by 02:00:00:00:be:ef/);
      assert.doesNotMatch(await node2.log(), /is claimed by/);
      assert.doesNotMatch(await node1.log(), /claimed by (?!02:00:00:00:be:ef)/);
    });
  },
);
