/**
 * A service that can run somewhere is not left down: when nothing has changed for as long as every timer of the program
 * may take, each group is whole somewhere, as long as a machine is there that can run it.
 */

import { calmTimes } from './calm.js';
import { boundsOf } from './ownership.js';
import type { Check, FinishedRun } from './types.js';

/** Faults in force under which a group may rightly be down, or up only now and then. */
const MAY_BE_DOWN = new Set([
  'start-fails',
  'stop-fails',
  'monitor-fails',
  'maintenance',
  'loss',
  'corrupt',
  'fencing',
  'jitter',
  'delay',
  // Who hears neither the partner nor a ping host serves nothing.
  'ping-loss',
]);
/** A start that has just been refused is offered again, a settled start beside an original takes ten seconds. */
const SETTLE_MS = 15_000;

/** Initdead, a verdict and the moves after it. */
function patienceMs(run: FinishedRun): number {
  const { pair } = run.plan;
  return pair.initdeadMs + 2 * pair.deadtimeMs + 2 * boundsOf(run.plan, false).stopMs + SETTLE_MS;
}

export const AVAILABILITY: Check = {
  name: 'availability',
  rule: 'When nothing changed for initdead, two deadtimes and the moves, every group is up somewhere if a node can run it.',
  judge: (run) => {
    const { sim, plan } = run;
    // With `isolated = stop` and nobody to ask, being down is what was asked for.
    if (plan.pair.isolated === 'stop' || (plan.pair.stonith ?? []).length > 0) return [];
    const violations: string[] = [];
    for (const { fromMs, untilMs, inForce } of calmTimes(plan, patienceMs(run))) {
      if (inForce.some(({ kind }) => MAY_BE_DOWN.has(kind)) || inMaintenanceAt(run, untilMs)) continue;
      if (!plan.nodes.slice(0, 2).some((node) => ranAllTheTime(run, node, fromMs, untilMs))) continue;
      for (const { key } of plan.pair.groups) {
        if (hasFailed(run, key, untilMs) || sim.ledger.ownersAt(key, untilMs - 1).length > 0) continue;
        violations.push(`${untilMs.toFixed(3)} ${key} is on no node although nothing changed for long`);
      }
    }
    return violations;
  },
};

/** Its program ran without a break, apart from the turn that ended the calm. */
function ranAllTheTime({ sim }: FinishedRun, node: string, fromMs: number, untilMs: number): boolean {
  const before = sim.lives.findLast((life) => life.node === node && life.atMs <= fromMs);
  return (
    before?.running === true &&
    !sim.lives.some((life) => life.node === node && life.atMs > fromMs && life.atMs < untilMs)
  );
}

/** Somebody said `maintenance on` before, and its end may not have reached everybody. */
function inMaintenanceAt({ plan }: FinishedRun, atMs: number): boolean {
  return plan.faults.some((fault) => fault.kind === 'maintenance' && fault.atMs < atMs);
}

/** It failed somewhere before: the rule of `failures.ts` decides where it may go. */
function hasFailed({ sim }: FinishedRun, key: string, atMs: number): boolean {
  return sim.said.some(
    (entry) =>
      entry.atMs < atMs &&
      (entry.code === 'group-given-up' || entry.code === 'group-failed') &&
      entry.text.includes(key),
  );
}
