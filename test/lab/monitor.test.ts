import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { type Cluster, GROUP, VIP, withCluster } from './support/cluster.js';
import { breakWeb, killWeb, WEB, webCalls, writeWebService } from './support/web-service.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const SETTINGS = '[monitor]\nrestarts = 2\n[monitor web]\ninterval = 500ms\ntimeout = 5\n';

async function withWeb(story: (cluster: Cluster) => Promise<void>): Promise<void> {
  await withCluster({ haresources: [`node1 ${GROUP} ${WEB}`], settings: SETTINGS }, async (cluster) => {
    for (const node of [cluster.node1, cluster.node2]) await writeWebService(node);
    await cluster.start();
    await cluster.owns(cluster.node1);
    await story(cluster);
  });
}

test(
  'a web server that is killed is back on the same node, and its address never moved',
  options,
  async () => {
    await withWeb(async (cluster) => {
      const { lab, node1 } = cluster;
      const address = await lab.client(`udp://${VIP}`);
      const page = await lab.client(`http://${VIP}/`);
      await lab.until(() => page.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'the page' });
      const killedMs = nowMs();
      await killWeb(node1);
      const back = await lab.until(
        async () => {
          const newest = await page.newest();
          const restarted = (await node1.log()).includes('web of group');
          return restarted
            ? page.firstAnswerFrom('node1', Math.max(killedMs + 50, newest?.sentAtMs ?? 0))
            : undefined;
        },
        { withinMs: 20_000, what: 'the page again' },
      );
      assert.ok(back);
      const { asked, answered } = await address.answered({ fromMs: killedMs - 100, toMs: nowMs() - 300 });
      assert.equal(answered, asked, 'the address answered all the time');
      const status = await cluster.status(node1);
      const web = status?.groups[0]?.resources.find(({ word }) => word === WEB);
      assert.equal(web?.failures, 1);
      assert.match(web?.failure ?? '', /does not run/);
      const shown = await cluster.heartbeat(node1, 'status');
      assert.match(shown.stdout, /web \(1 failure\)/);
    });
  },
);

test(
  'unstartable on one node the group is on the other; on both the cluster says so, rests, and resumes by cleanup',
  options,
  async () => {
    await withWeb(async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await breakWeb(node1, true);
      await killWeb(node1);
      await cluster.owns(node2);
      assert.match(
        await node1.log(),
        /Giving up resources due to failure of web: .*no licence for this machine/,
      );

      await breakWeb(node2, true);
      await killWeb(node2);
      await lab.until(
        async () => {
          const states = await Promise.all([node1, node2].map((node) => cluster.status(node)));
          return states.every((status) => status?.groups[0]?.failedOn.length === 2);
        },
        { withinMs: 20_000, what: 'both nodes to know that it failed on both' },
      );
      assert.match(await node2.log(), /group .* runs on no node: it failed here and on node1/);
      for (const node of [node1, node2]) {
        const { stdout } = await cluster.heartbeat(node, 'status');
        assert.match(stdout, new RegExp(`heartbeat cleanup ${GROUP}`));
      }
      const calls = await Promise.all([node1, node2].map(webCalls));
      const restMs = nowMs();
      await lab.until(() => nowMs() > restMs + 3000, { withinMs: 10_000, what: 'six intervals to pass' });
      assert.deepEqual(await Promise.all([node1, node2].map(webCalls)), calls, 'nobody tries on');

      for (const node of [node1, node2]) await breakWeb(node, false);
      const cleaned = await cluster.heartbeat(node2, 'cleanup', GROUP);
      assert.equal(cleaned.code, 0, cleaned.stderr);
      assert.match(cleaned.stdout, /are forgotten here and on node1\./);
      await cluster.owns(node1);
      assert.deepEqual((await cluster.status(node2))?.groups[0]?.failedOn, []);
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);

test('in maintenance heartbeat can be stopped on both nodes while the page is served', options, async () => {
  await withWeb(async (cluster) => {
    const { lab, node1, node2 } = cluster;
    const page = await lab.client(`http://${VIP}/`);
    await lab.until(() => page.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'the page' });
    const on = await cluster.heartbeat(node2, 'maintenance', 'on');
    assert.equal(on.stdout, 'maintenance is on here and on node1.\n');
    await lab.until(async () => (await cluster.status(node1))?.maintenance, {
      withinMs: 5000,
      what: 'node1 to know',
    });
    assert.match((await cluster.heartbeat(node1, 'status')).stdout, /MAINTENANCE is on/);
    const begunMs = nowMs();
    for (const node of [node1, node2]) assert.equal((await cluster.heartbeat(node, '-k')).code, 0);
    const [address] = (await node1.addresses()).filter((one) => one.address === VIP);
    assert.equal(address?.validLifetimeS, 2 ** 32 - 1, 'the address stays for ever');
    await lab.until(() => nowMs() > begunMs + 4000, { withinMs: 10_000, what: 'two deadtimes to pass' });
    await cluster.start();
    await lab.until(async () => (await cluster.status(node1))?.groups[0]?.state === 'running', {
      withinMs: 20_000,
      what: 'node1 to find what runs',
    });
    const off = await cluster.heartbeat(node1, 'maintenance', 'off');
    assert.equal(off.code, 0, off.stderr);
    await cluster.owns(node1);
    const endedMs = nowMs();
    await lab.until(async () => ((await page.newest())?.sentAtMs ?? 0) > endedMs + 500, {
      withinMs: 10_000,
      what: 'some more answers',
    });
    const { asked, answered } = await page.answered({ fromMs: begunMs, toMs: endedMs });
    assert.equal(answered, asked, 'the page was served all the time');

    await node2.powerOff();
    await killWeb(node1);
    await lab.until(async () => (await webCalls(node1)).filter((verb) => verb === 'start').length === 2, {
      withinMs: 10_000,
      what: 'the watch to go on',
    });
  });
});
