/** When the world stood still: times in which no fault began or ended, and which faults were in force then. */
import type { PlannedFault } from '../faults/types.js';
import type { Plan } from '../search/plan.js';

export interface Calm {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Faults in force all the time. */
  readonly inForce: readonly PlannedFault[];
}

/** Every time of at least `atLeastMs` without a beginning or an end of a fault, before everything heals. */
export function calmTimes(plan: Plan, atLeastMs: number): Calm[] {
  const endOf = ({ atMs, args }: PlannedFault): number =>
    args.forMs === undefined ? atMs : Math.min(atMs + args.forMs, plan.healMs);
  const edges = [
    ...plan.starts.map(({ atMs }) => atMs),
    // An operation that was begun may be repaired or repeated a while after: it counts as an edge of its own.
    ...plan.faults.flatMap((fault) => [
      fault.atMs,
      endOf(fault),
      ...(fault.kind === 'kill-loop' ? [fault.atMs + (fault.args.amount ?? 0)] : []),
    ]),
    plan.healMs,
  ].sort((left, right) => left - right);
  const calm: Calm[] = [];
  for (const [index, fromMs] of edges.entries()) {
    const untilMs = edges[index + 1];
    if (untilMs === undefined || untilMs - fromMs < atLeastMs) continue;
    const inForce = plan.faults.filter((fault) => fault.atMs <= fromMs && endOf(fault) >= untilMs);
    calm.push({ fromMs, untilMs, inForce });
  }
  return calm;
}
