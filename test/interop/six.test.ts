/** Six mixed clusters of `npm run interop`, as part of every test run: three at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIX } from './scenarios/six.js';
import { labAbsent } from './support/mixed-cluster.js';
import { originalAbsent } from './support/original-node.js';
import { play } from './support/story.js';
import { tableOf } from './support/table.js';

const LANES = 3;
const absent = originalAbsent() ?? labAbsent();

test('a mixed cluster with the original behaves as two originals do, with each as node1 and as node2', {
  concurrency: LANES,
  ...(absent === undefined ? {} : { skip: absent }),
}, async (t) => {
  const played = SIX.flatMap((story) =>
    (
      [
        ['ours', 'original'],
        ['original', 'ours'],
      ] as const
    ).map((kinds) =>
      t.test(`${story.name}: ${kinds.join(' and ')}`, async () => {
        const logs: string[] = [];
        const rows = await play(
          story,
          kinds,
          () => {},
          async (cluster) => {
            for (const { node } of cluster.machines) logs.push(`--- ${node.name}\n${await node.log()}`);
          },
        );
        assert.ok(
          rows.length === story.steps.length && rows.every(({ passed }) => passed),
          `${tableOf(rows)}\n${logs.join('\n')}`,
        );
      }),
    ),
  );
  await Promise.all(played);
});
