/** Poison pills with real daemons: one disk (a file) that two nodes share, every heartbeat link cut, and who survives. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import type { NodeEnd } from './lib/index.js';
import { type LabNode, labAbility, nowMs } from './lib/index.js';
import { type Cluster, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const DISK = '/var/disk/pills';
const SECOND = '10.77.0.101';
const KEYS = [`${VIP}/24/eth0`, `${SECOND}/24/eth0`] as const;
/** Beside the header's 255 slots. */
const DISK_BYTES = 512 * 600;

/** Heartbeats run over eth1 only, so that the observer sees the addresses on eth0 whatever is cut. */
async function withDisk(story: (cluster: Cluster) => Promise<void>, stonith = true): Promise<void> {
  const media = ['bcast eth1', 'mcast eth1 239.0.0.1 695 1 0', ...(stonith ? ['stonith_host * sbd'] : [])];
  const haresources = [`node1 ${KEYS[0]}`, `node2 ${KEYS[1]}`];
  const settings = `[sbd]\ndevice = ${DISK}\n`;
  await withCluster({ media, haresources, settings }, async (cluster) => {
    await cluster.node1.write(DISK, Buffer.alloc(DISK_BYTES));
    await cluster.node1.share(DISK, [cluster.node2]);
    const { code, stderr } = await cluster.heartbeat(cluster.node1, 'sbd', 'create', '-1', '2', '-4', '6');
    assert.equal(code, 0, stderr);
    await story(cluster);
  });
}

const endOf = (node: LabNode): Promise<NodeEnd> => new Promise((resolve) => node.onEnd(resolve));

const watchersOf = (node: LabNode): readonly number[] =>
  node.procs().flatMap(({ pid, command }) => (command.includes('watcher of') ? [pid] : []));

test(
  'every heartbeat link cut: the pill ends one node before its address moves, and it comes back unsentenced',
  options,
  async (context) => {
    await withDisk(async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP, SECOND]);
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      await cluster.owns(node2, [KEYS[1]]);
      await cluster.quiet();
      const listed = await cluster.heartbeat(node1, 'sbd', 'list');
      assert.deepEqual(
        listed.stdout
          .trim()
          .split('\n')
          .map((line) => line.split('\t')[1])
          .sort(),
        ['node1', 'node2'],
      );
      const ended = endOf(node2);
      const cutMs = nowMs();
      await lab.silence('node1', 'eth1');
      const { reason, atMs } = await ended;
      assert.equal(reason, 'reboot');
      await cluster.owns(node1, KEYS);
      assert.equal(node1.isOn, true);
      await lab.until(async () => (await observer.ownersNow(SECOND)).includes('node1'), {
        withinMs: 20_000,
        what: 'the observer to be answered by node1',
      });
      const first = (await observer.answers()).find(
        ({ address, node, atMs: answeredMs }) => address === SECOND && node === 'node1' && answeredMs > cutMs,
      );
      assert.ok(first !== undefined && first.atMs > atMs, 'gone before it moved');
      for (const address of [VIP, SECOND]) assert.deepEqual(await observer.overlaps(address), []);
      assert.match(await node1.log(), /node node2 now reset\./);
      assert.match(await node2.log(), /node1 wrote "reset" on \/var\/disk\/pills: this machine ends at once/);
      context.diagnostic(
        `node2 ended ${(atMs - cutMs).toFixed(0)} ms after the cut, node1 answers for its address after ${(first.atMs - cutMs).toFixed(0)} ms`,
      );
      await lab.heal();
      await node2.powerOn();
      await cluster.start(node2);
      await cluster.owns(node2, [KEYS[1]]);
      assert.equal(node2.isOn, true);
    });
  },
);

test('a disk that hangs: its node ends itself, and nobody needs to shoot', options, async (context) => {
  await withDisk(async (cluster) => {
    const { lab, node1, node2 } = cluster;
    const observer = await lab.observe([SECOND]);
    await cluster.start();
    await cluster.owns(node2, [KEYS[1]]);
    await cluster.quiet();
    const ended = endOf(node2);
    const hungMs = nowMs();
    const [watcher] = watchersOf(node2);
    assert.ok(watcher !== undefined, 'the watcher of the disk');
    await node2.run(['kill', '-STOP', String(watcher)]);
    const { atMs } = await Promise.race([
      ended,
      new Promise<NodeEnd>((_, reject) => setTimeout(() => reject(new Error('node2 lives')), 60_000).unref()),
    ]);
    context.diagnostic(`node2 ended ${(atMs - hungMs).toFixed(0)} ms after its disk hung (msgwait 6000 ms)`);
    assert.match(await node2.log(), /has not read its slot on \/var\/disk\/pills in time/);
    await cluster.owns(node1, KEYS, 60_000);
    assert.deepEqual(await observer.overlaps(SECOND), []);
  });
});

test(
  'messages: test is answered in the log, exit stops in order, an old sentence is cleared at the start',
  options,
  async () => {
    await withDisk(async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.heartbeat(node1, 'sbd', 'allocate', 'node1');
      const old = node2.spawn([
        join(repositoryRoot(), 'bin', 'heartbeat'),
        'sbd',
        'message',
        'node1',
        'reset',
      ]);
      await lab.until(async () => /reset/.test((await cluster.heartbeat(node2, 'sbd', 'list')).stdout), {
        withinMs: 20_000,
        what: 'the old sentence on the disk',
      });
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      assert.match(await node1.log(), /"reset" from before this start was cleared/);
      assert.equal((await cluster.status(node1))?.disks?.[0]?.state, 'read');
      await old.ended;
      await cluster.heartbeat(node2, 'sbd', 'message', 'node1', 'test');
      await lab.until(async () => /node2 wrote "test" on/.test(await node1.log()), {
        withinMs: 20_000,
        what: 'the answer in the log',
      });
      // The watcher dies, the runner dies: the slot is read further.
      for (const pid of watchersOf(node1)) await node1.run(['kill', '-KILL', String(pid)]);
      const runner = (await node1.read('/run/heartbeat.pid')).trim();
      await node1.run(['kill', '-KILL', runner]);
      await lab.until(async () => (await node1.read('/run/heartbeat.pid')).trim() !== runner, {
        withinMs: 20_000,
        what: 'another runner',
      });
      await lab.until(() => watchersOf(node1).length === 1, { withinMs: 20_000, what: 'one watcher' });
      await cluster.heartbeat(node2, 'sbd', 'message', 'node1', 'exit');
      await cluster.owns(node2, KEYS);
      assert.match(await node1.log(), /node2 wrote "exit" on/);
      assert.equal(node1.isOn, true);
    });
  },
);

test('a node that cannot read the disk does not start, and says what is missing', options, async () => {
  await withDisk(async (cluster) => {
    const { node1 } = cluster;
    await node1.write('/etc/ha.d/heartbeat.ini', '[sbd]\ndevice = /var/disk/absent\n');
    const { code, stderr } = await cluster.heartbeat(node1);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /cannot read the disks of \[sbd\] device.*\/var\/disk\/absent: there is no such disk/,
    );
  });
});
