import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

test('a key rotation node by node loses no heartbeat and no request', options, async () => {
  await withCluster({}, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    await cluster.start();
    await cluster.owns(node1);
    const client = await lab.client(`udp://${VIP}`);
    await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'an answer' });
    const since = nowMs();
    const both = '1 sha1 a-secret-of-the-lab\n2 sha1 the-next-secret\n';
    for (const [text, node] of [
      [`auth 1\n${both}`, node1],
      [`auth 1\n${both}`, node2],
      [`auth 2\n${both}`, node1],
      [`auth 2\n${both}`, node2],
      ['auth 2\n2 sha1 the-next-secret\n', node1],
      ['auth 2\n2 sha1 the-next-secret\n', node2],
    ] as const) {
      const before = (await node.log()).split('Rereading authentication file').length;
      await node.write('/etc/ha.d/authkeys', text, 0o600);
      assert.equal((await cluster.heartbeat(node, '-r')).code, 0);
      await lab.until(async () => (await node.log()).split('Rereading authentication file').length > before, {
        withinMs: 10_000,
        what: `${node.name} to read its keys again`,
      });
    }
    const switched = nowMs();
    await lab.until(() => nowMs() > switched + 2500, { withinMs: 10_000, what: 'a deadtime to pass' });
    await cluster.owns(node1);
    for (const node of [node1, node2]) assert.doesNotMatch(await node.log(), /is dead|failed authentication/);
    const { asked, answered } = await client.answered({ fromMs: since, toMs: switched + 2000 });
    assert.equal(answered, asked);
  });
});

test(
  'a changed ha.cf is taken over while the resources stay up; a wrong one is refused and changes nothing',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      const client = await lab.client(`udp://${VIP}`);
      await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'an answer' });
      const since = nowMs();
      const text = await node1.read('/etc/ha.d/ha.cf');
      await node1.write('/etc/ha.d/ha.cf', text.replace('deadtime 2', 'deadtime 3'));
      await cluster.heartbeat(node1, '-r');
      await lab.until(
        async () =>
          (await cluster.status(node2))?.nodes.some(
            (node) => node.name === 'node1' && node.deadtimeMs === 3000,
          ),
        { withinMs: 15_000, what: 'node2 to hear the new deadtime' },
      );
      await node1.write('/etc/ha.d/ha.cf', `${text}\nnonsense on\n`);
      const refused = await cluster.heartbeat(node1, '-r');
      assert.match(refused.stderr + refused.stdout, /nonsense/);
      await cluster.owns(node1);
      assert.doesNotMatch(await node2.log(), /is dead/);
      const { asked, answered } = await client.answered({ fromMs: since, toMs: nowMs() - 1000 });
      assert.equal(answered, asked);
    });
  },
);
