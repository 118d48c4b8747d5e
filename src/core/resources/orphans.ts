/**
 * Beside an original (auto_failback on or off): a set of groups that neither node is responsible for. It comes about when
 * the node that held it was off for less than a deadtime: it returns with nothing, nobody was declared dead, and two
 * originals leave it down for good ("nobody holds" is only logged, heartbeat-protocol.md 10.9). The standby handshake
 * settles it, as its giver stops every group of the set even if it holds none (10.5): what a killed daemon of the other
 * node left running is stopped before it is started here. The set goes to its preferred node.
 */
import { text } from '../../wire/message.js';
import { isFencing } from '../fencing/state.js';
import { sendSequenced } from '../heartbeat/send.js';
import type { Peer } from '../membership/state.js';
import { announceEvent, type Turn } from '../turn.js';
import { failedByCarrier } from './carrier.js';
import { partnerOf } from './claims.js';
import { planOffer } from './failures.js';
import { inMaintenance } from './maintenance.js';
import { beginStandby } from './standby.js';
import { FOREIGN, groupsIn, isFollower, LOCAL } from './state.js';

const TIMER = 'orphans';
/** Reports that cross each other are over by then; and before it is tried again. */
const PATIENCE_MS = 5000;

/** A set that both have said to be without, while both are settled; undefined: there is none, or something moves. */
function orphaned(turn: Turn, peer: Peer): number | undefined {
  const { resources, config, shutdown } = turn.state;
  if (peer.extra !== undefined || peer.status !== 'active' || config.autoFailback === 'legacy')
    return undefined;
  if (resources.phase !== 'stable' || !resources.otherStable || resources.suspended) return undefined;
  if (resources.standby !== null || resources.transitions.length > 0 || shutdown !== null) return undefined;
  if (inMaintenance(turn.state) || isFencing(turn.state)) return undefined;
  // The partner's foreign groups are our local ones.
  for (const [ours, theirs] of [
    [LOCAL, FOREIGN],
    [FOREIGN, LOCAL],
  ] as const) {
    if (((resources.myHold & ours) | (resources.otherHold & theirs)) !== 0) continue;
    const groups = groupsIn(resources, ours);
    if (groups.some((group) => !group.failed && !failedByCarrier(group) && !isFollower(group))) return ours;
  }
  return undefined;
}

/** With each status of the partner. */
export function watchOrphans(turn: Turn, peer: Peer): void {
  const { resources, timers } = turn.state;
  if (peer.extra === undefined && peer.status === 'active' && !timers.has('offer')) planOffer(turn);
  if (peer.name !== resources.partner || timers.has(TIMER) || orphaned(turn, peer) === undefined) return;
  timers.set(TIMER, turn.nowMs + PATIENCE_MS);
}

/** It is still so: the partner is offered its own groups, or asked to stop and hand over ours. */
export function fireOrphans(turn: Turn): void {
  const peer = partnerOf(turn.state);
  const set = peer === undefined ? undefined : orphaned(turn, peer);
  if (peer === undefined || set === undefined) return;
  const isOurs = set === LOCAL;
  const keys = groupsIn(turn.state.resources, set).map(({ key }) => key);
  const sentence = isOurs
    ? `${peer.name} is asked to stop and hand them over.`
    : `${peer.name} is offered them.`;
  announceEvent(turn, 'warn', 'orphaned', `neither node is responsible for ${keys.join(', ')}: ${sentence}`);
  if (isOurs) sendSequenced(turn, 'hb_takeover', [text('rsc_hold', 'local')]);
  else beginStandby(turn, 'foreign', null);
  turn.state.timers.set(TIMER, turn.nowMs + 2 * PATIENCE_MS);
}
