import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, withCluster } from './support/cluster.js';

const ability = labAbility();
const isRoot = process.getuid?.() === 0;
const notRoot = isRoot ? {} : { skip: 'the page needs root: its process becomes another user' };
const options = ability.possible ? notRoot : { skip: ability.reason };

const ATTACK = join(repositoryRoot(), 'dist', 'test', 'lab', 'support', 'attack-page.js');
const KEY = 'a-key-that-the-page-may-not-show';
const STRANGER = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'];
const ATTACK_S = 8;

interface Figures {
  readonly turns: number;
  readonly maxMs: number;
  readonly over10ms: number;
}

async function lateness(cluster: Cluster, node: LabNode): Promise<Figures> {
  const status = (await cluster.status(node)) as unknown as { lateness: Figures };
  return status.lateness;
}

/** Asks in the node; empty when there is no answer. */
async function page(node: LabNode, path: string): Promise<string> {
  const code = `fetch('http://127.0.0.1:8694${path}',{signal:AbortSignal.timeout(4000)}).then(async(r)=>console.log(r.status,await r.text()),()=>0)`;
  return (await node.exec([process.execPath, '-e', code])).stdout;
}

async function frontPid(node: LabNode): Promise<string> {
  return (await node.run(['pgrep', '-f', 'dist/src/front/main[.]js'])).trim().split('\n').at(-1) ?? '';
}

test(
  'a hostile local user and a thousand connections see nothing secret, change nothing, and no heartbeat is late',
  options,
  async (t) => {
    const authkeys = `auth 1\n1 sha1 ${KEY}\n`;
    const settings = '[status]\nlisten = 127.0.0.1:8694\n';
    await withCluster({ settings, authkeys: { node1: authkeys, node2: authkeys } }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await lab.until(async () => (await page(node1, '/')).startsWith('200 '), {
        withinMs: 20_000,
        what: 'the page to answer',
      });
      const before = await cluster.status(node1);
      await new Promise((resolve) => setTimeout(resolve, ATTACK_S * 1000));
      const quiet = await lateness(cluster, node1);
      const pid = await frontPid(node1);
      const attack = node1.spawn([...STRANGER, process.execPath, ATTACK, '8694', String(ATTACK_S)]);
      await lab.until(async () => (await page(node1, '/status.json')).startsWith('200 '), {
        withinMs: ATTACK_S * 1000,
        what: 'the page to answer during the attack',
      });
      await attack.ended;
      const attacked = await lateness(cluster, node1);
      t.diagnostic(`attack: ${attack.output().trim()}`);
      t.diagnostic(`without: ${JSON.stringify(quiet)}; with: ${JSON.stringify(attacked)} (since the start)`);
      assert.equal(await frontPid(node1), pid, 'the process of the page lives');
      await cluster.owns(node1);
      const after = await cluster.status(node1);
      assert.deepEqual(after?.warnings, before?.warnings);
      for (const node of [node1, node2]) {
        assert.doesNotMatch(await node.log(), /is dead|Late heartbeat|Gmain|may have taken over/);
        const peer = (await cluster.status(node))?.nodes.find(({ self }) => !self);
        assert.deepEqual(
          peer?.links.map(({ status, lossInPercent }) => [status, lossInPercent]),
          [
            ['up', 0],
            ['up', 0],
          ],
        );
      }
      await lab.until(async () => (await page(node1, '/')).startsWith('200 '), {
        withinMs: 20_000,
        what: 'the page to answer after the attack',
      });
      for (const path of ['/', '/status.json', '/metrics', '/page.js'])
        assert.equal((await page(node1, path)).includes(KEY), false, path);
    });
  },
);

test(
  'the process of the page has no right left; its files and the socket are closed to other users',
  options,
  async () => {
    const settings = '[status]\nlisten = 127.0.0.1:8694\n';
    await withCluster({ settings }, async (cluster) => {
      const { lab, node1 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await lab.until(async () => (await page(node1, '/')).startsWith('200 '), {
        withinMs: 20_000,
        what: 'the page to answer',
      });
      const pid = await frontPid(node1);
      const status = await node1.run(['cat', `/proc/${pid}/status`]);
      assert.match(status, /^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
      assert.match(status, /^Gid:\s+65534\s+65534\s+65534\s+65534$/m);
      assert.match(status, /^Groups:\s*$/m);
      assert.match(status, /^CapEff:\s+0+$/m);
      assert.match(status, /^CapPrm:\s+0+$/m);
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      const files = ['authkeys', 'events.jsonl', 'availability.json'].map((name) =>
        name === 'authkeys' ? `/etc/ha.d/${name}` : `/var/lib/heartbeat/${name}`,
      );
      for (const path of [...files, '/var/lib/heartbeat/recorder', `/proc/${pid}/environ`]) {
        await node1.run(['test', '-e', path]);
        const { code } = await node1.exec([...STRANGER, 'cat', path]);
        const listed = await node1.exec([...STRANGER, 'ls', `${path}/.`]);
        assert.ok(code !== 0 && listed.code !== 0, `${path} is closed`);
      }
      const asking = `require('net').connect('/run/heartbeat/control.sock').on('error',(e)=>{console.log(e.code)})`;
      assert.equal((await node1.exec([...STRANGER, process.execPath, '-e', asking])).stdout.trim(), 'EACCES');
      assert.notEqual((await node1.exec([...STRANGER, 'kill', '-9', pid])).code, 0);
      // Whoever kills it as root gets another, and nothing else happens.
      await node1.run(['kill', '-9', pid]);
      await lab.until(
        async () => {
          const found = await node1.exec(['pgrep', '-f', 'dist/src/front/main[.]js']);
          return found.stdout.trim() !== '' && (await page(node1, '/')).startsWith('200 ');
        },
        { withinMs: 30_000, what: 'another process to serve the page' },
      );
      await cluster.owns(node1);
    });
  },
);
