/** docs/replacing-a-pair.md, followed word by word: two originals become two of ours, seen by a client of each address. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { ADDRESSES, createMixed, labAbsent } from './support/mixed-cluster.js';
import { originalAbsent } from './support/original-node.js';

const absent = originalAbsent() ?? labAbsent();
/** A handover of an original takes a second or two; the rest is for a busy machine. */
const OUTAGE_MAX_MS = 8000;
const COMMAND_LIMIT_MS = 90_000;

interface Command {
  readonly place: 'node1' | 'node2';
  readonly text: string;
}

/** The blocks of the document that name a node. */
function commandsOf(document: string): Command[] {
  const found: Command[] = [];
  for (const [, place, text = ''] of document.matchAll(/^```sh (node1|node2)\n([\s\S]*?)^```$/gm))
    found.push({ place: place === 'node1' ? 'node1' : 'node2', text });
  return found;
}

test(
  'the guide turns a running pair of originals into a pair of ours, with handovers only',
  absent === undefined ? {} : { skip: absent },
  async (t) => {
    const commands = commandsOf(readFileSync(join(repositoryRoot(), 'docs', 'replacing-a-pair.md'), 'utf8'));
    assert.ok(commands.length >= 10, 'the guide has its commands');
    const cluster = await createMixed({
      kinds: ['original', 'original'],
      medium: 'bcast+mcast',
      method: 'sha1',
      autoFailback: 'off',
    });
    try {
      for (const { node } of cluster.machines)
        await node.run(['sh', '-c', `mkdir -p /opt && ln -sfn ${repositoryRoot()} /opt/heartbeat`]);
      await Promise.all(cluster.machines.map((machine) => machine.start()));
      await cluster.holds('a', 'b', 40_000);
      await cluster.quiet();
      for (const { place, text } of commands) {
        const { code, stdout, stderr } = await cluster[place].node.exec(['sh', '-c', text], {
          timeoutMs: COMMAND_LIMIT_MS,
        });
        assert.equal(code, 0, `${place}: ${text}: ${stdout}${stderr}`);
      }
      await cluster.holds('a', 'b', 20_000);
      for (const { node } of cluster.machines) {
        const daemons = node.procs().map(({ command }) => command);
        assert.ok(
          daemons.some((command) => command.includes('dist/src/daemon/')),
          daemons.join('\n'),
        );
      }
      for (const [name, address] of Object.entries(ADDRESSES)) {
        assert.deepEqual(await cluster.observation.overlaps(address), [], `two owners of ${name}`);
        const log = await cluster.clients[name === 'a' ? 'a' : 'b'].log();
        const first = log.find(({ receivedAtMs }) => receivedAtMs !== undefined);
        const last = log.findLast(({ receivedAtMs }) => receivedAtMs !== undefined);
        const window = { fromMs: first?.receivedAtMs ?? 0, toMs: last?.receivedAtMs ?? 0 };
        const { outageMs } = await cluster.clients[name === 'a' ? 'a' : 'b'].outage(window);
        t.diagnostic(`${name}: longest outage ${outageMs.toFixed(0)} ms`);
        assert.ok(outageMs < OUTAGE_MAX_MS, `${name} was away for ${outageMs} ms`);
      }
    } catch (error) {
      for (const { node } of cluster.machines) console.error(`--- ${node.name}\n${await node.log()}`);
      throw error;
    } finally {
      await cluster.destroy();
    }
  },
);
