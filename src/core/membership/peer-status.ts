/** A peer's heartbeat: generation rules, its life, what it confirms of ours (heartbeat-protocol.md 7.2 step 8, 8.2, 8.3). */
import { EXTRA_FIELD, type GroupClaim } from '../../wire/extra.js';
import { parseExtra } from '../../wire/extra-codec.js';
import { type Message, textOf } from '../../wire/message.js';
import { compareFiles } from '../drift.js';
import { fencingHears } from '../fencing/course.js';
import { SILENCE_MAX_MS } from '../guard/budget.js';
import { hexNumber } from '../heartbeat/numbers.js';
import { resetTracking } from '../heartbeat/receive.js';
import { earliestSentMs } from '../heartbeat/schedule.js';
import { sentAtMs } from '../heartbeat/state.js';
import { hearCarriers } from '../resources/carrier.js';
import { watchOrphans } from '../resources/orphans.js';
import {
  peerMetLate,
  peerReturned,
  peerRestarted as resourcesPeerRestarted,
} from '../resources/peer-changes.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { partnerActive } from '../witness/handover.js';
import { armAlone } from '../witness/isolation.js';
import { armDeath } from './death.js';
import { grantAfterSilence, grantMoment, grantStart, resumeMoment } from './lease.js';
import { resetLinkSequences } from './links.js';
import type { NodeStatus, Peer } from './state.js';

/** Generation rules for a status, before the sequence is judged. False: drop it. */
export function admitStatus(turn: Turn, peer: Peer, generation: number, seq: number): boolean {
  const { tracking } = peer;
  if (generation > tracking.generation) {
    // A loop process that goes on from a checkpoint knows the numbers of a former run without having heard it.
    if (peer.lastStatusMs !== null || peer.lastStatusSeq > 0) restarted(turn, peer);
    meet(turn, peer, generation, seq);
    return true;
  }
  if (peer.status === 'dead' && peer.lastStatusSeq > 0) {
    if (seq <= peer.lastStatusSeq) return false;
    returned(turn, peer);
    return true;
  }
  if (peer.lastStatusMs === null) meet(turn, peer, generation, seq);
  return true;
}

/** The first status of a run of the peer. */
function meet(turn: Turn, peer: Peer, generation: number, seq: number): void {
  peer.tracking.generation = generation;
  turn.state.checkpointDue = true;
  grantStart(turn, peer, seq);
}

function restarted(turn: Turn, peer: Peer): void {
  log(turn, 'info', 'peer-restart', `Heartbeat restart on node ${peer.name}`);
  resetTracking(peer);
  resetLinkSequences(peer);
  peer.lastStatusSeq = 0;
  peer.extra = undefined;
  peer.extraSeq = 0;
  peer.ackedSeq = 0;
  peer.confirmedSentMs = null;
  peer.knowsUsSinceSeq = null;
  peer.formerGoneByMs = null;
  peer.left = false;
  peer.deaf = false;
  resourcesPeerRestarted(turn, peer);
}

function returned(turn: Turn, peer: Peer): void {
  announceEvent(turn, 'crit', 'partition-healed', `Cluster node ${peer.name} returning after partition.`, {
    node: peer.name,
    from: 'dead',
    to: 'up',
  });
  resetTracking(peer);
  peer.status = 'up';
  // What its statuses confirm from now on counts; until one does, it has a moment to hear us (lease.ts).
  peer.confirmedSentMs = null;
  peer.formerGoneByMs = null;
  peer.deaf = false;
  grantMoment(turn, peer);
  peer.extraSeq = 0;
  peerReturned(turn, peer);
}

const STATUS_WORDS: readonly NodeStatus[] = ['init', 'up', 'active'];

