/**
 * A new configuration while the instances run: what is the same goes on as it was, addresses come and go without a
 * change of role, and adverts never stop (vrrp-lvs.md 5, 7).
 */
import type { VrrpAddress, VrrpConfig, VrrpInstance } from '../../config/vrrp-types.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { announceOnAndOn } from './announce.js';
import { beginChecks } from './checks.js';
import { notify, tellPipes } from './notify.js';
import { type Check, type Instance, newVrrp, type Vrrp } from './state.js';
import { countSilence, timerNames } from './timers.js';
import { reassess } from './tracking.js';
import { belongingsOf, fireAdvert, stopInstance } from './transitions.js';

export function reconfigure(turn: Turn, config: VrrpConfig): void {
  const old = turn.state.vrrp;
  const next = newVrrp(config);
  next.begun = true;
  turn.state.vrrp = next;
  turn.state.timers.stopAll('vrrp/');
  if (old !== null) {
    for (const [name, state] of old.interfaces) next.interfaces.set(name, state);
    for (const check of next.checks) keepResult(check, old.checks);
    for (const group of next.groups) {
      group.said = old.groups.find((one) => one.config.name === group.config.name)?.said ?? null;
    }
    for (const before of old.instances) retire(turn, before, next);
  }
  for (const instance of next.instances) {
    const before = old?.instances.find((one) => carriesOn(one, instance.config));
    if (before !== undefined) carryOver(turn, before, instance);
    else startLater(turn, instance);
  }
  beginChecks(turn, next);
  announceEvent(
    turn,
    'info',
    'vrrp-reloaded',
    `VRRP: ${config.file} is in force with ${next.instances.length} instances.`,
  );
  turn.state.checkpointDue = true;
  reassess(turn, next);
  if (config.global.fifoStatesOnReload === true) tellPipes(turn, next);
}

/** Plans the end of the start-up delay, if there is one. */
export function startLater(turn: Turn, instance: Instance): void {
  const { startupDelayMs } = instance.config;
  if (startupDelayMs > 0) turn.state.timers.set(timerNames.start(instance), turn.nowMs + startupDelayMs);
}

/** The same router in the same place; everything else may change under way. */
function carriesOn({ config }: Instance, next: VrrpInstance): boolean {
  return (
    config.name === next.name &&
    config.interface === next.interface &&
    config.family === next.family &&
    config.virtualRouterId === next.virtualRouterId &&
    config.version === next.version &&
    config.vmac?.device === next.vmac?.device
  );
}

/** An instance that is no more, or is another now, leaves in good order. */
function retire(turn: Turn, before: Instance, next: Vrrp): void {
  if (next.instances.some(({ config }) => carriesOn(before, config))) return;
  const exists = next.instances.some(({ config }) => config.name === before.config.name);
  stopInstance(turn, before);
  if (!exists) notify(turn, before, 'DELETED');
}

function carryOver(turn: Turn, before: Instance, instance: Instance): void {
  const { state, priority, ownershipLost, masterIntervalMs, master, preemptAtMs, wantsMaster } = before;
  const { bursts, quietUntilMs, transitions, sinceMs, restoredMs } = before;
  Object.assign(instance, {
    state,
    priority: before.config.priority === instance.config.priority ? priority : instance.config.priority,
    ownershipLost: ownershipLost && instance.config.priority === 255,
    masterIntervalMs:
      instance.config.version === 3 && master !== null ? masterIntervalMs : instance.config.advertIntervalMs,
    master,
    preemptAtMs,
    wantsMaster,
    bursts: state === 'master' ? bursts : [],
    quietUntilMs,
    transitions,
    sinceMs,
    restoredMs,
  });
  Object.assign(instance.counters, before.counters);
  if (state === 'backup') countSilence(turn, instance);
  if (state === 'init') startLater(turn, instance);
  if (state !== 'master') return;
  instance.advertDueMs = turn.nowMs;
  fireAdvert(turn, instance);
  announceOnAndOn(turn, instance);
  for (const { dueMs } of instance.bursts) turn.state.timers.advance(timerNames.burst(instance), dueMs);
  exchangeBelongings(turn, before, instance);
}

/** What came goes up, what went comes down; what stayed is not touched. */
function exchangeBelongings(turn: Turn, before: Instance, instance: Instance): void {
  const was = belongingsOf(before);
  const is = belongingsOf(instance);
  const gone = was.addresses.filter((address) => !is.addresses.some((other) => samePlace(address, other)));
  const come = is.addresses.filter((address) => !was.addresses.some((other) => samePlace(address, other)));
  const words = (route: { readonly words: readonly string[] }): string => route.words.join(' ');
  const missing = <T extends { readonly words: readonly string[] }>(
    from: readonly T[],
    list: readonly T[],
  ): T[] => from.filter((one) => !list.some((other) => words(other) === words(one)));
  const removed = {
    addresses: gone,
    routes: missing(was.routes, is.routes),
    rules: missing(was.rules, is.rules),
  };
  const added = {
    addresses: come,
    routes: missing(is.routes, was.routes),
    rules: missing(is.rules, was.rules),
  };
  const { name, announcing } = instance.config;
  const some = (one: typeof removed): boolean =>
    one.addresses.length + one.routes.length + one.rules.length > 0;
  if (some(removed)) turn.effects.push({ kind: 'vrrpRemove', instance: name, belongings: removed });
  if (!some(added)) return;
  turn.effects.push({ kind: 'vrrpSet', instance: name, belongings: added });
  if (come.length > 0) {
    const repeat = Math.max(1, announcing.masterRepeat);
    turn.effects.push({ kind: 'vrrpAnnounce', instance: name, addresses: come, repeat });
    const names = come.map(({ address }) => address).join(', ');
    log(turn, 'info', 'vrrp-addresses', `(${name}) setting VIPs ${names} without a change of role.`);
  }
}

function samePlace(a: VrrpAddress, b: VrrpAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength && a.device === b.device;
}

function keepResult(check: Check, old: readonly Check[]): void {
  const before = old.find((one) => one.name === check.name);
  if (before === undefined || JSON.stringify(before.what) !== JSON.stringify(check.what)) return;
  const { good, value, contrary, detail } = before;
  Object.assign(check, { good, value, contrary, detail });
}
