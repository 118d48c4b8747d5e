/**
 * Ownership is a lease against one's own weakness, never against a peer's death (README "Two rules about time").
 *
 * Case 2, one-way loss: we hear the peer, but it does not confirm to hear us. It will declare us dead when its
 * deadtime for us has passed since the newest heartbeat of ours that it confirmed, counted from our sending. Before
 * that moment we have stopped.
 *
 * Case 3, own lateness: this process did not run in time, and by the same count the peer may have taken over
 * already. We stop first and ask afterwards.
 *
 * Case 1, a silent peer, is no matter of the lease: see death.ts.
 */

import type { ClusterConfig } from '../../config/types.js';
import { leaseMarginMs } from '../guard/budget.js';
import { inMaintenance } from '../resources/maintenance.js';
import { suspendResources } from '../resources/suspend.js';
import type { State } from '../state.js';
import { announceEvent, type Turn } from '../turn.js';
import { isAlive, type Peer } from './state.js';

/** A peer that does not know of us when it could has this many keepalives to hear us, at most half a deadtime. */
const MOMENT_KEEPALIVES = 3;

/** An interval between two statuses that is longer than this has lost one. */
const MISSED_KEEPALIVES = 1.5;

/** A node that is silent now is no matter of the lease. */
const SPEAKING_KEEPALIVES = 2;

const timerName = (peer: Peer): string => `lease/${peer.name}`;

/** When the peer would declare us dead if it heard nothing of us after what it confirmed; null: it confirms nothing. */
function verdictOnUsMs(turn: Turn, peer: Peer): number | null {
  if (peer.confirmedSentMs === null) return null;
  return peer.confirmedSentMs + turn.state.guard.budget.silenceMs;
}

/** Only the other node of the pair takes over, and only while it lives and has not left in good order. */
function couldTakeOver(turn: Turn, peer: Peer): boolean {
  return peer.name === turn.state.resources.partner && isAlive(peer) && !peer.left;
}

/** How long a node that hears its peer again waits to be confirmed. */
export function momentMs({ keepaliveMs, deadtimeMs }: ClusterConfig): number {
  return Math.min(MOMENT_KEEPALIVES * keepaliveMs, deadtimeMs / 2);
}

/**
 * The peer is heard again after a partition (or by a new loop process). It has declared us dead already or is about to:
 * unless it hears us soon, this is one-way loss, and what we hold is held by it as well. What it confirms may be old,
 * for it may have slept, so it has a moment to confirm anew.
 */
export function grantMoment(turn: Turn, peer: Peer): void {
  peer.momentEndsMs = turn.nowMs + momentMs(turn.state.config);
}

/** By when this node has to be gone unless the peer confirms something newer; null: its confirmations are punctual. */
export function toBeGoneByMs(state: State, peer: Peer): number | null {
  if (!peer.heard || peer.extra === undefined) return null;
  if (peer.confirmedSentMs === null) return peer.momentEndsMs;
  const { silenceMs, marginMs } = state.guard.budget;
  return peer.lateConfirmedMs === null ? null : peer.lateConfirmedMs + silenceMs - marginMs;
}

/**
 * A new loop process goes on beside a peer that speaks. It has a moment to be confirmed, but no longer than the process
 * before had (`goneByMs`; undefined: that one was confirmed punctually), whether the peer is heard until then or not.
 */
export function resumeLease(turn: Turn, peer: Peer, goneByMs: number | undefined): void {
  grantMoment(turn, peer);
  peer.formerGoneByMs = goneByMs ?? turn.nowMs;
  if (goneByMs === undefined || peer.momentEndsMs === null) return;
  peer.momentEndsMs = Math.min(peer.momentEndsMs, goneByMs);
  turn.state.timers.set(timerName(peer), Math.max(peer.momentEndsMs, turn.nowMs));
}

/**
 * It hears the peer, which has not heard it yet. The peer confirms a heartbeat of the process before, sent at
 * `confirmedMs` or later: its verdict counts from that. Or (undefined) it confirms nothing, or no more: what the process
 * before had is not prolonged.
 */
export function resumeMoment(turn: Turn, peer: Peer, confirmedMs: number | undefined): void {
  if (peer.confirmedSentMs !== null || peer.momentEndsMs === null) return;
  const { silenceMs, marginMs } = turn.state.guard.budget;
  const endMs = confirmedMs === undefined ? peer.formerGoneByMs : confirmedMs + silenceMs - marginMs;
  if (endMs === null || endMs >= peer.momentEndsMs) return;
  peer.momentEndsMs = endMs;
  turn.state.checkpointDue = true;
}

/**
 * The peer speaks again after a silence too short for its death: it may have slept, or have a new loop process, and what
 * it confirms may be old. It has a moment to confirm anew, but no longer than the margin before its verdict.
 */
export function grantAfterSilence(turn: Turn, peer: Peer, silentMs: number): void {
  const { keepaliveMs } = turn.state.config;
  const verdictMs = verdictOnUsMs(turn, peer);
  if (verdictMs === null || silentMs <= MISSED_KEEPALIVES * keepaliveMs) return;
  const wantedMs = turn.nowMs + momentMs(turn.state.config);
  const endMs = Math.min(wantedMs, verdictMs - turn.state.guard.budget.marginMs);
  peer.momentEndsMs = Math.max(peer.momentEndsMs ?? Number.NEGATIVE_INFINITY, endMs);
}

/**
 * A peer that starts has its initdead to hear us: then it will take everything, and we must be gone. It may have begun
 * long before we hear it first; it numbers its messages from 1 and sends one each keepalive at least, so `seq` tells
 * how old it can be.
 */
