import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

test(
  'heartbeat -R puts a new runner and a new loop in the place of the old ones, and no client notices',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      const client = await lab.client(`udp://${VIP}`);
      await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'an answer' });
      const generation = (await cluster.status(node1))?.generation;
      const processes = async (): Promise<ReadonlySet<string>> => {
        const { stdout } = await node1.exec(['pgrep', '-f', 'heartbeat: master|dist/src/daemon/']);
        return new Set(stdout.trim().split(/\s+/));
      };
      const before = await processes();
      const since = nowMs();
      const { code, stderr } = await cluster.heartbeat(node1, '-R');
      assert.equal(code, 0, stderr);
      // Whoever has waited for the command finds a daemon that answers.
      assert.notEqual(await cluster.status(node1), undefined);
      await cluster.owns(node1);
      await lab.until(async () => [...(await processes())].every((pid) => !before.has(pid)), {
        withinMs: 20_000,
        what: 'only new processes',
      });
      const done = nowMs();
      await lab.until(() => nowMs() > done + 2500, { withinMs: 10_000, what: 'a deadtime to pass' });
      await cluster.owns(node1);
      assert.equal((await cluster.status(node1))?.generation, generation);
      assert.doesNotMatch(await node2.log(), /is dead|Heartbeat restart/);
      assert.doesNotMatch(await node1.log(), /CRIT|died/);
      const { asked, answered } = await client.answered({ fromMs: since, toMs: done + 2000 });
      assert.equal(answered, asked);
      assert.equal((await cluster.heartbeat(node1, '-k')).code, 0);
      await cluster.owns(node2);
    });
  },
);
