/** Where 3.0.6 is wrong and this program is not, side by side in one cluster (docs/interoperating.md lists them). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixture, repositoryRoot } from '../support/root.js';
import { createMixed, labAbsent, type MixedCluster, type MixedOptions } from './support/mixed-cluster.js';
import { originalAbsent } from './support/original-node.js';

const absent = originalAbsent() ?? labAbsent();
const THROWER = join(repositoryRoot(), 'dist', 'test', 'lab', 'support', 'throw-packets.js');
const USUAL = {
  kinds: ['ours', 'original'],
  medium: 'bcast',
  method: 'sha1',
  autoFailback: 'off',
} as const satisfies MixedOptions;

async function withPair(
  options: MixedOptions,
  story: (cluster: MixedCluster) => Promise<void>,
): Promise<void> {
  const cluster = await createMixed(options);
  try {
    await story(cluster);
  } catch (error) {
    for (const { node } of cluster.machines) console.error(`--- ${node.name}\n${await node.log()}`);
    throw error;
  } finally {
    await cluster.destroy();
  }
}

/** What a script of ours writes down of its environment. */
const SPY = `#!/bin/sh
case $1 in start) env > /var/log/environment; touch /run/spied;; stop) rm -f /run/spied;;
status) [ -e /run/spied ] && echo running || echo stopped;; esac
`;

const malformed = async (): Promise<void> => {
  await withPair(USUAL, async (cluster) => {
    const { lab, ours, original } = cluster;
    await Promise.all(cluster.machines.map((machine) => machine.start()));
    await cluster.holds('a', 'b', 40_000);
    const { vectors } = JSON.parse(readFileSync(fixture('vectors', 'negative.json'), 'utf8')) as {
      vectors: { id: string; hex: string }[];
    };
    const packets = vectors.filter(({ id }) => id.startsWith('robust-')).map(({ hex }) => hex);
    await lab
      .node('client')
      .run([process.execPath, THROWER, '10.77.0.255', '694', '100'], { input: `${packets.join('\n')}\n` });
    const masters = (): boolean =>
      original.node.procs().some(({ command }) => command.includes('master control process'));
    await lab.until(() => !masters(), { withinMs: 20_000, what: "the end of the original's daemon" });
    // Ours goes on, notices that the other node is silent, and serves both.
    await lab.until(async () => (await cluster.holding()).node1 === 'ab', {
      withinMs: 20_000,
      what: 'the takeover by ours',
    });
    assert.match(await ours.node.log(), /A packet that is no heartbeat message was dropped/);
  });
};

const environment = async (): Promise<void> => {
  await withPair({ ...USUAL, scripts: ['spy', ''] }, async (cluster) => {
    const { ours, original } = cluster;
    for (const { node } of cluster.machines) {
      await node.write('/etc/ha.d/resource.d/spy', SPY, 0o755);
      await node.write('/etc/evil', 'touch /var/log/owned\n', 0o755);
    }
    await Promise.all(cluster.machines.map((machine) => machine.start()));
    await cluster.holds('a', 'b', 40_000);
    await cluster.quiet();
    const fields = ['t=hb_takeover', 'rsc_hold=all', 'FUNCS=/etc/evil', 'DIR=/etc/evil', 'PATH=/etc/evil'];
    const say = (node: typeof ours.node, lines: readonly string[]): Promise<string> =>
      node.run(['sh', '-c', 'cat > /var/lib/heartbeat/fifo'], { input: `>>>\n${lines.join('\n')}\n<<<\n` });
    await say(original.node, fields);
    await cluster.holds('-', 'ab', 20_000);
    await cluster.quiet();
    await say(original.node, ['t=ask_resources', 'rsc_hold=all', 'info=me', 'FUNCS=/etc/evil', 'FOO=bar']);
    await cluster.holds('ab', '-', 20_000);
    const seen = await ours.node.read('/var/log/environment');
    assert.doesNotMatch(seen, /evil|HA_FOO|rsc_hold/);
    assert.equal((await ours.node.exec(['test', '-e', '/var/log/owned'])).code, 1, 'nothing of it was run');
  });
};

test('what brings the original down or into foreign hands does neither to this program', {
  concurrency: 2,
  ...(absent === undefined ? {} : { skip: absent }),
}, async (t) => {
  await Promise.all([
    t.test('one malformed datagram ends the original: ours drops it, goes on and takes over', malformed),
    t.test('no field of a packet reaches the environment of a script of ours', environment),
  ]);
});
