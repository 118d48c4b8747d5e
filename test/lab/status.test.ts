import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StatusSnapshot } from '../../src/core/snapshot-types.js';
import type { GroupAvailability } from '../../src/daemon/runner/availability.js';
import type { DaemonEvent } from '../../src/daemon/runner/events.js';
import { schemaViolations } from '../support/json-schema.js';
import { repositoryRoot } from '../support/root.js';
import { type LabNode, labAbility } from './lib/index.js';
import { type Cluster, GROUP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const schema = JSON.parse(readFileSync(join(repositoryRoot(), 'etc', 'status.schema.json'), 'utf8'));

interface Document extends StatusSnapshot {
  readonly availability: readonly GroupAvailability[];
  readonly events: readonly DaemonEvent[];
}

async function document(cluster: Cluster, node: LabNode): Promise<Document | undefined> {
  return (await cluster.status(node)) as Document | undefined;
}

function linkOf(status: Document | undefined, name: string) {
  const node = status?.nodes.find(({ self }) => !self);
  return node?.links.find((link) => link.name === name);
}

test(
  'status tells loss in both directions, an outage as long as it was, and why; the journal outlives a restart',
  options,
  async () => {
    await withCluster({ autoFailback: 'off' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await lab.until(async () => (await document(cluster, node2))?.availability.length === 1, {
        withinMs: 20_000,
        what: 'node2 to have seen the service',
      });
      await lab.loss('node1', 'eth1', { percent: 40, direction: 'out' });
      await lab.until(
        async () => {
          const [there, here] = [await document(cluster, node1), await document(cluster, node2)];
          const [out, into] = [linkOf(there, 'eth1')?.lossOutPercent, linkOf(here, 'eth1')?.lossInPercent];
          return (out ?? 0) > 10 && (into ?? 0) > 10;
        },
        { withinMs: 40_000, what: 'both nodes to tell the loss of eth1' },
      );
      const lossy = await document(cluster, node1);
      assert.equal(linkOf(lossy, 'eth1')?.lossInPercent, 0);
      assert.deepEqual([linkOf(lossy, 'eth0')?.lossInPercent, linkOf(lossy, 'eth0')?.lossOutPercent], [0, 0]);
      await lab.heal();
      await node1.powerOff();
      await cluster.owns(node2);
      const after = await document(cluster, node2);
      assert.ok(after);
      assert.deepEqual(schemaViolations(schema, after), []);
      const [account] = after.availability;
      assert.equal(account?.outages, 1);
      // From the last heartbeat to the takeover: a deadtime, less at most a keepalive.
      assert.ok((account?.downMs ?? 0) >= 1700, `${account?.downMs} ms`);
      assert.ok((account?.availability ?? 1) < 1);
      const texts = after.events.map(({ text }) => text);
      assert.ok(
        texts.some((text) => text.startsWith(`Taking over resource group ${GROUP}: node1 `)),
        texts.join('\n'),
      );
      await node1.powerOn();
      await cluster.start(node1);
      const again = await document(cluster, node1);
      assert.ok(
        again?.events.some(({ text }) => text.includes(`group ${GROUP} runs here`)),
        'of the run before',
      );
    });
  },
);