/** A new status of the peer (its sequence was judged `new`). */
export function handleStatus(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { state } = turn;
  const sincePreviousMs = peer.lastStatusMs === null ? 0 : turn.nowMs - peer.lastStatusMs;
  const word = STATUS_WORDS.find((known) => known === textOf(message, 'st'));
  if (word === undefined) return;
  if (seq < peer.lastStatusSeq) return;
  warnWhenLate(turn, peer, sincePreviousMs);
  grantAfterSilence(turn, peer, sincePreviousMs);

  const firstHeard = !peer.heard;
  const isUnheard =
    peer.lastStatusMs === null ? peer.status === 'dead' : sincePreviousMs >= state.config.initdeadMs;
  // What waited in the sockets while this process did not run tells how it began, not what it has become.
  const waited =
    turn.nowMs - state.lateAtMs < state.config.keepaliveMs && state.lateForMs >= state.config.initdeadMs;
  const wasUnknownRun = (isUnheard || waited) && peer.lastStatusSeq === 0;
  peer.heard = true;
  peer.current = true;
  peer.lastStatusMs = turn.nowMs;
  peer.lastStatusSeq = seq;
  peer.verdictHeldSinceMs = null;
  const deadtimeMs = hexNumber(textOf(message, 'dt'));
  if (deadtimeMs !== undefined && deadtimeMs > 0) {
    peer.announcedDeadtimeMs = Math.min(deadtimeMs, SILENCE_MAX_MS);
  }
  readExtra(turn, peer, message, seq);
  armDeath(turn, peer);
  armAlone(turn, peer);
  if (peer.status !== word) {
    peer.status = word;
    log(turn, 'info', 'peer-status', `Status update for node ${peer.name}: status ${word}`);
    state.checkpointDue = true;
    // Answer at once: whoever starts wants to know that it is heard.
    state.statusDue = true;
    if (word === 'active' && peer.name === state.resources.partner) partnerActive(turn);
  }
  if (firstHeard) state.statusDue = true;
  if (wasUnknownRun) peerMetLate(turn, peer, waited);
  watchOrphans(turn, peer);
  fencingHears(turn, peer, firstHeard);
}

function warnWhenLate(turn: Turn, peer: Peer, intervalMs: number): void {
  if (peer.status === 'dead' || peer.left) return;
  const { warntimeMs, deadtimeMs } = turn.state.config;
  const shown = Math.round(intervalMs);
  const sentence = `Late heartbeat: Node ${peer.name}: interval ${shown} ms`;
  if (intervalMs > deadtimeMs) log(turn, 'crit', 'late-heartbeat', `${sentence} (> deadtime)`);
  else if (intervalMs > warntimeMs) log(turn, 'warn', 'late-heartbeat', sentence);
}

/** Whether two lists of claims say the same. */
function sameClaims(left: readonly GroupClaim[] | undefined, right: readonly GroupClaim[]): boolean {
  return (
    left !== undefined &&
    left.length === right.length &&
    left.every(({ hold, epoch }, index) => hold === right[index]?.hold && epoch === right[index]?.epoch)
  );
}

/** Takes over what the peer says in the extra field and what it confirms to have heard of us. */
function readExtra(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const field = textOf(message, EXTRA_FIELD);
  if (field === undefined) return;
  const extra = parseExtra(field);
  if (extra === undefined) {
    log(turn, 'warn', 'extra-unreadable', `A status of ${peer.name} has an extra field that cannot be read.`);
    return;
  }
  const { state } = turn;
  const nonceBefore = peer.extra?.nonce;
  if (peer.extra === undefined) {
    log(turn, 'info', 'peer-program', `Node ${peer.name} runs this program, version ${extra.program}.`);
  }
  if (!sameClaims(peer.extra?.claims, extra.claims)) {
    state.checkpointDue = true;
    peer.claimsHeardAtSeq = state.outgoing.seq;
  }
  hearCarriers(turn, peer, extra);
  peer.extra = extra;
  peer.extraSeq = seq;
  compareFiles(turn, peer);
  if (nonceBefore !== extra.nonce) state.statusDue = true;
  const heard = extra.heard.find((entry) => entry.node === state.config.self);
  let highest = 0;
  if (heard?.nonce === state.identity.nonce) {
    if (peer.knowsUsSinceSeq === null) state.checkpointDue = true;
    peer.knowsUsSinceSeq ??= seq;
    for (const link of heard.links) highest = Math.max(highest, link.seq);
  }
  const sentMs = sentAtMs(state.outgoing, highest);
  if (sentMs === undefined) {
    resumeMoment(turn, peer, earliestSentMs(state.outgoing.marks, highest));
    return;
  }
  if (peer.confirmedSentMs === null) {
    state.statusDue = true;
    state.checkpointDue = true;
  }
  peer.confirmedSentMs = Math.max(peer.confirmedSentMs ?? 0, sentMs);
}

/** The highest own status that the peer says it has heard in this run; 0: none. */
export function confirmedSeq(turn: Turn, peer: Peer): number {
  const heard = peer.extra?.heard.find((entry) => entry.node === turn.state.config.self);
  if (heard === undefined || heard.nonce !== turn.state.identity.nonce) return 0;
  return heard.links.reduce((highest, link) => Math.max(highest, link.seq), 0);
}