export function grantStart(turn: Turn, peer: Peer, seq: number): void {
  const { initdeadMs, deadtimeMs, keepaliveMs } = turn.state.config;
  // What waited in the sockets while this process did not run is as much older.
  const waitedMs = turn.nowMs - turn.state.lateAtMs < keepaliveMs ? turn.state.lateForMs + keepaliveMs : 0;
  const oldestMs = (seq - 1) * keepaliveMs + waitedMs;
  const endMs = turn.nowMs - oldestMs + Math.max(initdeadMs, deadtimeMs) - leaseMarginMs(deadtimeMs);
  peer.momentEndsMs = Math.max(endMs, turn.nowMs + momentMs(turn.state.config));
}

/** After each status of the peer: plan the end of the lease as if it were the last confirmation. */
export function armLease(turn: Turn, peer: Peer): void {
  if (peer.extra === undefined) return;
  const verdictMs = verdictOnUsMs(turn, peer);
  noteLateness(turn, peer);
  shortenMoment(turn, peer, verdictMs !== null || peer.status === 'active');
  const leaseEndMs = (peer.confirmedSentMs ?? Number.NEGATIVE_INFINITY) + turn.state.guard.budget.leaseMs;
  const endMs = Math.max(leaseEndMs, peer.momentEndsMs ?? Number.NEGATIVE_INFINITY);
  if (endMs > turn.nowMs) peer.deaf = false;
  // A node that takes part again needs the lease again, whatever was said of this peer before.
  else if (peer.deaf && turn.state.resources.suspended) return;
  turn.state.timers.set(timerName(peer), Math.max(endMs, turn.nowMs));
}

/** The next loop process has to know of a confirmation that is late: it may begin just before the lease ends. */
function noteLateness(turn: Turn, peer: Peer): void {
  const { confirmedSentMs } = peer;
  const oldestMs = turn.nowMs - MISSED_KEEPALIVES * turn.state.config.keepaliveMs;
  const lateConfirmedMs = confirmedSentMs !== null && confirmedSentMs < oldestMs ? confirmedSentMs : null;
  if (lateConfirmedMs === peer.lateConfirmedMs) return;
  peer.lateConfirmedMs = lateConfirmedMs;
  turn.state.checkpointDue = true;
}

/** A peer that has decided who lives (it is active), or has confirmed something, needs no more than a moment. */
function shortenMoment(turn: Turn, peer: Peer, decided: boolean): void {
  if (!decided) return;
  const beforeMs = peer.momentEndsMs;
  if (beforeMs === null && peer.confirmedSentMs !== null) return;
  grantMoment(turn, peer);
  if (beforeMs !== null && peer.momentEndsMs !== null)
    peer.momentEndsMs = Math.min(beforeMs, peer.momentEndsMs);
}

/**
 * The lease has run out. Only a peer that goes on being heard while it confirms nothing newer ends it: a peer that is
 * silent altogether is judged by deadtime, and its death never stops us.
 */
export function fireLease(turn: Turn, peer: Peer): void {
  if (!couldTakeOver(turn, peer) || peer.lastStatusMs === null || inMaintenance(turn.state)) return;
  const { config, guard } = turn.state;
  if (turn.nowMs - peer.lastStatusMs > SPEAKING_KEEPALIVES * config.keepaliveMs) return;
  if (peer.confirmedSentMs === null) {
    endLease(turn, peer, 'since it is back: it takes over, so this node stops its services.');
    return;
  }
  const unconfirmedMs = peer.lastStatusMs - peer.confirmedSentMs;
  // Everything it sent lately was punctual in its confirmation: it is silent, not deaf. Look again when it speaks.
  if (unconfirmedMs < Math.min(config.deadtimeMs / 2, guard.budget.leaseMs - config.keepaliveMs)) return;
  const seconds = (unconfirmedMs / 1000).toFixed(3);
  endLease(turn, peer, `for ${seconds} s: it is about to take over, so this node stops its services first.`);
}

function endLease(turn: Turn, peer: Peer, how: string): void {
  if (!peer.deaf) {
    peer.deaf = true;
    announceEvent(turn, 'crit', 'one-way-loss', `${peer.name} is heard but has not heard this node ${how}`);
  }
  haveToBeGone(turn, verdictOnUsMs(turn, peer));
  suspendResources(turn, peer.name);
}

/** From here on the watchdog is fed only as long as what is held can still be stopped before the peer's verdict. */
function haveToBeGone(turn: Turn, verdictMs: number | null): void {
  const { guard, resources } = turn.state;
  if (resources.suspended) return;
  guard.goneByMs = (verdictMs ?? turn.nowMs) - guard.budget.marginMs;
}

/** This process was late by `lateMs`: what a living peer may have concluded meanwhile decides. */
export function checkOwnLateness(turn: Turn, lateMs: number): void {
  const { config, peers } = turn.state;
  if (lateMs <= config.keepaliveMs || inMaintenance(turn.state)) return;
  for (const peer of peers.values()) {
    if (!couldTakeOver(turn, peer)) continue;
    // A peer that has confirmed nothing yet may have heard us until this process stopped running.
    const confirmedMs = peer.confirmedSentMs ?? turn.nowMs - lateMs;
    const reachedMs = peer.extra === undefined ? turn.state.membership.lastStatusSentMs : confirmedMs;
    const verdictMs = reachedMs + turn.state.guard.budget.silenceMs;
    if (verdictMs - turn.nowMs > Math.min(leaseMarginMs(config.deadtimeMs), config.keepaliveMs)) continue;
    announceEvent(
      turn,
      'crit',
      'was-late',
      `this node did not run for ${(lateMs / 1000).toFixed(3)} s; ${peer.name} may have taken over: ` +
        'services are stopped first, then their owner is asked for.',
    );
    haveToBeGone(turn, verdictMs);
    suspendResources(turn, peer.name);
    return;
  }
}
