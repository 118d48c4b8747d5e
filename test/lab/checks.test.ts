import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility } from './lib/index.js';
import { GROUP, withCluster } from './support/cluster.js';
import { WEB, writeWebService } from './support/web-service.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const SETTINGS = `[monitor]
restarts = 0
[monitor web]
interval = 500ms
timeout = 5
[check port]
resource = web
type = tcp
port = 8099
connect_timeout = 1
`;

test('a service whose own monitor is content moves when its health check fails', options, async () => {
  await withCluster({ haresources: [`node1 ${GROUP} ${WEB}`], settings: SETTINGS }, async (cluster) => {
    const { node1, node2, lab } = cluster;
    for (const node of [node1, node2]) await writeWebService(node);
    const listen = `require('net').createServer().listen(8099,'127.0.0.1')`;
    const first = node1.spawn([process.execPath, '-e', listen]);
    node2.spawn([process.execPath, '-e', listen]);
    await cluster.start();
    await cluster.owns(node1);
    await cluster.quiet();
    assert.doesNotMatch(await node1.log(), /does not work/);
    first.kill('SIGKILL');
    await cluster.owns(node2, undefined, 30_000);
    assert.match(await node1.log(), /web of group .* does not work .*check port: connection refused/);
    await lab.until(async () => (await cluster.status(node2))?.groups[0]?.state === 'running', {
      withinMs: 10_000,
      what: 'the group to run on',
    });
  });
});
