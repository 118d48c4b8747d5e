/** Never two owners, except where theory demands it, and no longer (excuses.ts). */
import type { ExcuseBounds } from '../excuses.js';
import { judgeFencedOwnership } from '../fencing-check.js';
import type { Plan } from '../search/plan.js';
import type { Check } from './types.js';

/** An ordinary stop of a script in the simulator, with the turn that begins it. */
const STOP_STEP_MS = 30;
/** A stop that fails is tried again a second apart; the fault lasts three seconds at most. */
const FAILING_STOP_MS = 4100;

/** The bounds that a plan's faults give. */
export function boundsOf(plan: Plan, addressesOnly: boolean): ExcuseBounds {
  const amounts = (kind: string): number[] =>
    plan.faults.filter((fault) => fault.kind === kind).map(({ args }) => args.amount ?? 0);
  const serial = plan.links.every((link) => link.startsWith('/dev/'));
  const pathMs = Math.max(0, ...amounts('delay')) + Math.max(0, ...amounts('jitter')) + (serial ? 1000 : 1);
  const steps = plan.pair.groups.reduce((sum, { resources }) => sum + resources.length, 0);
  const slow = Math.max(0, ...amounts('stop-slow'));
  const failing = plan.faults.some(({ kind }) => kind === 'stop-fails') ? FAILING_STOP_MS : 0;
  const original = plan.original !== undefined;
  // Who gives everything up beside an original stops all of it, in its order.
  const stopMs = addressesOnly && !original ? 0 : steps * (STOP_STEP_MS + slow) + failing;
  return { pair: plan.pair, pathMs, stopMs, ...(original ? { original } : {}) };
}

export const OWNERSHIP: Check = {
  name: 'ownership',
  rule: 'No group and no address is on two nodes at once, but for the named rows of excuses.ts, within their bounds.',
  judge: ({ sim, plan, excuses }) => {
    if ((plan.pair.stonith ?? []).length > 0) return judgeFencedOwnership(sim);
    const violations: string[] = [];
    for (const [what, ledger] of [
      ['group', sim.ledger],
      ['address', sim.addresses],
    ] as const) {
      const bounds = boundsOf(plan, what === 'address');
      for (const { group, owners, fromMs, untilMs } of ledger.overlaps()) {
        const endMs = untilMs ?? sim.nowMs;
        if (endMs === fromMs || excuses.covers(fromMs, endMs, bounds, what === 'address')) continue;
        violations.push(
          `${fromMs.toFixed(3)} ${what} ${group} is on ${owners.join(' and ')} until ${endMs.toFixed(3)}, without an excuse`,
        );
      }
    }
    return violations;
  },
};
