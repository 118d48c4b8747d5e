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
import { suspendResources } from '../resources/suspend.js';
import { announceEvent, type Turn } from '../turn.js';
import { isAlive, type Peer } from './state.js';

const MARGIN_MAX_MS = 1000;

/** How long before the peer's verdict we have to be gone: a quarter of the deadtime, at most a second. */
export function leaseMarginMs(deadtimeMs: number): number {
  return Math.min(deadtimeMs / 4, MARGIN_MAX_MS);
}

/** A peer that returns after a partition has this many keepalives to hear us, at most half a deadtime. */
const MOMENT_KEEPALIVES = 3;

const timerName = (peer: Peer): string => `lease/${peer.name}`;

/** When the peer would declare us dead if it heard nothing of us after what it confirmed; null: it confirms nothing. */
function verdictOnUsMs(turn: Turn, peer: Peer): number | null {
  if (peer.confirmedSentMs === null) return null;
  return peer.confirmedSentMs + turn.state.config.deadtimeMs;
}

/** Only the other node of the pair takes over, and only while it lives and has not left in good order. */
function couldTakeOver(turn: Turn, peer: Peer): boolean {
  return peer.name === turn.state.resources.partner && isAlive(peer) && !peer.left;
}

/**
 * The peer is heard again after a partition. It has declared us dead already or is about to, so unless it hears us
 * soon, this is one-way loss and what we hold is held by it as well.
 */
export function grantMoment(turn: Turn, peer: Peer): void {
  const { keepaliveMs, deadtimeMs } = turn.state.config;
  peer.momentEndsMs = turn.nowMs + Math.min(MOMENT_KEEPALIVES * keepaliveMs, deadtimeMs / 2);
}

/** After each status of the peer: plan the end of the lease as if it were the last confirmation. */
export function armLease(turn: Turn, peer: Peer): void {
  const verdictMs = verdictOnUsMs(turn, peer);
  if (verdictMs !== null) peer.momentEndsMs = null;
  const endMs =
    verdictMs === null ? peer.momentEndsMs : verdictMs - leaseMarginMs(turn.state.config.deadtimeMs);
  if (endMs === null) return;
  if (endMs > turn.nowMs) peer.deaf = false;
  else if (peer.deaf) return;
  turn.state.timers.set(timerName(peer), endMs);
}

/**
 * The lease has run out. Only a peer that goes on being heard while it confirms nothing newer ends it: a peer that is
 * silent altogether is judged by deadtime, and its death never stops us.
 */
export function fireLease(turn: Turn, peer: Peer): void {
  if (!couldTakeOver(turn, peer) || peer.lastStatusMs === null) return;
  const { config } = turn.state;
  if (peer.confirmedSentMs === null) {
    if (peer.momentEndsMs === null) return;
    endLease(turn, peer, 'since the partition: it has taken over, so this node stops its services.');
    return;
  }
  const unconfirmedMs = peer.lastStatusMs - peer.confirmedSentMs;
  // Everything it sent lately was punctual in its confirmation: it is silent, not deaf. Look again when it speaks.
  if (unconfirmedMs < config.deadtimeMs / 2) return;
  const seconds = (unconfirmedMs / 1000).toFixed(3);
  endLease(turn, peer, `for ${seconds} s: it is about to take over, so this node stops its services first.`);
}

function endLease(turn: Turn, peer: Peer, how: string): void {
  if (!peer.deaf) {
    peer.deaf = true;
    announceEvent(turn, 'crit', 'one-way-loss', `${peer.name} is heard but has not heard this node ${how}`);
  }
  suspendResources(turn, peer.name);
}

/** This process was late by `lateMs`: what a living peer may have concluded meanwhile decides. */
export function checkOwnLateness(turn: Turn, lateMs: number): void {
  const { config, peers } = turn.state;
  if (lateMs <= config.keepaliveMs) return;
  for (const peer of peers.values()) {
    if (!couldTakeOver(turn, peer)) continue;
    const reachedMs =
      peer.extra === undefined ? turn.state.membership.lastStatusSentMs : peer.confirmedSentMs;
    if (reachedMs === null) continue;
    const remainingMs = reachedMs + config.deadtimeMs - turn.nowMs;
    if (remainingMs > Math.min(leaseMarginMs(config.deadtimeMs), config.keepaliveMs)) continue;
    announceEvent(
      turn,
      'crit',
      'was-late',
      `this node did not run for ${(lateMs / 1000).toFixed(3)} s; ${peer.name} may have taken over: ` +
        'services are stopped first, then their owner is asked for.',
    );
    suspendResources(turn, peer.name);
    return;
  }
}
