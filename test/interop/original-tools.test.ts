/** The tools of the original's packages against this daemon. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { withCluster } from '../lab/support/cluster.js';
import { repositoryRoot } from '../support/root.js';
import { labAbsent } from './support/mixed-cluster.js';
import { furnish, furnishRun, originalAbsent, originalTool } from './support/original-node.js';

const absent = originalAbsent() ?? labAbsent();
const options = absent === undefined ? {} : { skip: absent };
const GROUPS = { a: '10.77.0.100', b: '10.77.0.101' };

const QUESTIONS: readonly (readonly string[])[] = [
  ['hbstatus'],
  ['hbstatus', '-v'],
  ['listnodes'],
  ['listnodes', '-v'],
  ['nodestatus', 'node1'],
  ['nodestatus', 'NODE2'],
  ['nodestatus', 'node2', '-m'],
  ['nodestatus', 'nobody'],
  ['nodetype', 'node1'],
  ['nodeweight', 'node1'],
  ['nodesite', 'node1'],
  ['listhblinks', 'node2'],
  ['listhblinks', 'node1', '-m'],
  ['hblinkstatus', 'node2', 'eth0'],
  ['hblinkstatus', 'node2', 'eth9'],
  ['clientstatus', 'node1', 'ipfail', '500'],
  ['rscstatus'],
  ['rscstatus', '-m'],
  ['hbparameter', '-p', 'deadtime'],
  ['hbparameter', '-p', 'nothing'],
];

test(
  'cl_status of the original prints and returns the same as ours, and its scripts move resources through the FIFO',
  options,
  async () => {
    const haresources = [`node1 ${GROUPS.a}/24/eth0`, `node2 ${GROUPS.b}/24/eth0`];
    await withCluster({ autoFailback: 'off', initdead: '6', haresources }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      for (const node of [node1, node2]) {
        await furnish(node);
        await furnishRun(node);
      }
      const theirs = (...words: readonly string[]) => node1.exec(['/usr/bin/cl_status', ...words]);
      const ours = (...words: readonly string[]) =>
        node1.exec([join(repositoryRoot(), 'bin', 'cl_status'), ...words]);

      const before = await theirs('hbstatus');
      assert.deepEqual([before.code, before.stdout], [1, 'Heartbeat is stopped on this machine.\n']);
      await cluster.start();
      await cluster.owns(node1, [`${GROUPS.a}/24/eth0`]);
      await cluster.owns(node2, [`${GROUPS.b}/24/eth0`]);
      await lab.until(async () => (await ours('rscstatus')).stdout === 'local\n', {
        withinMs: 10_000,
        what: 'node1 to be quiet',
      });
      for (const words of QUESTIONS) {
        const [their, our] = [await theirs(...words), await ours(...words)];
        assert.deepEqual([their.stdout, their.code], [our.stdout, our.code], words.join(' '));
      }

      const holding = async (): Promise<string> => {
        const of = async (node: typeof node1): Promise<string> => {
          const have = (await node.addresses()).map(({ address }) => address);
          return Object.entries(GROUPS)
            .flatMap(([name, address]) => (have.includes(address) ? [name] : []))
            .join('');
        };
        return `${await of(node1)}|${await of(node2)}`;
      };
      const moves: readonly (readonly [typeof node1, string, string, string])[] = [
        [node1, 'hb_standby', 'all', '|ab'],
        [node1, 'hb_takeover', 'local', 'a|b'],
        [node2, 'hb_standby', 'local', 'ab|'],
        [node1, 'hb_standby', 'foreign', 'a|b'],
        [node2, 'hb_takeover', 'all', '|ab'],
      ];
      for (const [node, script, set, wanted] of moves) {
        await node.run([originalTool(script), set]);
        await lab.until(async () => (await holding()) === wanted, {
          withinMs: 10_000,
          what: `${wanted} after ${script} ${set} on ${node.name}`,
        });
        await lab.until(async () => (await theirs('rscstatus')).stdout !== 'transition\n', {
          withinMs: 10_000,
          what: 'node1 to be quiet',
        });
        await lab.until(async () => (await cluster.status(node2))?.resources !== 'transition', {
          withinMs: 10_000,
          what: 'node2 to be quiet',
        });
      }
      const wrong = await node1.exec([originalTool('hb_standby'), 'nonsense']);
      assert.equal(wrong.code, 1);
      await node1.run([originalTool('hb_addnode'), 'another']);
      await lab.until(async () => (await node1.log()).includes('nodes are added and removed in ha.cf'), {
        withinMs: 5000,
        what: 'a sentence about hb_addnode',
      });
    });
  },
);
