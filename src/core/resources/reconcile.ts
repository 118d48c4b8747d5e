/**
 * Compares our groups with the partner's claims, each time it speaks. Here a healed partition is settled, a group
 * that nobody holds finds a node, and a suspended node comes back. Only between nodes of this program.
 */
import type { GroupClaim } from '../../wire/extra.js';
import { isFencing } from '../fencing/state.js';
import { confirmedSeq } from '../membership/peer-status.js';
import type { Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeGroup } from './acquire.js';
import { checkFailback } from './agreement.js';
import { lacksCarrierThere } from './carrier.js';
import { claimOn, claimsUsable, isHolding, otherHoldFromClaims } from './claims.js';
import { announceNow, dropGroups } from './groups.js';
import { askForGroups } from './legacy.js';
import { inMaintenance } from './maintenance.js';
import { recomputeHold, reportResources } from './report.js';
import { endVoidStandby } from './standby.js';
import { type Group, isFollower, isHeld } from './state.js';

export function reconcile(turn: Turn, peer: Peer): void {
  const { resources, membership, shutdown } = turn.state;
  if (peer.name !== resources.partner || !membership.communicationUp || peer.extra === undefined) return;
  if (shutdown !== null) return;
  if (!claimsUsable(turn.state, peer)) {
    if (peer.extra.claims.length > 0) {
      log(
        turn,
        'warn',
        'haresources-differ',
        `haresources here and on ${peer.name} differ: copy one to the other node.`,
      );
    }
    return;
  }
  if (inMaintenance(turn.state)) {
    resources.otherHold = otherHoldFromClaims(turn.state, peer);
    return;
  }
  resume(turn, peer);
  endVoidStandby(turn, peer);
  let changed = false;
  for (const group of resources.groups) {
    const claim = isFollower(group) ? undefined : claimOn(turn.state, peer, group);
    if (claim !== undefined) changed = reconcileGroup(turn, peer, group, claim) || changed;
  }
  resources.otherHold = otherHoldFromClaims(turn.state, peer);
  const stable = peer.extra.capabilities.includes('stable');
  if (stable && !resources.otherStable && resources.standby === null) resources.otherStable = true;
  if (changed) {
    recomputeHold(turn);
    reportResources(turn, resources.phase === 'stable');
  }
  if (resources.wantFailback && stable && peer.status === 'active') checkFailback(turn);
}

/**
 * A suspended node takes part again once the partner has heard that everything here is free, and confirms what it hears
 * fast enough for the lease: else all that it took would have to go again at once.
 */
function resume(turn: Turn, peer: Peer): void {
  const { resources } = turn.state;
  if (!resources.suspended || peer.deaf) return;
  const told = resources.groups.every(
    (group) =>
      isFollower(group) ||
      (!isHeld(group) && group.freeSinceSeq > 0 && confirmedSeq(turn, peer) >= group.freeSinceSeq),
  );
  if (!told) return;
  resources.suspended = false;
  turn.state.statusDue = true;
  announceEvent(
    turn,
    'info',
    'resumed',
    `${peer.name} knows that nothing runs here: this node takes part again.`,
  );
  reportResources(turn, true);
  // What was asked for before could not be answered meanwhile.
  askForGroups(turn);
}

function reconcileGroup(turn: Turn, peer: Peer, group: Group, claim: GroupClaim): boolean {
  const mine = isHeld(group);
  const theirs = isHolding(claim);
  if (theirs || claim.hold === 'failed') group.given = false;
  if (mine && theirs) return settleConflict(turn, peer, group, claim);
  if (theirs) group.epoch = Math.max(group.epoch, claim.epoch);
  if (mine && !theirs) {
    keep(turn, peer, group, claim);
    return false;
  }
  return !mine && !theirs && takeOrphan(turn, peer, group, claim);
}

/** Both hold it: whoever took it on a death verdict gives way to the other; if that does not tell, the preferred node keeps it. */
function settleConflict(turn: Turn, peer: Peer, group: Group, claim: GroupClaim): boolean {
  if (!group.wanted) return false;
  const theyTook = claim.hold === 'taken';
  const theyLeave = claim.hold === 'releasing';
  const keeps = theyLeave || (group.taken === theyTook ? group.isLocal : !group.taken);
  if (keeps) {
    if (!group.contested) {
      group.contested = true;
      announceEvent(
        turn,
        'warn',
        'two-owners',
        `${peer.name} holds ${group.key} too, from the time of the partition: it gives way, this node keeps it.`,
      );
    }
    return false;
  }
  announceEvent(
    turn,
    'warn',
    'gives-way',
    `${peer.name} holds ${group.key} too, from before the partition: this node gives it up.`,
  );
  group.epoch = Math.max(group.epoch, claim.epoch);
  dropGroups(turn, [group]);
  return true;
}

function keep(turn: Turn, peer: Peer, group: Group, claim: GroupClaim): void {
  if (group.contested) {
    group.contested = false;
    group.epoch = Math.max(group.epoch, claim.epoch) + 1;
    turn.state.statusDue = true;
    announceEvent(
      turn,
      'info',
      'one-owner',
      `${peer.name} has released ${group.key}: it is here alone again.`,
    );
    announceNow(turn, group);
    // Not while old packets are read: the next renewal comes anyway.
    const isPunctual = turn.nowMs - turn.state.lateAtMs >= turn.state.config.keepaliveMs;
    if (isPunctual && turn.state.timers.has('renew')) turn.state.timers.advance('renew', turn.nowMs);
  }
  if (group.taken && peer.confirmedSentMs !== null) {
    group.taken = false;
    turn.state.statusDue = true;
  }
}

/** Nobody holds it and both know it: the preferred node takes it, or the other one when it failed there. */
function takeOrphan(turn: Turn, peer: Peer, group: Group, claim: GroupClaim): boolean {
  const { resources } = turn.state;
  if (resources.phase !== 'stable' || resources.standby !== null || resources.suspended) return false;
  if (isFencing(turn.state)) return false;
  if (resources.requested.includes(group.key)) return false;
  if (peer.status !== 'active' || peer.left || peer.extra?.capabilities.includes('stable') !== true)
    return false;
  if (group.phase !== 'stopped' || group.failed) return false;
  if (group.freeSinceSeq === 0 || confirmedSeq(turn, peer) < group.freeSinceSeq) return false;
  if (!group.isLocal && claim.hold !== 'failed') return false;
  const failedThere = lacksCarrierThere(turn.state, group)
    ? `its interface has no carrier on ${peer.name}`
    : `it failed on ${peer.name}`;
  const why = claim.hold === 'failed' ? failedThere : 'no node held it';
  announceEvent(turn, 'info', 'orphan', `taking resource group ${group.key}: ${why}.`);
  group.epoch = Math.max(group.epoch, claim.epoch);
  takeGroup(turn, group);
  return true;
}
