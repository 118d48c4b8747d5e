/** Scripts, processes and files that are looked at again and again: when, and what their results mean. */
import { log, type Turn } from '../turn.js';
import type { VrrpCheck } from './effect.js';
import type { VrrpCheckResult } from './input.js';
import type { Check, Vrrp } from './state.js';
import { timerNames } from './timers.js';
import { reassess } from './tracking.js';

/** How often processes and files are looked at. */
const LOOK_MS = 1000;
/** A result that has not come this long after its deadline never will: whoever was to bring it is gone. */
const LOST_AFTER_MS = 10_000;

/** All of them are looked at now. */
export function beginChecks(turn: Turn, vrrp: Vrrp): void {
  for (const check of vrrp.checks) turn.state.timers.set(timerNames.check(check), turn.nowMs);
}

export function fireCheck(turn: Turn, check: Check): void {
  const { what } = check;
  const intervalMs = what.kind === 'script' ? what.definition.intervalMs : LOOK_MS;
  turn.state.timers.set(timerNames.check(check), turn.nowMs + intervalMs);
  const limitMs = (what.kind === 'script' ? what.definition.timeoutMs : LOOK_MS) + LOST_AFTER_MS;
  if (check.runningSinceMs !== null && turn.nowMs - check.runningSinceMs < limitMs) return;
  check.runningSinceMs = turn.nowMs;
  turn.effects.push({ kind: 'vrrpCheck', name: check.name, check: orderOf(check) });
}

function orderOf({ what }: Check): VrrpCheck {
  switch (what.kind) {
    case 'script':
      return { kind: 'script', script: what.definition };
    case 'process':
      return { kind: 'process', process: what.definition };
    case 'file':
      return { kind: 'file', file: what.definition };
  }
}

export function finishCheck(turn: Turn, vrrp: Vrrp, name: string, result: VrrpCheckResult): void {
  const check = vrrp.checks.find((one) => one.name === name);
  if (check === undefined) return;
  check.runningSinceMs = null;
  if (result.kind === 'value') {
    if (check.good !== null && check.value === result.value) return;
    check.good = true;
    check.value = result.value;
  } else if (!turns(check, result.good)) return;
  else {
    check.good = result.good;
    check.contrary = 0;
    check.detail = result.good ? '' : result.detail;
    const word = result.good ? 'succeeded' : 'failed';
    const why = result.detail === '' ? '' : ` (${result.detail})`;
    log(turn, 'info', 'vrrp-check', `${check.what.kind} ${check.what.definition.name} ${word}${why}`);
  }
  turn.state.checkpointDue = true;
  reassess(turn, vrrp);
}

/** True when this result changes the verdict: after `rise` successes or `fall` failures in a row. The first counts at once. */
function turns(check: Check, good: boolean): boolean {
  if (check.good === null) return true;
  if (check.good === good) {
    check.contrary = 0;
    return false;
  }
  check.contrary += 1;
  if (check.what.kind !== 'script') return true;
  const { rise, fall } = check.what.definition;
  return check.contrary >= (good ? rise : fall);
}
