/**
 * Gratuitous announcements of a master (vrrp-lvs.md 2.8): at once, again after a while, and whenever a neighbour
 * speaks that thought itself the master, for hosts may have learned its address (vrrp-lvs.md 4.3).
 */
import type { VrrpAddress } from '../../config/vrrp-types.js';
import type { Turn } from '../turn.js';
import type { Instance, Vrrp } from './state.js';
import { timerNames } from './timers.js';

/** Linux does not change a neighbour entry again within a second (neigh locktime): once more just after that. */
const AFTER_LOCKTIME_MS = 1100;

/** A stranger's packets cause no more than one burst in this time, or in one interval if that is longer. */
const QUIET_MIN_MS = 100;

/** New master: now, and once more after `garp_master_delay`. */
export function announceMaster(turn: Turn, instance: Instance): void {
  const { masterRepeat, masterDelayMs } = instance.config.announcing;
  burst(turn, instance, masterRepeat);
  if (masterDelayMs > 0) plan(turn, instance, masterDelayMs, masterRepeat);
  announceOnAndOn(turn, instance);
}

/** What a master announces for as long as it is one. */
export function announceOnAndOn(turn: Turn, instance: Instance): void {
  const { refreshMs, extraMs } = instance.config.announcing;
  if (refreshMs > 0) turn.state.timers.set(timerNames.refresh(instance), turn.nowMs + refreshMs);
  if (extraMs > 0) turn.state.timers.set(timerNames.extra(instance), turn.nowMs + extraMs);
}

/** Another one was master too, or thought so: whoever learned its address learns ours again. */
export function announceAgain(turn: Turn, instance: Instance): void {
  if (turn.nowMs < instance.quietUntilMs) return;
  instance.quietUntilMs = turn.nowMs + Math.max(QUIET_MIN_MS, instance.config.advertIntervalMs);
  const { lowerPriorityRepeat: repeat, lowerPriorityDelayMs } = instance.config.announcing;
  if (repeat === 0) return;
  burst(turn, instance, repeat);
  instance.bursts = [];
  plan(turn, instance, AFTER_LOCKTIME_MS, repeat);
  if (lowerPriorityDelayMs > 0) plan(turn, instance, lowerPriorityDelayMs, repeat);
}

/** Not master any more: nothing is announced. */
export function stopAnnouncing(turn: Turn, instance: Instance): void {
  instance.bursts = [];
  instance.spaced = [];
  for (const name of ['burst', 'spaced', 'refresh', 'extra'] as const) {
    turn.state.timers.stop(timerNames[name](instance));
  }
}

export function fireBurst(turn: Turn, instance: Instance): void {
  const due = instance.bursts.filter(({ dueMs }) => dueMs <= turn.nowMs);
  instance.bursts = instance.bursts.filter(({ dueMs }) => dueMs > turn.nowMs);
  const [first] = due;
  if (first !== undefined && instance.state === 'master') burst(turn, instance, first.repeat);
  armBurst(turn, instance);
}

export function fireRefresh(turn: Turn, instance: Instance): void {
  if (instance.state !== 'master') return;
  const { refreshMs, refreshRepeat } = instance.config.announcing;
  burst(turn, instance, refreshRepeat);
  turn.state.timers.set(timerNames.refresh(instance), turn.nowMs + refreshMs);
}

/**
 * garp_extra_if: the first address of each interface that is not the instance's own, so that switches there do not
 * forget where its MAC address is. As the original (measured): one frame for each interface.
 */
export function fireExtra(turn: Turn, vrrp: Vrrp, instance: Instance): void {
  if (instance.state !== 'master') return;
  const { name, interface: own, announcing, addresses, excludedAddresses } = instance.config;
  const virtual = new Set(vrrp.instances.map(({ config }) => config.vmac?.device));
  const told = new Map<string, VrrpAddress>();
  for (const address of [...addresses, ...excludedAddresses]) {
    const { device, onInstanceInterface } = address;
    if (onInstanceInterface || device === own || told.has(device)) continue;
    if (announcing.extraEverywhere || virtual.has(device)) told.set(device, address);
  }
  if (told.size > 0)
    turn.effects.push({ kind: 'vrrpAnnounce', instance: name, addresses: [...told.values()], repeat: 1 });
  turn.state.timers.set(timerNames.extra(instance), turn.nowMs + announcing.extraMs);
}

/** The next frame where `vrrp_garp_interval` or `vrrp_gna_interval` asks for a pause. */
export function fireSpaced(turn: Turn, instance: Instance): void {
  const next = instance.spaced.shift();
  if (next === undefined || instance.state !== 'master') return;
  const { name, announcing } = instance.config;
  turn.effects.push({ kind: 'vrrpAnnounce', instance: name, addresses: [next], repeat: 1 });
  if (instance.spaced.length === 0) return;
  const pauseMs = next.family === 4 ? announcing.arpIntervalMs : announcing.advertisementIntervalMs;
  turn.state.timers.set(timerNames.spaced(instance), turn.nowMs + pauseMs);
}

function plan(turn: Turn, instance: Instance, afterMs: number, repeat: number): void {
  instance.bursts.push({ dueMs: turn.nowMs + afterMs, repeat });
  armBurst(turn, instance);
}

function armBurst(turn: Turn, instance: Instance): void {
  if (instance.bursts.length === 0) return;
  const dueMs = Math.min(...instance.bursts.map((one) => one.dueMs));
  turn.state.timers.set(timerNames.burst(instance), dueMs);
}

function burst(turn: Turn, instance: Instance, repeat: number): void {
  const { name, addresses, excludedAddresses, announcing } = instance.config;
  const all = [...addresses, ...excludedAddresses];
  if (all.length === 0 || repeat === 0) return;
  if (announcing.arpIntervalMs === 0 && announcing.advertisementIntervalMs === 0) {
    turn.effects.push({ kind: 'vrrpAnnounce', instance: name, addresses: all, repeat });
    return;
  }
  const waiting = instance.spaced.length > 0;
  instance.spaced = Array.from({ length: repeat }, () => all).flat();
  if (!waiting) fireSpaced(turn, instance);
}
