/** What faults and what priority follow from interfaces, scripts, processes and files (vrrp-lvs.md 2.7). */
import type { VrrpTrack, VrrpTracking } from '../../config/vrrp-types.js';
import { log, type Turn } from '../turn.js';
import { contribution, skewMs, weighted } from './election.js';
import { notifyPriority } from './notify.js';
import type { Check, Instance, Vrrp } from './state.js';
import { timerNames } from './timers.js';
import { becomeBackup, becomeFault, beginInstance } from './transitions.js';

/** A file whose number times its weight is this low, or lower, is a fault. */
const FILE_FAULT = -254;

/** Looks at everything anew, after anything that it depends on has changed. */
export function reassess(turn: Turn, vrrp: Vrrp): void {
  if (!vrrp.begun) return;
  const own = new Map(vrrp.instances.map((instance) => [instance, causesOf(vrrp, instance)]));
  for (const instance of vrrp.instances) {
    if (instance.state === 'stopped') continue;
    const others = (instance.group?.members ?? []).filter(
      (member) => member !== instance && (own.get(member)?.length ?? 0) > 0,
    );
    const shared = others.map((member) => `sync group member ${member.config.name} is in fault`);
    instance.faults = [...(own.get(instance) ?? []), ...shared];
    setPriority(turn, vrrp, instance);
    if (instance.state === 'init') {
      if (mayBegin(turn, vrrp, instance)) beginInstance(turn, instance);
    } else if (instance.faults.length > 0 && instance.state !== 'fault') becomeFault(turn, instance);
    else if (instance.faults.length === 0 && instance.state === 'fault') becomeBackup(turn, instance);
  }
}

/** Not before its start-up delay is over and every script, process and file has been looked at once. */
function mayBegin(turn: Turn, vrrp: Vrrp, instance: Instance): boolean {
  if (turn.state.timers.has(timerNames.start(instance))) return false;
  return trackingsOf(instance).every((tracking) =>
    [...checksOf(vrrp, tracking)].every(([check]) => check.good !== null),
  );
}

function trackingsOf({ config, group }: Instance): VrrpTracking[] {
  return group === null ? [config.tracking] : [config.tracking, group.config.tracking];
}

function* checksOf(vrrp: Vrrp, tracking: VrrpTracking): Generator<[Check, VrrpTrack]> {
  for (const [kind, entries] of [
    ['script', tracking.scripts],
    ['process', tracking.processes],
    ['file', tracking.files],
  ] as const) {
    for (const entry of entries) {
      const check = vrrp.checks.find(({ name }) => name === `${kind}/${entry.name}`);
      if (check !== undefined) yield [check, entry];
    }
  }
}

/** In a sync group the members' own weights do not count: what they track decides about fault. */
function weightOf(instance: Instance, tracking: VrrpTracking, entry: VrrpTrack): number {
  const { group } = instance;
  const silenced = group !== null && !group.config.trackingWeight && tracking === instance.config.tracking;
  return silenced ? 0 : entry.weight;
}

/** Causes of a fault of this instance itself, as words. */
function causesOf(vrrp: Vrrp, instance: Instance): string[] {
  const { config } = instance;
  const causes = [...ownInterfaceCauses(vrrp, instance), ...addressCauses(vrrp, instance)];
  for (const tracking of trackingsOf(instance)) {
    for (const entry of tracking.interfaces) {
      if (weightOf(instance, tracking, entry) !== 0 || entry.name === config.interface) continue;
      if (isUp(vrrp, entry.name) === entry.reverse) causes.push(`interface ${entry.name} is down`);
    }
    for (const [check, entry] of checksOf(vrrp, tracking)) {
      const weight = weightOf(instance, tracking, entry);
      if (check.what.kind === 'file') {
        const sum = fileSum(check, weight, entry.reverse);
        if (weight === 0 ? check.value !== 0 : sum <= FILE_FAULT)
          causes.push(`track_file ${entry.name} holds ${check.value}`);
      } else if (weight === 0 && check.good === entry.reverse) {
        const why = check.detail === '' ? '' : ` (${check.detail})`;
        causes.push(`${check.what.kind} ${entry.name} failed${why}`);
      }
    }
  }
  return [...new Set(causes)];
}

function isUp(vrrp: Vrrp, name: string): boolean {
  return vrrp.interfaces.get(name)?.up ?? false;
}

function ownInterfaceCauses(vrrp: Vrrp, { config }: Instance): string[] {
  const found = vrrp.interfaces.get(config.interface);
  if (found === undefined) return [`there is no interface ${config.interface}`];
  if (config.trackPrimary && !found.up) return [`interface ${config.interface} is down`];
  const { transport } = config;
  if (transport.kind === 'unicast' && transport.peers.length === 0)
    return ['unicast_peer names nobody (unicast_fault_no_peer)'];
  const { source } = transport;
  if (source !== undefined) {
    const gone = config.trackSource && found.addresses?.includes(source) === false;
    return gone ? [`interface ${config.interface} does not have the source address ${source}`] : [];
  }
  const address = config.family === 4 ? found.address4 : found.address6;
  const kind = config.family === 4 ? 'IPv4 address' : 'link-local IPv6 address';
  return address === null ? [`interface ${config.interface} has no ${kind} of its own`] : [];
}

function addressCauses(vrrp: Vrrp, { config }: Instance): string[] {
  return [...config.addresses, ...config.excludedAddresses]
    .filter(
      ({ device, onInstanceInterface, tracked }) =>
        tracked && !onInstanceInterface && device !== config.interface,
    )
    .filter(({ device }) => !isUp(vrrp, device))
    .map(({ device }) => `interface ${device} is down`);
}

function fileSum(check: Check, weight: number, reverse: boolean): number {
  return check.value * (reverse ? -weight : weight);
}

function setPriority(turn: Turn, vrrp: Vrrp, instance: Instance): void {
  let sum = 0;
  for (const tracking of trackingsOf(instance)) {
    for (const entry of tracking.interfaces) {
      const weight = weightOf(instance, tracking, entry);
      if (weight !== 0) sum += contribution(weight, entry.reverse, isUp(vrrp, entry.name));
    }
    for (const [check, entry] of checksOf(vrrp, tracking)) {
      const weight = weightOf(instance, tracking, entry);
      if (weight === 0) continue;
      if (check.what.kind === 'file') sum += fileSum(check, weight, entry.reverse);
      else if (check.good !== null) sum += contribution(weight, entry.reverse, check.good);
    }
  }
  changePriority(turn, instance, weighted(instance.ownershipLost ? 254 : instance.config.priority, sum));
}

/** A backup's silence is counted as if the new priority had held all along; a master's next advert carries it. */
export function changePriority(turn: Turn, instance: Instance, priority: number): void {
  const before = instance.priority;
  if (priority === before) return;
  const skewBeforeMs = skewMs(instance);
  instance.priority = priority;
  const { name } = instance.config;
  if (instance.state !== 'init') {
    log(turn, 'info', 'vrrp-priority', `(${name}) Changing effective priority from ${before} to ${priority}`);
  }
  turn.state.checkpointDue = true;
  notifyPriority(turn, instance);
  if (instance.downDueMs === null) return;
  instance.downDueMs += skewMs(instance) - skewBeforeMs;
  turn.state.timers.set(timerNames.down(instance), instance.downDueMs);
}
