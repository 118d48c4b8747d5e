/**
 * Neighbours whose adverts do not fit ours: the usual cause of two masters (vrrp-lvs.md 4.4). Each is named in one
 * sentence with the keyword that differs, at most once a minute, and stands in the status while it lasts.
 */
import { announceEvent, log, type Turn } from '../turn.js';
import type { Disagreement, DisagreementField, Instance } from './state.js';

const SAY_AGAIN_MS = 60_000;
/** Sources can be forged: no more than this many are remembered. */
const REMEMBERED_MAX = 32;
/** It counts as over when nothing of the kind was heard for this many intervals, and at least this long. */
const OVER_INTERVALS = 5;
const OVER_MIN_MS = 10_000;

/** Remembers one advert that differs in `field`. The sentence is said when it is new, and then once a minute. */
export function disagree(
  turn: Turn,
  instance: Instance,
  field: DisagreementField,
  source: string,
  sentence: string,
): void {
  const key = `${field} ${source}`;
  const known = instance.disagreements.get(key);
  if (known === undefined || known.sentence !== sentence) {
    makeRoom(instance);
    const count = (known?.count ?? 0) + 1;
    instance.disagreements.set(key, {
      field,
      source,
      sentence,
      count,
      lastMs: turn.nowMs,
      saidMs: turn.nowMs,
    });
    announceEvent(turn, 'warn', 'vrrp-disagrees', `(${instance.config.name}) ${sentence}`);
    return;
  }
  known.count += 1;
  known.lastMs = turn.nowMs;
  if (turn.nowMs - known.saidMs < SAY_AGAIN_MS) return;
  known.saidMs = turn.nowMs;
  const text = `(${instance.config.name}) ${sentence} (${known.count} adverts so far)`;
  log(turn, 'warn', 'vrrp-disagrees', text);
}

/** An advert of this source is right in these fields. */
export function agree(
  turn: Turn,
  instance: Instance,
  source: string,
  fields: readonly DisagreementField[],
): void {
  for (const field of fields) {
    if (!instance.disagreements.delete(`${field} ${source}`)) continue;
    log(
      turn,
      'info',
      'vrrp-agrees',
      `(${instance.config.name}) ${source} agrees with this node in ${field} now.`,
    );
  }
}

/** Those that still hold. */
export function presentDisagreements(instance: Instance, nowMs: number): Disagreement[] {
  const overMs = Math.max(OVER_MIN_MS, OVER_INTERVALS * instance.config.advertIntervalMs);
  return [...instance.disagreements.values()].filter(({ lastMs }) => nowMs - lastMs <= overMs);
}

function makeRoom(instance: Instance): void {
  if (instance.disagreements.size < REMEMBERED_MAX) return;
  const oldest = [...instance.disagreements].sort(([, a], [, b]) => a.lastMs - b.lastMs)[0];
  if (oldest !== undefined) instance.disagreements.delete(oldest[0]);
}
