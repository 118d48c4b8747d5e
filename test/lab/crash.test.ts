import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabNode, labAbility, nowMs } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

async function pidOf(node: LabNode, part: string): Promise<string> {
  // The loop in force is the one that owns the heartbeat socket; the waiting spare has none.
  const { stdout } = await node.exec([
    'sh',
    '-c',
    `ss -Hlunp | grep -o 'pid=[0-9]*' | head -n 1 | cut -d= -f2`,
  ]);
  if (part === 'loop' && stdout.trim() !== '') return stdout.trim();
  return (await node.read('/run/heartbeat.pid')).trim();
}

test(
  'kill -9 of the loop process: it is back before deadtime, with its resources, and nothing moves',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      const client = await lab.client(`udp://${VIP}`);
      await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'an answer' });
      const generation = (await cluster.status(node1))?.generation;
      const killed = nowMs();
      await node1.run(['kill', '-9', await pidOf(node1, 'loop')]);
      await cluster.owns(node1);
      // Long enough for node2 to have taken over, had it not heard the new process.
      await lab.until(() => nowMs() > killed + 3000, { withinMs: 10_000, what: 'a deadtime to pass' });
      await cluster.owns(node1);
      assert.equal((await cluster.status(node1))?.generation, generation);
      assert.ok(!(await node2.log()).includes('is dead'));
      const { asked, answered } = await client.answered({ fromMs: killed - 200, toMs: killed + 2500 });
      assert.equal(answered, asked);
    });
  },
);

test(
  'kill -9 of the runner: the loop starts a new one, commands work again, nothing moves',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await node1.run(['kill', '-9', await pidOf(node1, 'runner')]);
      await lab.until(async () => (await cluster.status(node1)) !== undefined, {
        withinMs: 20_000,
        what: 'the new runner to answer',
      });
      await cluster.owns(node1);
      assert.ok(!(await node2.log()).includes('is dead'));
      assert.equal((await cluster.heartbeat(node1, '-k')).code, 0);
      await cluster.owns(node2);
    });
  },
);

test(
  'kill -9 of everything: the kernel drops the address by its lifetime, the peer takes over',
  options,
  async () => {
    await withCluster({ deadtime: '4', keepalive: '500ms' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await lab.until(
        async () => {
          const found = (await node1.addresses()).find(({ address }) => address === VIP);
          return found !== undefined && typeof found.validLifetimeS === 'number' && found.validLifetimeS <= 3;
        },
        { withinMs: 10_000, what: 'the address to have a lifetime' },
      );
      const pids = (await node1.procs())
        .filter(({ command }) => /heartbeat|daemon.loop/.test(command))
        .map(({ pid }) => String(pid));
      assert.ok(pids.length >= 2);
      const observer = await lab.observe([VIP]);
      await node1.run(['kill', '-9', ...pids]);
      await cluster.owns(node2);
      await lab.until(async () => !(await node1.addresses()).some(({ address }) => address === VIP), {
        withinMs: 10_000,
        what: 'the kernel to drop the address',
      });
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);

test(
  'every process of the active node stopped for three deadtimes: the woken node does not serve beside the other',
  options,
  async () => {
    await withCluster({ autoFailback: 'off' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await cluster.start();
      await cluster.owns(node1);
      const paused = nowMs();
      await node1.pause();
      await cluster.owns(node2);
      await lab.until(() => nowMs() > paused + 6000, { withinMs: 20_000, what: 'three deadtimes to pass' });
      const woken = nowMs();
      await node1.resume();
      await lab.until(async () => (await cluster.status(node1))?.groups[0]?.owner === 'node2', {
        withinMs: 20_000,
        what: 'node1 to see the new owner',
      });
      await cluster.owns(node2);
      assert.match(await node1.log(), /this node did not run for/);
      const overlaps = await observer.overlaps(VIP, { fromMs: woken });
      const longest = Math.max(0, ...overlaps.map(({ fromMs, toMs }) => toMs - fromMs));
      assert.ok(longest < 1000, `two owners for ${longest} ms after waking`);
    });
  },
);
