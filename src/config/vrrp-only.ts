/** The configuration of a daemon that runs VRRP and nothing else (`bin/keepalived`): no nodes, no media, no groups. */
import { defaultSettings } from './ini/parse.js';
import type { ClusterConfig, LogTargets } from './types.js';
import type { VrrpConfig } from './vrrp-types.js';

/** A loop process that is gone for longer than this has left its addresses long enough: they are removed. */
const LEASE_MIN_MS = 5000;

/** `hostname`: for the log only. `log`: where it goes; syslog facility daemon when nothing is said. */
export function vrrpOnlyConfig(
  vrrp: VrrpConfig,
  hostname: string,
  log: LogTargets = { facility: 'daemon', debug: 0 },
): ClusterConfig {
  const slowestMs = Math.max(1000, ...vrrp.instances.map(({ advertIntervalMs }) => advertIntervalMs));
  return Object.freeze({
    self: hostname,
    nodes: [],
    keepaliveMs: slowestMs,
    deadtimeMs: Math.max(LEASE_MIN_MS, 3 * slowestMs),
    warntimeMs: slowestMs,
    initdeadMs: slowestMs,
    deadpingMs: slowestMs,
    maxRexmitDelayMs: 250,
    hopfudge: 1,
    autoFailback: 'off',
    generationMethod: 'file',
    media: [],
    realtime: true,
    groups: [],
    log,
    parameters: {},
    settings: defaultSettings(),
    vrrp,
  });
}
