/** A vrrp_instance with its defaults filled in, and the rules that concern more than one keyword (vrrp-lvs.md 2.9, 3.3). */
import { isIPv6 } from 'node:net';
import type { Machine } from '../machine-facts.js';
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import { DEFAULT_ANNOUNCING, VRRP_GROUP_4, VRRP_GROUP_6 } from '../vrrp-defaults.js';
import type {
  VrrpAddress,
  VrrpAnnouncing,
  VrrpAuthentication,
  VrrpInstance,
  VrrpTransport,
  VrrpVmac,
} from '../vrrp-types.js';
import type { DraftAddress } from './addresses.js';
import type { Draft, DraftInstance } from './draft.js';
import { withoutStrictConflicts } from './finish-strict.js';
import { finishTracking } from './finish-tracking.js';
import { defined } from './server-times.js';

const DEFAULT_PRIORITY = 100;
const OWNER_PRIORITY = 255;
const MAX_V3_INTERVAL_MS = 40_950;
const PASSWORD_BYTES = 8;

/** The instance, or undefined when it could not run; diagnostics say why. */
export function finishInstance(
  draft: DraftInstance,
  file: Draft,
  machine: Machine,
): VrrpInstance | undefined {
  const { values, at } = draft;
  const { problems } = at;
  const label = `vrrp_instance ${draft.name}`;
  if (values.interface === undefined) {
    problems.error(at, 'interface-missing', `${label} names no interface.`, 'Add "interface eth0".');
  } else checkInterface(values.interface, draft, file, machine);
  if (values.virtualRouterId === undefined) {
    const hint =
      'Add "virtual_router_id N" with a number from 1 to 255 that nobody else uses in this network.';
    problems.error(at, 'router-id-missing', `${label} names no virtual_router_id.`, hint);
  }
  const family = familyOf(draft);
  const version = versionOf(draft, file, family);
  const initialState = values.initialState ?? (values.priority === OWNER_PRIORITY ? 'master' : 'backup');
  const priority =
    values.priority ??
    (initialState === 'master' && draft.priorityAt === undefined ? OWNER_PRIORITY : DEFAULT_PRIORITY);
  const strict = values.strict ?? file.instanceDefaults.strict ?? false;
  if (values.interface === undefined || values.virtualRouterId === undefined || values.virtualRouterId === 0)
    return undefined;
  const device = values.interface;
  const instance: VrrpInstance = {
    name: draft.name,
    initialState,
    interface: device,
    family,
    virtualRouterId: values.virtualRouterId,
    priority,
    version,
    advertIntervalMs: intervalOf(draft, version),
    authentication: authenticationOf(draft, version),
    transport: transportOf(draft, file, family),
    ...vmacOf(draft, file.vmacPrefix, values.virtualRouterId, family),
    addresses: draft.addresses
      .filter((address) => address.family === family)
      .map((address) => placed(address, device)),
    excludedAddresses: [
      ...draft.addresses.filter((address) => address.family !== family),
      ...draft.excludedAddresses,
    ].map((address) => placed(address, device)),
    routes: draft.routes,
    rules: draft.rules,
    ...preemption(draft, initialState, priority),
    startupDelayMs: file.instanceDefaults.startupDelayMs ?? 0,
    announcing: announcingOf(draft, file),
    lowerPriorityNoAdvert:
      values.lowerPriorityNoAdvert ?? file.instanceDefaults.lowerPriorityNoAdvert ?? strict,
    higherPrioritySendAdvert:
      values.higherPrioritySendAdvert ?? file.instanceDefaults.higherPrioritySendAdvert ?? false,
    downTimerAdverts: values.downTimerAdverts ?? file.instanceDefaults.downTimerAdverts ?? 3,
    skipAddressCheck: values.skipAddressCheck ?? file.instanceDefaults.skipAddressCheck ?? false,
    strict,
    accept: values.accept ?? !strict,
    trackSource: values.trackSource ?? false,
    trackPrimary: values.trackPrimary ?? true,
    tracking: finishTracking(draft, file),
    notify: { ...defined(draft.notify), mail: draft.notify.mail ?? file.mailVrrp ?? false },
    line: at.line,
  };
  if (instance.addresses.length === 0 && !draft.addressRefused) checkNoAddress(draft, version);
  return strict ? withoutStrictConflicts(instance, draft) : instance;
}

