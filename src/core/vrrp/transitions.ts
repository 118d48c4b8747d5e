/** What each change of an instance's state brings with it, all of it and in its order (vrrp-lvs.md 2.7). */
import { announceEvent, log, type Turn } from '../turn.js';
import { announceMaster, stopAnnouncing } from './announce.js';
import type { VrrpBelongings } from './effect.js';
import { followInstance } from './follow.js';
import { notify } from './notify.js';
import type { Instance, InstanceState } from './state.js';
import { countSilence, stopCounting, timerNames } from './timers.js';

/** Everything that comes and goes with the role of the master. */
export function belongingsOf({ config }: Instance): VrrpBelongings {
  const { routes, rules } = config;
  return { addresses: [...config.addresses, ...config.excludedAddresses], routes, rules };
}

/** One advert with the present priority, or another one. */
export function sendAdvert(turn: Turn, instance: Instance, priority = instance.priority): void {
  instance.counters.advertsSent += 1;
  turn.effects.push({ kind: 'advert', instance: instance.config.name, priority });
}

/** Sends the advert of the interval and plans the next. */
export function fireAdvert(turn: Turn, instance: Instance): void {
  if (instance.state !== 'master') return;
  sendAdvert(turn, instance);
  // Counted from when it was due, so that small delays do not add up; after a long one the count begins anew.
  const { advertIntervalMs } = instance.config;
  const nextMs = instance.advertDueMs + advertIntervalMs;
  instance.advertDueMs = nextMs > turn.nowMs ? nextMs : turn.nowMs + advertIntervalMs;
  turn.state.timers.set(timerNames.advert(instance), instance.advertDueMs);
}

/** From INIT: an address owner begins as master, everybody else listens first. Leftovers of a former run go. */
export function beginInstance(turn: Turn, instance: Instance): void {
  const { config } = instance;
  const owner = config.priority === 255 && config.initialState === 'master';
  if (owner && instance.faults.length === 0) {
    becomeMaster(turn, instance);
    return;
  }
  remove(turn, instance);
  if (instance.faults.length > 0) {
    becomeFault(turn, instance, ' (init)');
    return;
  }
  becomeBackup(turn, instance, ' (init)');
}

/**
 * Adverts first, so that the others know; then the addresses; then everybody else is told. Even a line in the log costs
 * time: those come last. `why`: a line that goes before the others.
 */
export function becomeMaster(turn: Turn, instance: Instance, why?: string): void {
  const { name, advertIntervalMs } = instance.config;
  enter(turn, instance, 'master');
  instance.masterIntervalMs = advertIntervalMs;
  instance.intervalClaim = null;
  instance.master = null;
  instance.preemptAtMs = null;
  instance.counters.becameMaster += 1;
  stopCounting(turn, instance);
  instance.advertDueMs = turn.nowMs;
  fireAdvert(turn, instance);
  turn.effects.push({ kind: 'vrrpSet', instance: name, belongings: belongingsOf(instance) });
  announceMaster(turn, instance);
  if (why !== undefined) log(turn, 'info', 'vrrp-timeout', `(${name}) ${why}`);
  announceEvent(turn, 'info', 'vrrp-master', `(${name}) Entering MASTER STATE`);
  log(turn, 'info', 'vrrp-addresses', `(${name}) setting VIPs.`);
  notify(turn, instance, 'MASTER');
  followInstance(turn, name, true);
}

/** `how`: end of the log line. The addresses are gone when this returns; silence counts from now. */
export function becomeBackup(turn: Turn, instance: Instance, how = '', afterMs?: number): void {
  if (instance.state === 'master') leaveMaster(turn, instance);
  enter(turn, instance, 'backup');
  announceEvent(turn, 'info', 'vrrp-backup', `(${instance.config.name}) Entering BACKUP STATE${how}`);
  countSilence(turn, instance, afterMs);
  notify(turn, instance, 'BACKUP');
}

/** The instance cannot serve. A master says so, twice, for nobody confirms it; its addresses go at once. */
export function becomeFault(turn: Turn, instance: Instance, how = ''): void {
  if (instance.state === 'master') resign(turn, instance, 2);
  enter(turn, instance, 'fault');
  stopCounting(turn, instance);
  instance.master = null;
  instance.preemptAtMs = null;
  const causes = instance.faults.join('; ');
  announceEvent(
    turn,
    'warn',
    'vrrp-fault',
    `(${instance.config.name}) Entering FAULT STATE${how}: ${causes}`,
  );
  notify(turn, instance, 'FAULT');
}

/** The orderly end of an instance. */
export function stopInstance(turn: Turn, instance: Instance): void {
  if (instance.state === 'stopped') return;
  if (instance.state === 'master') resign(turn, instance, 1);
  enter(turn, instance, 'stopped');
  stopCounting(turn, instance);
  turn.state.timers.stop(timerNames.start(instance));
  notify(turn, instance, 'STOP');
}

/** A member of a sync group goes with the others: its peer is to follow at once. */
export function resignToBackup(turn: Turn, instance: Instance): void {
  resign(turn, instance, 1);
  becomeBackup(turn, instance);
}

/** Says that it stops being master, and stops. */
function resign(turn: Turn, instance: Instance, times: number): void {
  for (let i = 0; i < times; i++) sendAdvert(turn, instance, 0);
  log(turn, 'info', 'vrrp-resigned', `(${instance.config.name}) sent 0 priority`);
  leaveMaster(turn, instance);
  // What follows must not do it a second time.
  instance.state = 'backup';
}

function leaveMaster(turn: Turn, instance: Instance): void {
  turn.state.timers.stop(timerNames.advert(instance));
  stopAnnouncing(turn, instance);
  remove(turn, instance);
  followInstance(turn, instance.config.name, false);
}

function remove(turn: Turn, instance: Instance): void {
  const { name } = instance.config;
  log(turn, 'info', 'vrrp-addresses', `(${name}) removing VIPs.`);
  turn.effects.push({ kind: 'vrrpRemove', instance: name, belongings: belongingsOf(instance) });
}

function enter(turn: Turn, instance: Instance, state: InstanceState): void {
  instance.state = state;
  instance.wantsMaster = false;
  instance.transitions += 1;
  instance.sinceMs = turn.nowMs;
  turn.state.checkpointDue = true;
}
