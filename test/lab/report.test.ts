import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize } from 'node:v8';
import { gunzipSync } from 'node:zlib';
import { labAbility } from './lib/index.js';
import { withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const KEY = 'a-signing-key-nobody-may-read';
const FENCE = 'fence-password-55';

/** Every text of a value, wherever it stands. */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const items = value instanceof Map || value instanceof Set ? [...value] : Object.values(value);
  return [...Object.keys(value), ...items.flatMap((item) => textsOf(item, seen))];
}

test('a report of a running node has its state and its recordings, and no secret', options, async () => {
  const authkeys = `auth 1\n1 sha1 ${KEY}\n`;
  const media = ['bcast eth0', `stonith_host * script /root/fence password=${FENCE}`];
  await withCluster({ media, authkeys: { node1: authkeys, node2: authkeys } }, async (cluster) => {
    const { node1, node2 } = cluster;
    for (const node of [node1, node2])
      await node.write('/root/fence', '#!/bin/sh\necho "$2 $password"\nexit 0\n', 0o755);
    await cluster.start();
    await cluster.owns(node1);
    const { code, stdout, stderr } = await cluster.heartbeat(node1, 'report', '/root/report.tar.gz');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /for root alone/);
    assert.equal((await node1.run(['stat', '-c', '%a', '/root/report.tar.gz'])).trim(), '600');
    const packed = Buffer.from(
      await node1.run(['base64', '/root/report.tar.gz'], { timeoutMs: 30_000 }),
      'base64',
    );
    const tar = gunzipSync(packed);
    const text = tar.toString('latin1');
    for (const part of [
      'configuration/ha.cf',
      'status.json',
      'events.jsonl',
      'system.json',
      'recorder/',
      'logs/var_log_ha-log',
    ])
      assert.ok(text.includes(part), `${part} is in the report`);
    const images = [...text.matchAll(/"image":"([^"]+)"/g)].map(([, image = '']) =>
      Buffer.from(image, 'base64'),
    );
    assert.ok(images.length > 0, 'a recording begins with an image');
    for (const secret of [KEY, FENCE]) {
      assert.equal(text.includes(secret), false, secret);
      for (const image of images) {
        assert.equal(image.includes(secret), false, secret);
        assert.equal(
          textsOf(deserialize(image)).some((one) => one.includes(secret)),
          false,
          secret,
        );
      }
    }
  });
});
