import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadMetrics } from '../../../src/front/metrics.js';
import { fullPicture } from '../../support/pictures.js';
import { repositoryRoot } from '../../support/root.js';

const metrics = await loadMetrics();
const RULES = join(repositoryRoot(), 'etc', 'prometheus', 'heartbeat-alerts.yml');
const DASHBOARD = join(repositoryRoot(), 'etc', 'grafana', 'heartbeat.json');
const absent = spawnSync('promtool', ['--version']).error !== undefined;
const promtool = absent ? { skip: 'promtool is absent: apt-get install prometheus' } : {};

const scrape = (ageMs = 0) => metrics.text({ picture: fullPicture(), takenWallMs: 1000 }, 1000 + ageMs);

function names(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\bheartbeat_[a-z0-9_]+/g)].map(([name]) => name));
}

test('the metrics say what the picture says', async () => {
  const text = await scrape();
  for (const line of [
    'heartbeat_ready 1',
    'heartbeat_node_up{node="node2",kind="normal"} 0',
    'heartbeat_node_up{node="10.0.0.254",kind="ping"} 1',
    'heartbeat_link_up{node="node2",link="eth1"} 0',
    'heartbeat_group_owner{group="10.0.0.10",node="node1"} 1',
    'heartbeat_group_owner{group="10.0.0.10",node="node2"} 0',
    'heartbeat_group_availability_ratio{group="10.0.0.10"} 0.98',
    'heartbeat_group_outage_seconds_total{group="10.0.0.10"} 2',
    'heartbeat_fencing_device_ready{device="1:external/ssh"} 0',
    'heartbeat_config_drift_files{node="node2"} 1',
    'heartbeat_drill_duration_seconds{step="handover"} 1.4',
    'heartbeat_loop_lateness_max_seconds{window="1m"} 0.0008',
    'heartbeat_vrrp_state{vrrp_instance="VI_1",state="backup"} 1',
    'heartbeat_real_server_up{service="TCP 10.0.0.10:80",server="10.0.0.3:80"} 0',
    'heartbeat_virtual_server_quorum{service="TCP 10.0.0.10:80"} 0',
    'heartbeat_medium_rejected_packets_total{medium="bcast eth0"} 1',
  ])
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`);
  assert.match(await scrape(6000), /^heartbeat_ready 0$/m);
  assert.match(await metrics.text(undefined, 0), /^heartbeat_ready 0$/m);
});

test('rules and dashboard use metrics that exist', async () => {
  const known = names(await scrape());
  for (const file of [RULES, DASHBOARD])
    for (const name of names(readFileSync(file, 'utf8')))
      assert.ok(known.has(name), `${name} of ${file} is no metric`);
});

test('promtool accepts the metrics and the alert rules', promtool, async () => {
  const metric = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(), encoding: 'utf8' });
  assert.deepEqual([metric.status, metric.stdout, metric.stderr], [0, '', '']);
  const rules = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
  assert.equal(rules.status, 0, rules.stdout + rules.stderr);
});
