import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, withCluster } from './support/cluster.js';
import { chromiumProgram, type Looked } from './support/page-looker.js';

const ability = labAbility();
const without =
  chromiumProgram() === undefined ? 'there is no Chromium: apt-get install chromium' : undefined;
const isRoot = process.getuid?.() === 0;
const notRoot = isRoot ? undefined : 'the page needs root: its process becomes another user';
const reason = ability.possible ? (notRoot ?? without) : ability.reason;
const options = reason === undefined ? {} : { skip: reason };

const LOOKER = join(repositoryRoot(), 'dist', 'test', 'lab', 'support', 'page-looker.js');
const URL = 'http://127.0.0.1:8694/';
const SETTINGS = '[status]\nlisten = 127.0.0.1:8694\n';
const GROUPS = ['node1 10.77.0.100/24/eth0', 'node2 10.77.0.101/24/eth0'];

/** The page as a browser on the node sees it, and nothing wrong with it. Screenshots go to the folder PAGE_SHOTS. */
async function look(node: LabNode, name: string, words: string): Promise<Looked> {
  const command = [process.execPath, LOOKER, URL, words];
  const printed = await node.run(command, { timeoutMs: 150_000 });
  const looked = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Looked;
  const folder = process.env.PAGE_SHOTS ?? '';
  if (folder !== '')
    for (const [kind, png] of Object.entries(looked.shots))
      writeFileSync(join(folder, `${name}-${kind}.png`), Buffer.from(png, 'base64'));
  assert.deepEqual(looked.errors, [], 'no error in the console, nothing from elsewhere');
  assert.deepEqual(looked.faint, [], 'contrast is AA in both colour schemes');
  assert.deepEqual(looked.unseenFocus, [], 'the focus is seen wherever it is');
  assert.equal(looked.skippedTo, 'main');
  assert.ok(looked.overflowPx <= 0, `a telephone shows the whole width: ${looked.overflowPx} px too wide`);
  for (const label of [
    'To the state of the cluster',
    'Services',
    'Availability',
    'Heartbeats',
    'What happened',
    'status.json',
  ])
    assert.ok(looked.reached.includes(label), `the tabulator reaches ${label}: ${looked.reached.join(', ')}`);
  return looked;
}

async function started(cluster: Cluster): Promise<void> {
  await cluster.start();
  await cluster.owns(cluster.node1, [GROUPS[0]?.split(' ')[1] ?? '']);
  await cluster.owns(cluster.node2, [GROUPS[1]?.split(' ')[1] ?? '']);
}

test('the status page in Chromium: healthy, a link lost, failed over', options, async () => {
  await withCluster({ settings: SETTINGS, haresources: GROUPS, autoFailback: 'off' }, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    await started(cluster);
    const healthy = await look(node2, 'healthy', 'All is well');
    assert.match(healthy.text, /served by node1/);
    await lab.silence('node1', 'eth1');
    const lost = await look(node2, 'link-lost', 'links to node1 dead: eth1');
    assert.match(lost.text, /eth1\s+✕ dead/);
    await lab.heal();
    await node1.powerOff();
    const over = await look(node2, 'failed-over', 'node1 is dead: there is nobody to take over');
    assert.match(over.text, /Taking over resource group 10\.77\.0\.100\/24\/eth0: /);
    assert.match(over.text, /10\.77\.0\.100\/24\/eth0\s+● node2/);
  });
});

test('the status page in Chromium: split', options, async () => {
  await withCluster({ settings: SETTINGS, haresources: GROUPS }, async (cluster) => {
    await started(cluster);
    await cluster.lab.silence('node1');
    await look(cluster.node1, 'split', 'node2 is dead: there is nobody to take over');
  });
});

test('the status page in Chromium: drift', options, async () => {
  await withCluster({ settings: SETTINGS, haresources: GROUPS }, async (cluster) => {
    const { node1, node2 } = cluster;
    await node2.write('/etc/ha.d/heartbeat.ini', `${SETTINGS}\n[groups]\nparallel = 7\n`);
    await started(cluster);
    const { text } = await look(node1, 'drift', 'heartbeat\\.ini on node2 is not the same as here');
    assert.match(text, /Drift\s+not the same as here: heartbeat\.ini on node2/);
  });
});
