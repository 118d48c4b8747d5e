/** Stopping everything because somebody else may own it now (the lease), or because this node is isolated. */
import { announceEvent, type Turn } from '../turn.js';
import { partnerOf } from './claims.js';
import { dropGroups } from './groups.js';
import { inMaintenance } from './maintenance.js';
import { reportResources } from './report.js';
import { holdsAnything, isFollower, isHeld } from './state.js';

/**
 * Gives up all groups at once: addresses vanish in this very turn, scripts stop in their order. Nothing is acquired
 * again before the peer was heard to know of it (reconcile) or is declared dead.
 */
export function suspendResources(turn: Turn, because: string): void {
  const { resources } = turn.state;
  if (resources.suspended || turn.state.shutdown !== null || inMaintenance(turn.state)) return;
  resources.suspended = true;
  const held = resources.groups.filter((group) => isHeld(group) && !isFollower(group));
  for (const group of held) {
    announceEvent(
      turn,
      'warn',
      'group-suspended',
      `group ${group.key} is stopped here: ${because} may own it.`,
    );
  }
  dropGroups(turn, held);
  resources.myHold = 0;
  resources.standby = null;
  resources.transitions = resources.transitions.filter((transition) => transition.purpose === 'leftovers');
  resources.suspensionUntold = partnerOf(turn.state)?.extra === undefined;
  turn.state.timers.stop('standby');
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
}

/**
 * Tells an original of a suspension, once everything is stopped: a node that dies before counts as holder. An original
 * answers a node that becomes stable with what it holds (heartbeat-protocol.md 10.3).
 */
export function tellSuspension(turn: Turn): void {
  const { resources } = turn.state;
  if (!resources.suspensionUntold) return;
  if (resources.suspended && holdsAnything(resources)) return;
  resources.suspensionUntold = false;
  turn.state.checkpointDue = true;
  if (!resources.suspended) return;
  reportResources(turn, false, 'standby');
  reportResources(turn, true);
}
