/** Whether a dead node must be fenced before its groups start here, and what is said of it (heartbeat-protocol.md 10.8, 14). */
import type { GroupClaim } from '../../wire/extra.js';
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { confirmedSeq } from '../membership/peer-status.js';
import type { Peer } from '../membership/state.js';
import { isHolding } from '../resources/claims.js';
import { ALL, type Group, groupsIn, isFollower, isHeld, mirrored } from '../resources/state.js';
import type { State } from '../state.js';
import { log, type Turn } from '../turn.js';
import { devicesOf } from './state.js';

export type FencingNeed =
  /** The node held nothing, or left in good order. */
  | 'unneeded'
  /** It may hold something, and no device is configured. */
  | 'n_stnth'
  /** It may hold something, and there is a device to end it. */
  | 'needed';

/**
 * A node counts as holder until it has said that its release is finished. One of this program says so for every group
 * in its statuses; an original reports before it stops, so that only its report of a finished transition counts.
 */
export function fencingNeed(turn: Turn, peer: Peer): FencingNeed {
  const { state } = turn;
  if (peer.left || state.resources.groups.length === 0) return 'unneeded';
  const hasDevice = devicesOf(state.config).length > 0;
  if (mayHold(state, peer)) return hasDevice ? 'needed' : 'n_stnth';
  return hasDevice && !isKnownHolder(turn, peer) ? 'needed' : 'unneeded';
}

/**
 * Whether the peer knows that this node holds something, so that it could not serve without fencing it. Where neither
 * holds anything (a handover that the partition cut in two), each would take everything for free: then one has to
 * fall, although it holds nothing. The original forgets this case.
 */
function isKnownHolder(turn: Turn, peer: Peer): boolean {
  const { resources } = turn.state;
  if (peer.extra === undefined) return resources.myHold !== 0 && resources.groups.some(isHeld);
  const confirmed = confirmedSeq(turn, peer);
  return resources.groups.some(
    (group) => isHeld(group) && group.heldSinceSeq > 0 && group.heldSinceSeq <= confirmed,
  );
}

function mayHold(state: State, peer: Peer): boolean {
  const { resources, config } = state;
  if (peer.lastStatusMs === null || !peer.current) return true;
  if (peer.extra !== undefined) {
    const { claims } = peer.extra;
    // A node that has just started knows nothing yet of what an earlier run left behind.
    if (claims.length === 0 || claims.some(isHolding)) return true;
    return resources.groups.some((group) => mayHaveTaken(group, claims[group.index]));
  }
  if (config.autoFailback === 'legacy') return true;
  return resources.otherHold !== 0 || !resources.otherStable;
}

/** A group that the peer did not hold when it was heard last, but may have taken since: without asking us again. */
function mayHaveTaken(group: Group, claim: GroupClaim | undefined): boolean {
  if (isFollower(group) || isHeld(group)) return false;
  // Given to it; or nobody's, and it would be the one to take it (resources/reconcile.ts).
  return group.given || ((!group.isLocal || group.failed) && claim?.hold === 'free');
}

/**
 * Who shoots second when both would: the node that holds fewer groups, with equal numbers the later one in ha.cf.
 * Returns whether that is this node. A peer that holds something
 * and knows that nothing is here does not shoot: nobody has to wait.
 */
export function shootsSecond(turn: Turn, peer: Peer, inHandover: boolean): boolean {
  const { state } = turn;
  const { resources, config } = state;
  const confirmed = confirmedSeq(turn, peer);
  const isKnownEmpty = resources.groups.every(
    (group) => !isHeld(group) && group.freeSinceSeq > 0 && group.freeSinceSeq <= confirmed,
  );
  const mine = resources.groups.filter(isHeld).length;
  const theirs =
    peer.extra !== undefined
      ? peer.extra.claims.filter(isHolding).length
      : groupsIn(resources, mirrored(resources.otherHold) & ALL).length;
  // What it was releasing may be released by now: then it would shoot as well. So would it if it did not know that we
  // know what it holds.
  const isSettled = peer.extra?.claims.every(({ hold }) => hold !== 'releasing') === true;
  const isUnderstood = confirmed > peer.claimsHeardAtSeq;
  if (isKnownEmpty && theirs > 0 && isSettled && isUnderstood && !inHandover) return false;
  if (mine !== theirs) return mine < theirs;
  return config.nodes.indexOf(config.self) > config.nodes.indexOf(peer.name);
}

/** Result words of the `stonith` message (heartbeat-protocol.md 5). */
export type StonithWord = 'OK' | 'bad' | 'badhost' | 'n_stnth' | 'unneeded';

/** Says the outcome on the wire, where the original's tools look for it. */
export function sendStonith(turn: Turn, node: string, result: StonithWord): void {
  sendSequenced(turn, 'stonith', [text('node', node), text('result', result)]);
}

/** Says that a death needs no fencing, or that there is nothing to fence with. */
export function reportUnfenced(turn: Turn, peer: Peer, result: 'n_stnth' | 'unneeded'): void {
  if (result === 'n_stnth') {
    log(turn, 'warn', 'no-stonith', 'No STONITH device configured.');
    log(turn, 'warn', 'no-stonith-disks', 'Shared disks are not protected.');
  }
  sendStonith(turn, peer.name, result);
}
