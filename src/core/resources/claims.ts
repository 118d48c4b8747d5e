/** What the partner says about each group in the extra field, as far as it can be relied on. */
import type { GroupClaim } from '../../wire/extra.js';
import { isAlive, type Peer } from '../membership/state.js';
import type { State } from '../state.js';
import { FOREIGN, type Group, groupsIn, LOCAL } from './state.js';

/** The other node of the pair, or undefined. */
export function partnerOf(state: State): Peer | undefined {
  return state.resources.partner === null ? undefined : state.peers.get(state.resources.partner);
}

/**
 * What the partner says may be a replay of what it said to an earlier run of ours, until a status of it confirms this
 * run. An original confirms nothing.
 */
export function isCurrent(peer: Peer): boolean {
  return peer.extra === undefined || peer.confirmedSentMs !== null;
}

/**
 * What it asked or answered before it knew of this run of ours was meant for an earlier one: a number that is asked for
 * again, or a replay, brings it here.
 */
export function isForFormerRun(peer: Peer, seq: number): boolean {
  return peer.extra !== undefined && peer.knowsUsSinceSeq !== null && seq < peer.knowsUsSinceSeq;
}

/** True when the partner speaks of exactly our groups: same list, and it knows its own state already. */
export function claimsUsable(state: State, peer: Peer): boolean {
  const { extra } = peer;
  return (
    extra !== undefined &&
    extra.groupsDigest === state.resources.digest &&
    extra.claims.length === state.resources.groups.length &&
    (state.resources.groups.length > 0 || extra.capabilities.includes('groups'))
  );
}

/** The partner's claim on a group; undefined when unknown or older than what we know from elsewhere. */
export function claimOn(state: State, peer: Peer, group: Group): GroupClaim | undefined {
  if (!isAlive(peer) || !claimsUsable(state, peer)) return undefined;
  if (peer.extraSeq <= group.peerClaimsIgnoredUpTo) return undefined;
  return peer.extra?.claims[group.index];
}

export function isHolding(claim: GroupClaim): boolean {
  return claim.hold === 'held' || claim.hold === 'taken' || claim.hold === 'releasing';
}

/** The partner's set as its claims tell it; sides without groups stay as the R1 messages said. */
export function otherHoldFromClaims(state: State, peer: Peer): number {
  let { otherHold } = state.resources;
  // The partner's local groups are our foreign ones.
  for (const [ours, theirs] of [
    [FOREIGN, LOCAL],
    [LOCAL, FOREIGN],
  ] as const) {
    const groups = groupsIn(state.resources, ours);
    if (groups.length === 0) continue;
    const held = groups.some((group) => {
      const claim = peer.extra?.claims[group.index];
      return claim !== undefined && isHolding(claim);
    });
    otherHold = held ? otherHold | theirs : otherHold & ~theirs;
  }
  return otherHold;
}
