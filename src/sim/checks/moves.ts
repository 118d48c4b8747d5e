/**
 * No ping-pong: a fault may move a group, and its end may move it back, but nothing goes on moving by itself. Losses that
 * come and go by chance may move it again and again while they last, but not faster than a verdict falls.
 */
import type { PlannedFault } from '../faults/types.js';
import type { Check, FinishedRun } from './types.js';

/**
 * Owners change at most so often for each event (the beginning of a fault or its end): the old owner lets go, the new
 * one takes, and with failback the same once more; a verdict during the move can add a stop and a start.
 */
const CHANGES_PER_EVENT = 6;
/** Faults under which verdicts come and go by chance. */
const CHANCY = new Set([
  'loss',
  'corrupt',
  'jitter',
  'delay',
  'fencing',
  'crash',
  'monitor-fails',
  'start-fails',
]);

function allowed({ plan }: FinishedRun): number {
  const { deadtimeMs } = plan.pair;
  const eventsOf = ({ kind, args }: PlannedFault): number => {
    const ends = args.forMs === undefined ? 1 : 2;
    if (!CHANCY.has(kind)) return ends;
    return ends + Math.ceil(Math.min(args.forMs ?? 0, plan.healMs) / deadtimeMs);
  };
  const events = plan.faults.reduce((sum, fault) => sum + eventsOf(fault), 0);
  // The start of the cluster and the healing of everything are events too.
  return CHANGES_PER_EVENT * (events + 2);
}

export const MOVES: Check = {
  name: 'moves',
  rule: `The owners of a group change at most ${CHANGES_PER_EVENT} times for each beginning or end of a fault.`,
  judge: (run) => {
    const { sim, plan } = run;
    const limit = allowed(run);
    return plan.pair.groups.flatMap(({ key }) => {
      const changes = sim.ledger.changes.filter(({ group }) => group === key);
      if (changes.length <= limit) return [];
      const last = changes.at(-1);
      return [
        `${last?.atMs.toFixed(3)} the owners of ${key} changed ${changes.length} times, at most ${limit} are due`,
      ];
    });
  },
};
