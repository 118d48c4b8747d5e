/** Names of the VRRP timers in the core's one table: `vrrp/KIND/INDEX`. */
import type { Turn } from '../turn.js';
import { masterDownMs } from './election.js';
import type { Check, Instance } from './state.js';

export const timerNames = {
  /** The master's silence has lasted long enough. */
  down: ({ index }: Instance): string => `vrrp/down/${index}`,
  /** Our next advert. */
  advert: ({ index }: Instance): string => `vrrp/advert/${index}`,
  /** The next burst of gratuitous announcements. */
  burst: ({ index }: Instance): string => `vrrp/burst/${index}`,
  /** The next single announcement where a pause was asked for. */
  spaced: ({ index }: Instance): string => `vrrp/spaced/${index}`,
  /** Switches behind other interfaces hear of the addresses there. */
  extra: ({ index }: Instance): string => `vrrp/extra/${index}`,
  refresh: ({ index }: Instance): string => `vrrp/refresh/${index}`,
  /** The start-up delay is over. */
  start: ({ index }: Instance): string => `vrrp/start/${index}`,
  /** Addresses that keep vanishing are set again. */
  restore: ({ index }: Instance): string => `vrrp/restore/${index}`,
  check: ({ index }: Check): string => `vrrp/check/${index}`,
} as const;

/** Begins to count the master's silence anew; `afterMs`: another time than the usual one. */
export function countSilence(turn: Turn, instance: Instance, afterMs = masterDownMs(instance)): void {
  instance.downDueMs = turn.nowMs + afterMs;
  turn.state.timers.set(timerNames.down(instance), instance.downDueMs);
}

/** What an advert has waited before it was read counts as silence, up to this much: more would be a stale clock. */
const AGE_MAX_MS = 5;

/** The same from the moment at which an advert came in. */
export function countSilenceSince(turn: Turn, instance: Instance, ageMs: number, afterMs?: number): void {
  const wholeMs = afterMs ?? masterDownMs(instance);
  countSilence(turn, instance, wholeMs - Math.min(AGE_MAX_MS, Math.max(0, ageMs)));
}

export function stopCounting(turn: Turn, instance: Instance): void {
  instance.downDueMs = null;
  turn.state.timers.stop(timerNames.down(instance));
}