function checkInterface(name: string, draft: DraftInstance, file: Draft, machine: Machine): void {
  if (machine.interfaceAddresses(name) !== undefined || file.global.dynamicInterfaces === true) return;
  const known = machine.interfaceNames.filter((one) => one !== 'lo');
  const meant = likelyMeant(name, known);
  const message = `This machine has no interface ${shown(name)}, which vrrp_instance ${draft.name} needs.`;
  const hint = `${meant === undefined ? `It has ${known.join(', ') || 'none'}.` : `Did you mean ${meant}?`} With dynamic_interfaces in global_defs it may appear later.`;
  draft.at.problems.error(draft.at, 'interface-absent', message, hint);
}

/** The family of the first address; the others of another family are set, but not advertised. */
function familyOf(draft: DraftInstance): 4 | 6 {
  const family = draft.addresses[0]?.family ?? (draft.source !== undefined && isIPv6(draft.source) ? 6 : 4);
  const other = draft.addresses.find((address) => address.family !== family);
  if (other !== undefined) {
    const message = `${other.address} is IPv${other.family}, but the first address is IPv${family}: it is set with the others, and not advertised.`;
    const hint = `Move it to virtual_ipaddress_excluded, or make a second vrrp_instance for IPv${other.family}.`;
    draft.at.problems.warning(other, 'mixed-families', message, hint);
  }
  return family;
}

function versionOf(draft: DraftInstance, file: Draft, family: 4 | 6): 2 | 3 {
  const wanted = draft.values.version ?? (family === 6 ? 3 : (file.instanceDefaults.version ?? 2));
  if (wanted !== 2 || family !== 6) return wanted;
  const message = `vrrp_instance ${draft.name} has IPv6 addresses, which only version 3 carries; version 3 is taken.`;
  draft.at.problems.warning(draft.at, 'version-taken', message, 'Write "version 3".');
  return 3;
}

function intervalOf(draft: DraftInstance, version: 2 | 3): number {
  const intervalMs = draft.values.advertIntervalMs ?? 1000;
  const at = draft.intervalAt ?? draft.at;
  if (version === 2 && (intervalMs < 1000 || intervalMs % 1000 !== 0)) {
    const message = `advert_int ${intervalMs / 1000}: VRRP version 2 knows whole seconds only.`;
    at.problems.error(
      at,
      'interval-fraction',
      message,
      'Add "version 3" on all machines, or write whole seconds.',
    );
  } else if (version === 3 && intervalMs > MAX_V3_INTERVAL_MS) {
    const message = `advert_int ${intervalMs / 1000}: version 3 knows intervals up to ${MAX_V3_INTERVAL_MS / 1000} s.`;
    at.problems.error(at, 'interval-too-long', message);
  } else if (version === 3 && intervalMs % 10 !== 0) {
    const roundedMs = Math.max(10, Math.round(intervalMs / 10) * 10);
    const message = `advert_int ${intervalMs / 1000}: version 3 counts in hundredths of a second; ${roundedMs / 1000} is taken.`;
    at.problems.warning(at, 'interval-rounded', message, `Write ${roundedMs / 1000}.`);
    return roundedMs;
  }
  return intervalMs;
}

function authenticationOf(draft: DraftInstance, version: 2 | 3): VrrpAuthentication {
  const { at, password, authType } = draft;
  if (authType === undefined && password === undefined) return { kind: 'none' };
  if (version === 3) {
    const message = `vrrp_instance ${draft.name}: version 3 has no authentication; the password is left out.`;
    at.problems.warning(at, 'authentication-unused', message, 'Remove the block, or write "version 2".');
    return { kind: 'none' };
  }
  if (authType === 'AH') {
    const message = `vrrp_instance ${draft.name}: auth_type AH (IPsec) is not supported.`;
    at.problems.error(at, 'authentication-ah', message, 'Write "auth_type PASS" on all machines.');
    return { kind: 'none' };
  }
  if (password === undefined) {
    const message = `vrrp_instance ${draft.name}: authentication names no auth_pass.`;
    at.problems.error(at, 'password-missing', message, 'Add "auth_pass WORD", the same on all machines.');
    return { kind: 'none' };
  }
  if (password.length > PASSWORD_BYTES) {
    const message = `The auth_pass of vrrp_instance ${draft.name} is longer than ${PASSWORD_BYTES} characters; only the first ${PASSWORD_BYTES} count.`;
    at.problems.info(at, 'password-cut', message);
  }
  return { kind: 'password', password: password.slice(0, PASSWORD_BYTES) };
}

