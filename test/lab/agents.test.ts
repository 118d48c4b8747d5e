/** A real OCF agent (nginx of the package resource-agents) as a member of a group of real daemons. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { type LabNode, labAbility, nowMs } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';

const AGENT = '/usr/lib/ocf/resource.d/heartbeat/nginx';
const NGINX = '/usr/sbin/nginx';
const WORD = 'ocf:heartbeat:nginx::configfile=/etc/ha.d/nginx.conf';
const SETTINGS = '[monitor ocf:heartbeat:nginx]\ninterval = 500ms\ntimeout = 10\n';

const ability = labAbility();
const missing = [AGENT, NGINX].filter((path) => !existsSync(path));
const reason = ability.possible
  ? missing.length > 0 && `${missing.join(' and ')} not installed`
  : ability.reason;

/** The page is the node's name. */
async function writeNginx(node: LabNode): Promise<void> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path /run/nginx-${name};`,
  );
  await node.write(
    '/etc/ha.d/nginx.conf',
    `user root;
pid /run/nginx.pid;
error_log /var/log/nginx-error.log;
events { }
http {
  access_log off;
  ${temporary.join('\n  ')}
  server { listen 80; default_type text/plain; location / { return 200 ${node.name}; } }
}
`,
  );
}

test('a group with an OCF agent: killed it is back, without power it is on the other node', {
  skip: reason,
}, async () => {
  await withCluster({ haresources: [`node1 ${GROUP} ${WORD}`], settings: SETTINGS }, async (cluster) => {
    const { lab, node1, node2 } = cluster;
    for (const node of [node1, node2]) await writeNginx(node);
    const checked = await cluster.heartbeat(node1, 'check');
    assert.match(checked.stdout, /OCF agent \/usr\/lib\/ocf\/resource\.d\/heartbeat\/nginx/);
    await cluster.start();
    await cluster.owns(node1);
    const page = await lab.client(`http://${VIP}/`);
    await lab.until(() => page.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'the page' });

    const killedMs = nowMs();
    await node1.run(['sh', '-c', 'pkill -9 -x nginx']);
    await lab.until(() => page.firstAnswerFrom('node1', killedMs + 200), {
      withinMs: 20_000,
      what: 'the page again',
    });
    const status = await cluster.status(node1);
    assert.equal(status?.groups[0]?.resources.find(({ word }) => word === WORD)?.failures, 1);

    await node1.powerOff();
    await cluster.owns(node2);
    await lab.until(() => page.firstAnswerFrom('node2'), { withinMs: 10_000, what: 'the page of node2' });
    const stopped = await cluster.heartbeat(node2, '-k');
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.notEqual((await node2.exec(['pgrep', '-x', 'nginx'])).code, 0, 'nginx was stopped');
  });
});
