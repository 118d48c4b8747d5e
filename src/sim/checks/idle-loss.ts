/** The loss of a node that serves nothing never interrupts a service. */

import { calmTimes } from './calm.js';
import type { Check, FinishedRun } from './types.js';

const LOSSES = new Set(['power-off', 'kill-daemon', 'pause', 'suspend', 'shutdown']);
/** The groups have come to rest before the loss; and that much longer nothing else happens. */
const REST_MS = 1000;
/** A question for groups is repeated every two seconds. */
const ASKING_MS = 5000;
/** A move that begins so soon after the loss was on its way. */
const SOON_MS = 2000;
/** A peer that has spoken within so many keepalives is not silent: the lease judges it (core, lease.ts). */
const SPEAKING_KEEPALIVES = 2;
/** A restart in place has stopped everything it will stop by then. */
const RESTART_MS = 10_000;

export const IDLE_LOSS: Check = {
  name: 'idle-loss',
  rule: 'While only a node is lost that serves nothing, no group is interrupted on the other node.',
  judge: (run) => {
    const { sim, plan } = run;
    // With `isolated = stop` being alone is reason enough to stop.
    if (plan.pair.isolated === 'stop') return [];
    const violations: string[] = [];
    const [first, second] = plan.nodes;
    const quiet = calmTimes(plan, REST_MS);
    for (const fault of plan.faults) {
      const { node } = fault.args;
      if (!LOSSES.has(fault.kind) || (node !== first && node !== second)) continue;
      // Nothing else was in force when it happened, and nothing began until its end.
      const before = quiet.find(({ untilMs }) => untilMs === fault.atMs);
      const during = quiet.find(({ fromMs }) => fromMs === fault.atMs);
      // It ran, and does not run again before the end: one that comes back may be given its groups.
      const back = sim.lives.find((life) => life.node === node && life.atMs > fault.atMs && life.running);
      const ran = sim.lives.findLast((life) => life.node === node && life.atMs < fault.atMs)?.running;
      if (ran !== true || (back !== undefined && during !== undefined && back.atMs < during.untilMs))
        continue;
      if (before === undefined || before.inForce.length > 0 || during === undefined) continue;
      if (hasJustAsked(run, node, fault.atMs)) continue;
      for (const { key, resources } of plan.pair.groups) {
        const owners = sim.ledger.ownersAt(key, fault.atMs - 0.001);
        const anywhere = plan.pair.groups.some((group) =>
          sim.ledger.ownersAt(group.key, fault.atMs - 0.001).includes(node ?? ''),
        );
        const [owner] = owners;
        if (anywhere || owners.length !== 1 || owner === undefined || resources.length === 0) continue;
        const lost = sim.ledger.changes.find(
          (change) =>
            change.group === key &&
            change.atMs >= fault.atMs &&
            change.atMs < during.untilMs &&
            !change.owners.includes(owner),
        );
        const isExplained =
          lost === undefined ||
          isMoving(run, fault.atMs) ||
          isRestarted(run, owner, key, lost.atMs) ||
          isReset(run, owner, fault.atMs, lost.atMs);
        if (!isExplained)
          violations.push(
            `${lost.atMs.toFixed(3)} ${key} on ${owner} is interrupted by the loss of ${node}, which was idle`,
          );
      }
    }
    return violations;
  },
};

/** With legacy a node asks for its own groups when it starts: the move was begun by its start, not by its loss. */
function hasJustAsked({ sim, plan }: FinishedRun, node: string | undefined, atMs: number): boolean {
  const start = sim.lives.findLast((life) => life.node === node && life.atMs < atMs && life.running);
  return plan.pair.autoFailback === 'legacy' && start !== undefined && atMs - start.atMs < ASKING_MS;
}

/** A service that had crashed before was found out and is restarted in place: no doing of the lost node. */
function isRestarted({ sim }: FinishedRun, node: string, key: string, atMs: number): boolean {
  return sim.said.some(
    (entry) =>
      entry.code === 'group-restart' &&
      entry.node === node &&
      entry.text.includes(`group ${key} `) &&
      entry.atMs <= atMs &&
      atMs - entry.atMs < RESTART_MS,
  );
}

/** A fencing device that had been at work on the owner since before the loss has reset it: no doing of the lost node. */
function isReset({ sim }: FinishedRun, owner: string, lossMs: number, atMs: number): boolean {
  const { shots, attempts } = sim.fencing;
  return (
    shots.some((shot) => shot.target === owner && shot.atMs === atMs) &&
    attempts.some((attempt) => attempt.target === owner && attempt.atMs < lossMs)
  );
}

const MOVES = new Set([
  'standby',
  'gives-way',
  'group-suspended',
  'one-way-loss',
  'was-late',
  'group-failed',
  'self-restart',
  'orphaned',
]);

/**
 * A move that was under way when the node was lost is no interruption by the loss. Nor is the end of the lease: a node
 * that woke, spoke once of what it had heard long before, and is lost, is one-way loss as far as anybody can know.
 */
function isMoving({ sim, plan }: FinishedRun, atMs: number): boolean {
  const speakingMs = Math.max(SOON_MS, SPEAKING_KEEPALIVES * plan.pair.keepaliveMs);
  return sim.said.some(
    (entry) =>
      MOVES.has(entry.code) &&
      entry.atMs > atMs - 5000 &&
      entry.atMs < atMs + (entry.code === 'one-way-loss' ? speakingMs : SOON_MS),
  );
}