function transportOf(draft: DraftInstance, file: Draft, family: 4 | 6): VrrpTransport {
  const source = draft.source === undefined ? {} : { source: draft.source };
  if (draft.unicast && (draft.peers.length > 0 || draft.faultWithoutPeer)) {
    const checkSource = draft.checkSource ?? file.checkSource;
    return { kind: 'unicast', peers: draft.peers, ttl: draft.unicastTtl ?? 255, checkSource, ...source };
  }
  if (draft.unicast) {
    const message = `unicast_peer of vrrp_instance ${draft.name} names nobody: adverts go by multicast.`;
    draft.at.problems.warning(draft.at, 'no-unicast-peer', message, 'Name the other machines.');
  }
  const group =
    draft.group ?? (family === 4 ? file.group4 : file.group6) ?? (family === 4 ? VRRP_GROUP_4 : VRRP_GROUP_6);
  return { kind: 'multicast', group, ...source };
}

/** Interface and MAC address of the virtual router (RFC 5798 section 7.3). */
function vmacOf(draft: DraftInstance, prefix: string, id: number, family: 4 | 6): { vmac?: VrrpVmac } {
  if (draft.vmac === undefined) return {};
  const device = draft.vmac.name ?? `${prefix}${family === 6 ? '6' : ''}.${id}`;
  const mac =
    draft.vmac.mac?.toLowerCase() ??
    `00:00:5e:00:0${family === 4 ? 1 : 2}:${id.toString(16).padStart(2, '0')}`;
  if (device.length > 15) {
    const message = `use_vmac ${shown(device)}: an interface name has at most 15 characters.`;
    draft.vmac.at.problems.error(draft.vmac.at, 'interface-name', message);
  }
  return { vmac: { device, mac, sendFromBase: draft.vmacFromBase } };
}

function placed(address: DraftAddress, device: string): VrrpAddress {
  const { line, column, device: own, ...rest } = address;
  return { ...rest, device: own ?? device, onInstanceInterface: own === undefined };
}

function preemption(
  draft: DraftInstance,
  initialState: 'master' | 'backup',
  priority: number,
): { preempt: boolean; preemptDelayMs: number } {
  let preempt = draft.values.preempt ?? true;
  let preemptDelayMs = draft.values.preemptDelayMs ?? 0;
  const { at } = draft;
  if (!preempt && priority === OWNER_PRIORITY) {
    const message = `vrrp_instance ${draft.name}: nopreempt has no effect with priority 255.`;
    at.problems.warning(at, 'nopreempt-owner', message, 'Choose a priority below 255.');
    preempt = true;
  }
  if (initialState === 'master' && (!preempt || preemptDelayMs > 0)) {
    const word = preempt ? 'preempt_delay' : 'nopreempt';
    const message = `vrrp_instance ${draft.name}: ${word} has no effect with "state MASTER".`;
    at.problems.warning(at, 'preempt-master', message, 'Write "state BACKUP" on all machines.');
    preempt = true;
    preemptDelayMs = 0;
  }
  return { preempt, preemptDelayMs };
}

function announcingOf(draft: DraftInstance, file: Draft): VrrpAnnouncing {
  const given = { ...defined(file.announcing), ...defined(draft.announcing) };
  const all = { ...DEFAULT_ANNOUNCING, ...given };
  const merged: VrrpAnnouncing = {
    ...all,
    lowerPriorityDelayMs: given.lowerPriorityDelayMs ?? all.masterDelayMs,
    lowerPriorityRepeat: given.lowerPriorityRepeat ?? all.masterRepeat,
  };
  return file.minGarp ? { ...merged, masterRepeat: 1, masterDelayMs: 0 } : merged;
}

function checkNoAddress(draft: DraftInstance, version: 2 | 3): void {
  const message = `vrrp_instance ${draft.name} has no virtual_ipaddress: it elects a master and moves nothing.`;
  const hint =
    version === 2 ? 'Add a virtual_ipaddress block; version 2 needs at least one address.' : undefined;
  if (version === 2) draft.at.problems.error(draft.at, 'no-address', message, hint);
  else draft.at.problems.warning(draft.at, 'no-address', message, hint);
}
