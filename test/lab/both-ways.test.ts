import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, PAIR, pairConfig } from '../../src/sim/cluster.js';
import { readScenario } from '../../src/sim/scenario/parse.js';
import { playScenario } from '../../src/sim/scenario/play.js';
import { labAbility } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';
import { playInLab } from './support/play-in-lab.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const SCENARIOS: Readonly<Record<string, string>> = {
  'power loss and return': `start all
at 6s expect ${VIP} on node1
power-off node1
expect ${VIP} on node2 within 10s
at 18s start node1
expect ${VIP} on node1 within 10s`,
  'standby and takeover': `start all
at 6s expect ${VIP} on node1
at 16s standby node1
expect ${VIP} on node2 within 10s
at 30s takeover node1
expect ${VIP} on node1 within 10s`,
};

for (const [title, text] of Object.entries(SCENARIOS)) {
  test(`${title}: real daemons and virtual ones give the address the same course`, options, async () => {
    const address = { family: 4, address: VIP, prefixLength: 24, device: 'eth0' } as const;
    const groups = [
      {
        key: GROUP,
        node: 'node1',
        line: 1,
        resources: [{ word: GROUP, type: 'IPaddr', args: [GROUP], address }],
      },
    ];
    const names = { nodes: ['node1', 'node2'], links: ['eth0', 'eth1'], groups };
    const read = readScenario(text, names);
    assert.ok(read.ok);
    const nodes = names.nodes.map((name) => ({
      config: pairConfig(name, { ...PAIR, groups }),
      authKeys: KEYS,
    }));
    const virtual = playScenario({ nodes, names }, read.scenario);
    assert.deepEqual(
      virtual.outcomes.filter(({ ok }) => !ok),
      [],
    );
    await withCluster({ autoFailback: 'on' }, async (cluster) => {
      const observer = await cluster.lab.observe([VIP]);
      const real = await playInLab(text, names, cluster, observer);
      assert.deepEqual(real.unmet, []);
      assert.deepEqual(await observer.overlaps(VIP), []);
      // A handover is so short that the observer may see nobody between two owners, or not.
      const owners = (course: readonly string[]): string[] => course.filter((name) => name !== 'nobody');
      assert.deepEqual(owners(real.watch.course(GROUP)), owners(virtual.watch.course(GROUP)));
    });
  });
}
