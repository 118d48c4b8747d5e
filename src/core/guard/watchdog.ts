/**
 * When the watchdog is fed: by a turn that did its whole work, and only as long as this node may hold what it holds.
 * A node that had to be gone and is not, or that asked for a reboot, is left to the device.
 */
import { holdsAnything } from '../resources/state.js';
import { announceEvent, type Turn } from '../turn.js';
import { feedIntervalMs, leaseBudget } from './budget.js';
import { isDiskOverdue } from './disk.js';

const TIMER = 'feed';

/** A watchdog was armed (`timeoutMs`, as its driver reads it back), or none guards this node (null). */
export function watchdogChanged(
  turn: Turn,
  device: string | null,
  timeoutMs: number | null,
  problem: string,
): void {
  const { guard, config, timers } = turn.state;
  guard.device = device;
  guard.problem = problem;
  guard.budget = leaseBudget(config, timeoutMs);
  if (timeoutMs === null) timers.stop(TIMER);
  else fireFeed(turn);
  if (problem !== '') announceEvent(turn, 'crit', 'watchdog-absent', problem);
}

/** Something here must be gone and is not. */
function isOverstaying(turn: Turn): boolean {
  const { guard, resources } = turn.state;
  if (!resources.suspended || guard.goneByMs === null || guard.budget.watchdogMs === null) return false;
  if (turn.nowMs < guard.goneByMs - guard.budget.watchdogMs) return false;
  return holdsAnything(resources);
}

/** The feeding timer: plans the next time, and asks for a feed unless this node is to be reset. */
export function fireFeed(turn: Turn): void {
  const { guard, config, timers } = turn.state;
  const { watchdogMs } = guard.budget;
  if (watchdogMs === null || guard.abandoned) return;
  timers.set(TIMER, turn.nowMs + feedIntervalMs(config, watchdogMs));
  if (!turn.state.resources.suspended) guard.goneByMs = null;
  guard.feedDue = !isOverstaying(turn);
}

/** The last thing of a turn: everything else that it asked for comes before the feed. */
export function feedAtTheEnd(turn: Turn): void {
  const { guard } = turn.state;
  if (!guard.abandoned && turn.effects.some((effect) => effect.kind === 'rebootSelf')) guard.abandoned = true;
  const due = guard.feedDue && !guard.abandoned && !isDiskOverdue(turn);
  guard.feedDue = false;
  if (due) turn.effects.push({ kind: 'feedWatchdog' });
}
