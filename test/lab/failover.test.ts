import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

for (const autoFailback of ['on', 'legacy'] as const) {
  test(
    `auto_failback ${autoFailback}: a dead node's address moves, and moves back when it returns, never with two owners`,
    options,
    async () => {
      await withCluster({ autoFailback }, async (cluster) => {
        const { lab, node1, node2 } = cluster;
        const observer = await lab.observe([VIP]);
        const client = await lab.client(`udp://${VIP}`);
        await cluster.start();
        await cluster.owns(node1);
        await lab.until(() => client.firstAnswerFrom('node1'), {
          withinMs: 10_000,
          what: 'an answer from node1',
        });

        const off = await node1.powerOff();
        await lab.until(() => client.firstAnswerFrom('node2', off.atMs), {
          withinMs: 20_000,
          what: 'an answer from node2',
        });
        await cluster.owns(node2);

        const back = nowMs();
        await node1.powerOn();
        await cluster.start(node1);
        await lab.until(() => client.firstAnswerFrom('node1', back), {
          withinMs: 20_000,
          what: 'node1 to serve again',
        });
        await cluster.owns(node1);
        assert.deepEqual(await observer.overlaps(VIP), []);
      });
    },
  );
}

test('auto_failback off: a node that returns takes nothing', options, async () => {
  await withCluster({ autoFailback: 'off' }, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    await cluster.start();
    await cluster.owns(node1);
    await node1.powerOff();
    await cluster.owns(node2);
    await node1.powerOn();
    await cluster.start(node1);
    await lab.until(async () => (await cluster.status(node1))?.groups[0]?.owner === 'node2', {
      withinMs: 20_000,
      what: 'node1 to know that node2 owns the group',
    });
    await cluster.owns(node2);
  });
});

test('the death of the node that serves nothing leaves no request unanswered', options, async () => {
  await withCluster({}, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    await cluster.start();
    await cluster.owns(node1);
    const client = await lab.client(`udp://${VIP}`);
    await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'an answer' });
    const off = await node2.powerOff();
    await lab.until(
      async () =>
        (await cluster.status(node1))?.nodes.some((node) => node.name === 'node2' && node.status === 'dead'),
      { withinMs: 20_000, what: 'node1 to declare node2 dead' },
    );
    const until = (await client.newest())?.sentAtMs ?? off.atMs;
    const { asked, answered } = await client.answered({ fromMs: off.atMs - 500, toMs: until - 300 });
    assert.ok(asked > 0);
    assert.equal(answered, asked);
  });
});

test(
  'a clean shutdown hands the address over without waiting for deadtime, and back again',
  options,
  async () => {
    await withCluster({ deadtime: '20', initdead: '30' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await cluster.start();
      await cluster.owns(node1);
      const stopped = await cluster.heartbeat(node1, '-k');
      assert.equal(stopped.code, 0);
      // Far below the deadtime of 20 s.
      await cluster.owns(node2, [GROUP], 8000);
      assert.equal((await cluster.heartbeat(node1, '-s')).code, 3);
      await cluster.start(node1);
      await cluster.owns(node1, [GROUP], 8000);
      assert.deepEqual(await observer.overlaps(VIP), []);
      assert.deepEqual(
        await node2.addresses().then((list) => list.filter(({ address }) => address === VIP)),
        [],
      );
      await lab.until(() => observer.ownersNow(VIP).then((owners) => owners.join() === 'node1'), {
        withinMs: 5000,
        what: 'node1 alone to answer for the address',
      });
    });
  },
);

test('hb_standby and hb_takeover move sets between the nodes', options, async () => {
  const groups = [`node1 ${GROUP}`, 'node2 10.77.0.101/24/eth0'];
  await withCluster({ haresources: groups, autoFailback: 'off' }, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    const observer = await lab.observe([VIP, '10.77.0.101']);
    const second = '10.77.0.101/24/eth0';
    const bin = (name: string): string => new URL(`../../../bin/${name}`, import.meta.url).pathname;
    await cluster.start();
    await cluster.owns(node1, [GROUP]);
    await cluster.owns(node2, [second]);
    await cluster.quiet();

    await node1.run([bin('hb_standby'), 'all']);
    await cluster.owns(node2, [GROUP, second]);
    await cluster.quiet();
    await node1.run([bin('hb_takeover'), 'local']);
    await cluster.owns(node1, [GROUP]);
    await cluster.quiet();
    await node2.run([bin('hb_standby'), 'local']);
    await cluster.owns(node1, [GROUP, second]);
    await cluster.quiet();
    await node1.run([bin('hb_standby'), 'foreign']);
    await cluster.owns(node2, [second]);
    await cluster.owns(node1, [GROUP]);
    assert.deepEqual(await observer.overlaps(VIP), []);
    assert.deepEqual(await observer.overlaps('10.77.0.101'), []);
  });
});
