/** Two running daemons whose files differ, and `heartbeat push` between them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, VIP, withCluster } from './support/cluster.js';
import { connectShell, REMOTE_SHELL } from './support/remote-shell.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const INI = `[push]\nssh = ${REMOTE_SHELL} NODE\n`;
const parallel = (count: number): string => `${INI}[groups]\nparallel = ${count}\n`;
const FILES = ['ha.cf', 'haresources', 'heartbeat.ini', 'authkeys'] as const;
/** A difference is said after 15 s, and each node looks at its own files every 5 s. */
const SAID_WITHIN_MS = 60_000;

const path = (file: string): string => `/etc/ha.d/${file}`;

async function filesOf(node: LabNode): Promise<Record<string, string>> {
  const texts = await Promise.all(FILES.map(async (file) => [file, await node.read(path(file))] as const));
  return Object.fromEntries(texts);
}

const linesOf = async (node: LabNode, words: string): Promise<number> =>
  (await node.log()).split('\n').filter((line) => line.includes(words)).length;

async function says(cluster: Cluster, node: LabNode, words: string): Promise<void> {
  await cluster.lab.until(async () => (await linesOf(node, words)) > 0, {
    withinMs: SAID_WITHIN_MS,
    what: `${node.name} to say "${words}"`,
    everyMs: 300,
  });
}

async function running(settings: string, story: (cluster: Cluster) => Promise<void>): Promise<void> {
  await withCluster({ settings, autoFailback: 'off' }, async (cluster) => {
    await connectShell(cluster.node1, cluster.node2, join(repositoryRoot(), 'bin'));
    await cluster.start();
    await cluster.owns(cluster.node1);
    await story(cluster);
    await cluster.owns(cluster.node1);
  });
}

test(
  'a file changed on one node is one warning with its name on each, and gone when it is equal again',
  options,
  async () => {
    await running(parallel(2), async (cluster) => {
      const { node1, node2 } = cluster;
      await node2.write(path('heartbeat.ini'), parallel(5));
      await says(cluster, node1, 'heartbeat.ini on node2 is not the same as here');
      await says(cluster, node2, 'heartbeat.ini on node1 is not the same as here');
      const status = await cluster.status(node1);
      assert.deepEqual(status?.drift, [{ node: 'node2', files: ['heartbeat.ini'] }]);
      assert.equal(status?.warnings.filter((line) => line.includes('is not the same as here')).length, 1);
      assert.match(
        (await cluster.heartbeat(node1, 'events')).stdout,
        /heartbeat\.ini on node2 is not the same/,
      );

      const { code, stderr } = await cluster.heartbeat(node1, 'push');
      assert.equal(code, 0, stderr);
      await says(cluster, node1, 'heartbeat.ini is the same on node2 and here again');
      await says(cluster, node2, 'heartbeat.ini is the same on node1 and here again');
      assert.deepEqual((await cluster.status(node1))?.drift, []);
      for (const node of [node1, node2]) assert.equal(await linesOf(node, 'is not the same as here'), 1);
    });
  },
);

test(
  'a push with an error changes nothing; one that is killed leaves valid, known files; the next one goes through',
  options,
  async () => {
    await running(parallel(2), async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      const before = await filesOf(node2);

      await node1.write(path('heartbeat.ini'), `${parallel(3)}nonsense = 1\n`);
      const refused = await cluster.heartbeat(node1, 'push');
      assert.equal(refused.code, 6, refused.stdout);
      assert.match(refused.stderr, /nonsense[\s\S]*nothing was pushed/);
      assert.deepEqual(await filesOf(node2), before);

      const haCf = await node1.read(path('ha.cf'));
      await node1.write(path('heartbeat.ini'), parallel(3));
      await node1.write(path('ha.cf'), haCf.replace('auto_failback off', 'auto_failback on'));
      const known: Record<string, string> = await filesOf(node1);
      const allowed = (file: string, text: string): boolean => text === before[file] || text === known[file];
      for (let call = 1; call <= 7; call += 2) {
        await node1.run(['sh', '-c', 'rm -f /run/calls; echo "$1" > /run/kill-at', 'sh', String(call)]);
        const killed = await cluster.heartbeat(node1, 'push');
        assert.notEqual(killed.code, 0, `push was to be killed at call ${call}`);
        for (const node of [node1, node2]) {
          const { code, stdout, stderr } = await cluster.heartbeat(node, 'check');
          assert.equal(code, 0, `${node.name} after call ${call}: ${stdout}${stderr}`);
        }
        for (const [file, text] of Object.entries(await filesOf(node2)))
          assert.ok(allowed(file, text), `${file} of node2 after call ${call}`);
        if (call < 6)
          assert.deepEqual(await filesOf(node2), before, `before call ${call} nothing was installed`);
      }

      await node1.run(['rm', '-f', '/run/calls', '/run/kill-at']);
      const { code, stdout, stderr } = await cluster.heartbeat(node1, 'push');
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.deepEqual(await filesOf(node2), known);
      const left = await node2.run(['sh', '-c', 'ls -A /etc/ha.d | grep "^\\.push" || true']);
      assert.equal(left, '');
      assert.equal((await cluster.heartbeat(node2, '-s')).code, 0);
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);
