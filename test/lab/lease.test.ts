import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labAbility } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const skip = ability.possible ? false : ability.reason;

describe('the silence that a node announces', { skip }, () => {
  it('is what the other waits for, and covers the stop deadline of its scripts where that is wanted', async () => {
    const options = {
      haresources: [`node1 ${GROUP} svc`],
      settings: '[lease]\nannounce = stops\n[resources]\nstop_deadline = 2\n',
    };
    await withCluster(options, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      const script =
        '#!/bin/sh\ncase $1 in start) : > /run/svc ;; stop) rm -f /run/svc ;; status) [ -e /run/svc ] || exit 3 ;; esac\n';
      for (const node of [node1, node2]) await node.write('/etc/ha.d/resource.d/svc', script, 0o755);
      await cluster.start();
      await cluster.owns(node1);
      const lease = (await cluster.status(node1))?.lease;
      assert.equal(lease?.silenceMs, 3100);
      const seen = (await cluster.status(node2))?.nodes.find(({ name }) => name === 'node1');
      assert.equal(seen?.deadtimeMs, 3100);
      const client = await lab.client(`udp://${VIP}`);
      await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'service' });
      const { atMs } = await node1.powerOff();
      const first = await lab.until(() => client.firstAnswerFrom('node2', atMs), {
        withinMs: 20_000,
        what: 'node2 serves',
      });
      const outageMs = (first?.receivedAtMs ?? 0) - atMs;
      // The newest heartbeat of node1 was at most one keepalive (200 ms) old.
      assert.ok(outageMs > 3100 - 250, `taken over after ${outageMs} ms`);
    });
  });
});
