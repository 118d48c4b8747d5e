/** What this node tells the others about itself: the heartbeat. */
import { EXTRA_FIELD, type Extra, type GroupClaim, type HeardPeer } from '../../wire/extra.js';
import { encodeExtra } from '../../wire/extra-codec.js';
import { text } from '../../wire/message.js';
import { followWallClock } from '../fencing/limit.js';
import { markSending } from '../heartbeat/schedule.js';
import { sendSequenced } from '../heartbeat/send.js';
import { carriersToTell } from '../resources/carrier.js';
import { type Group, isHeld } from '../resources/state.js';
import type { State } from '../state.js';
import type { Turn } from '../turn.js';
import { lossesToTell } from './loss.js';

/** Statuses out of turn (something changed) are at least this far apart. */
const EXTRA_STATUS_SPACING_MS = 5;

function claimOf(group: Group): GroupClaim {
  if (group.wanted) return { hold: group.taken ? 'taken' : 'held', epoch: group.epoch };
  if (isHeld(group)) return { hold: 'releasing', epoch: group.epoch };
  return { hold: group.failed ? 'failed' : 'free', epoch: group.epoch };
}

function heardPeers(state: State): HeardPeer[] {
  const heard: HeardPeer[] = [];
  for (const peer of state.peers.values()) {
    if (peer.extra === undefined || peer.status === 'dead') continue;
    const links = [...peer.links]
      .filter(([, link]) => link.statusSeq > 0)
      .map(([link, { statusSeq }]) => ({ link, seq: statusSeq }));
    heard.push({ node: peer.name, nonce: peer.extra.nonce, links });
  }
  return heard;
}

/** The extra field for our next status. Before leftovers are released nothing can be said about groups. */
export function ownExtra(state: State): Extra {
  const { resources } = state;
  const losses = lossesToTell(state);
  const noCarrier = carriersToTell(state);
  return {
    version: 1,
    program: state.identity.program,
    capabilities: resources.phase === 'stable' && !resources.suspended ? ['groups', 'stable'] : ['groups'],
    nonce: state.identity.nonce,
    heard: heardPeers(state),
    groupsDigest: resources.digest,
    claims: resources.leftoversReleased ? resources.groups.map(claimOf) : [],
    ...(state.maintenanceEpoch === 0 ? {} : { maintenance: state.maintenanceEpoch }),
    ...(state.files === null ? {} : { files: state.files }),
    ...(losses.length === 0 ? {} : { losses }),
    ...(noCarrier.length === 0 ? {} : { noCarrier }),
  };
}

/** Sends a status now and plans the next one a keepalive later. `patienceMs`: a deadtime announced before a planned gap. */
export function sendStatus(turn: Turn, patienceMs = turn.state.guard.budget.silenceMs): void {
  const { state } = turn;
  const { membership, config } = state;
  state.statusDue = false;
  const seq = sendSequenced(turn, 'status', [
    text('st', membership.status),
    text('dt', Math.round(patienceMs).toString(16)),
    text('protocol', '1'),
    text(EXTRA_FIELD, encodeExtra(ownExtra(state))),
  ]);
  membership.lastStatusSentMs = turn.nowMs;
  const sent = { seq, sentMs: turn.nowMs, everyMs: config.keepaliveMs };
  if (markSending(state.outgoing.marks, sent, state.guard.budget.silenceMs)) state.checkpointDue = true;
  followWallClock(turn);
  state.timers.set('keepalive', turn.nowMs + config.keepaliveMs);
  for (const group of state.resources.groups) {
    if (isHeld(group)) {
      group.freeSinceSeq = 0;
      if (group.heldSinceSeq === 0) group.heldSinceSeq = seq;
    } else {
      group.heldSinceSeq = 0;
      if (group.freeSinceSeq === 0) group.freeSinceSeq = seq;
    }
  }
}

/** At the end of a turn: tells the others at once what changed, within a bound. */
export function sendStatusIfDue(turn: Turn): void {
  const { state } = turn;
  if (!state.statusDue) return;
  const earliestMs = state.membership.lastStatusSentMs + EXTRA_STATUS_SPACING_MS;
  if (turn.nowMs >= earliestMs) sendStatus(turn);
  else state.timers.advance('keepalive', earliestMs);
}
