import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixture, repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility, nowMs } from './lib/index.js';
import { type Cluster, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const THROWER = join(repositoryRoot(), 'dist', 'test', 'lab', 'support', 'throw-packets.js');

async function throwPackets(from: LabNode, packets: readonly string[], perSecond: number): Promise<void> {
  const command = [process.execPath, THROWER, '10.77.0.255', '694', String(perSecond)];
  const { code, stderr } = await from.exec(command, { input: `${packets.join('\n')}\n`, timeoutMs: 120_000 });
  assert.equal(code, 0, stderr);
}

/** Same owner, nobody thought dead, nobody late, and the log is not flooded. */
async function nothingChanged(cluster: Cluster, quietSince: number): Promise<void> {
  await cluster.owns(cluster.node1);
  for (const node of [cluster.node1, cluster.node2]) {
    const text = await node.log();
    assert.doesNotMatch(text, /is dead|Late heartbeat/);
    const causes = new Map<string, number>();
    for (const line of text.split('\n').filter((entry) => /WARN|ERROR|CRIT/.test(entry))) {
      const cause = /authentication/.test(line)
        ? 'authentication'
        : /no heartbeat message/.test(line)
          ? 'malformed'
          : 'other';
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    }
    const minutes = 1 + Math.ceil((nowMs() - quietSince) / 60_000);
    assert.ok((causes.get('authentication') ?? 0) <= minutes, 'one line per cause and minute');
    assert.ok((causes.get('malformed') ?? 0) <= minutes, 'one line per cause and minute');
  }
}

test(
  'garbage at 10,000 packets a second and every malformed packet of the vectors change nothing',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const since = nowMs();
      const { lab } = cluster;
      await cluster.start();
      await cluster.owns(cluster.node1);
      const client = await lab.client(`udp://${VIP}`);
      const { vectors } = JSON.parse(readFileSync(fixture('vectors', 'negative.json'), 'utf8')) as {
        vectors: { hex: string }[];
      };
      await throwPackets(
        lab.node('client'),
        vectors.map(({ hex }) => hex),
        1000,
      );
      const garbage: string[] = [];
      let word = 1;
      for (let index = 0; index < 30_000; index++) {
        const bytes = Buffer.alloc(20 + (index % 300));
        for (let at = 0; at < bytes.length; at++) {
          word = (Math.imul(word, 1103515245) + 12345) >>> 0;
          bytes[at] = word >>> 16;
        }
        if (index % 3 === 0) bytes.write('###\n', 'latin1');
        garbage.push(bytes.toString('hex'));
      }
      await throwPackets(lab.node('client'), garbage, 10_000);
      await nothingChanged(cluster, since);
      const { asked, answered } = await client.answered({ toMs: nowMs() - 1000 });
      assert.equal(answered, asked);
    });
  },
);

test('replayed packets of both nodes change nothing', options, async () => {
  await withCluster({}, async (cluster) => {
    const since = nowMs();
    const { lab, node1, node2 } = cluster;
    const listener = lab.node('client').spawn([
      process.execPath,
      '-e',
      `const s=require('dgram').createSocket({type:'udp4',reuseAddr:true});
       s.on('message',(m)=>console.log(m.toString('hex')));s.bind(694);setTimeout(()=>process.exit(0),8000)`,
    ]);
    await cluster.start();
    await cluster.owns(node1);
    await node1.run([join(repositoryRoot(), 'bin', 'hb_standby'), 'all']);
    await cluster.owns(node2);
    await node2.run([join(repositoryRoot(), 'bin', 'hb_standby'), 'all']);
    await cluster.owns(node1);
    await listener.ended;
    const recorded = listener
      .output()
      .split('\n')
      .filter((line) => line !== '');
    assert.ok(recorded.length > 20, `${recorded.length} packets were recorded`);
    await throwPackets(lab.node('client'), recorded, 1000);
    await throwPackets(lab.node('client'), [...recorded].reverse(), 1000);
    await nothingChanged(cluster, since);
  });
});

for (const [name, theirs] of [
  ['another key', 'auth 1\n1 sha1 quite-another-secret\n'],
  ['crc against sha1', 'auth 1\n1 crc\n'],
] as const) {
  test(`${name} on the other machine: it is not heard, and the log says why once`, options, async () => {
    const authkeys = { node1: 'auth 1\n1 sha1 a-secret\n', node2: theirs };
    await withCluster({ authkeys, initdead: '10' }, async (cluster) => {
      const { lab, node1 } = cluster;
      await cluster.start();
      await lab.until(
        async () =>
          (await cluster.status(node1))?.nodes.some(
            (node) => node.name === 'node2' && node.status === 'dead',
          ),
        {
          withinMs: 30_000,
          what: 'node1 to count node2 as dead',
        },
      );
      const lines = (await node1.log())
        .split('\n')
        .filter((line) => line.includes('Packet failed authentication check'));
      assert.equal(lines.length, 1);
      assert.doesNotMatch(await node1.log(), /a-secret/);
    });
  });
}
