/** The values that keepalived.conf leaves out (vrrp-lvs.md 3.2 and 3.3): one place for the parser, simulator and tests. */
import { looksLikeIpv6 } from './address.js';
import type {
  VrrpAddress,
  VrrpAnnouncing,
  VrrpConfig,
  VrrpGlobal,
  VrrpInstance,
  VrrpNotify,
  VrrpTracking,
} from './vrrp-types.js';

export const VRRP_GROUP_4 = '224.0.0.18';
export const VRRP_GROUP_6 = 'ff02::12';

export const NO_TRACKING: VrrpTracking = Object.freeze({
  interfaces: [],
  scripts: [],
  processes: [],
  files: [],
});

export const NO_NOTIFY: VrrpNotify = Object.freeze({ mail: false });

/** vrrp-lvs.md 2.8 */
export const DEFAULT_ANNOUNCING: VrrpAnnouncing = Object.freeze({
  masterRepeat: 5,
  masterDelayMs: 5000,
  refreshMs: 0,
  refreshRepeat: 1,
  lowerPriorityDelayMs: 5000,
  lowerPriorityRepeat: 5,
  arpIntervalMs: 0,
  advertisementIntervalMs: 0,
  extraMs: 0,
  extraEverywhere: false,
});

/** global_defs of a file that has none. `hostname` becomes the router id. */
export function defaultVrrpGlobal(hostname: string): VrrpGlobal {
  return {
    routerId: hostname,
    mailFaults: true,
    scriptSecurity: false,
    logUnknownVrids: false,
    dynamicInterfaces: false,
    notifyPriorityChanges: false,
    startupScriptTimeoutMs: 10_000,
    shutdownScriptTimeoutMs: 10_000,
  };
}

/** An address of `virtual_ipaddress` that names nothing but itself, on the instance's interface. */
export function plainVrrpAddress(address: string, device: string, prefixLength?: number): VrrpAddress {
  const family = looksLikeIpv6(address) ? 6 : 4;
  return {
    family,
    address,
    prefixLength: prefixLength ?? (family === 4 ? 32 : 128),
    device,
    onInstanceInterface: true,
    scope: 0,
    tracked: true,
  };
}

/** What an instance must say itself. */
export type VrrpInstanceCore = Pick<VrrpInstance, 'name' | 'interface' | 'virtualRouterId'>;

/** An instance with these values and the defaults of the rest: IPv4, version 2, priority 100, one second. */
export function vrrpInstance(given: VrrpInstanceCore & Partial<VrrpInstance>): VrrpInstance {
  const initialState = given.initialState ?? 'backup';
  const family = given.family ?? 4;
  return {
    initialState,
    family,
    priority: initialState === 'master' ? 255 : 100,
    version: family === 6 ? 3 : 2,
    advertIntervalMs: 1000,
    authentication: { kind: 'none' },
    transport: { kind: 'multicast', group: family === 4 ? VRRP_GROUP_4 : VRRP_GROUP_6 },
    addresses: [],
    excludedAddresses: [],
    routes: [],
    rules: [],
    preempt: true,
    preemptDelayMs: 0,
    startupDelayMs: 0,
    announcing: DEFAULT_ANNOUNCING,
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    downTimerAdverts: 3,
    skipAddressCheck: false,
    strict: false,
    accept: true,
    trackSource: false,
    trackPrimary: true,
    tracking: NO_TRACKING,
    notify: NO_NOTIFY,
    line: 0,
    ...given,
  };
}

/** A configuration with these parts and nothing else. */
export function vrrpConfig(
  given: Pick<VrrpConfig, 'instances'> & Partial<VrrpConfig>,
  hostname = 'localhost',
): VrrpConfig {
  return {
    file: '/etc/keepalived/keepalived.conf',
    global: defaultVrrpGlobal(hostname),
    syncGroups: [],
    scripts: [],
    processes: [],
    files: [],
    staticAddresses: [],
    staticRoutes: [],
    staticRules: [],
    virtualServers: [],
    ...given,
  };
}
