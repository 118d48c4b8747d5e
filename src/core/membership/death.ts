/** When a silent peer is dead (heartbeat-protocol.md 8.2; README "Two rules about time"). */

import { leaseMarginMs } from '../guard/budget.js';
import { peerDied } from '../resources/peer-changes.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { momentMs } from './lease.js';
import { deadtimeOfMs } from './links.js';
import { joinCommunication } from './startup.js';
import type { Peer } from './state.js';

const timerName = (peer: Peer): string => `dead/${peer.name}`;

/** Silence before a peer is dead: initdead until communication is up, then what the peer announced. */
function patienceMs(turn: Turn, peer: Peer): number {
  if (!turn.state.membership.communicationUp) {
    return Math.max(turn.state.config.initdeadMs, deadtimeOfMs(turn, peer));
  }
  return deadtimeOfMs(turn, peer);
}

/** (Re)starts the count of silence, from the peer's newest status, or from now when it was never heard. */
export function armDeath(turn: Turn, peer: Peer): void {
  const fromMs = peer.lastStatusMs ?? turn.nowMs;
  turn.state.timers.set(timerName(peer), fromMs + patienceMs(turn, peer));
}

/**
 * No verdict on stale evidence: a node that was late itself gives the silent peer a moment more before it says dead,
 * for at most one deadtime in all.
 */
export function holdVerdicts(turn: Turn, lateMs: number): void {
  const { config, timers } = turn.state;
  if (lateMs <= config.keepaliveMs) return;
  // A peer that hears us and is not heard gives up within its moment; then it is time for the verdict.
  const graceMs = Math.max(config.keepaliveMs, momentMs(config) + leaseMarginMs(config.deadtimeMs));
  for (const peer of turn.state.peers.values()) {
    const armedMs = timers.dueMs(timerName(peer));
    if (armedMs === undefined) continue;
    peer.verdictHeldSinceMs ??= turn.nowMs;
    const limitMs = peer.verdictHeldSinceMs + deadtimeOfMs(turn, peer);
    const putOffMs = Math.min(turn.nowMs + graceMs, limitMs);
    const dueMs = peer.lastStatusMs === null ? armedMs : peer.lastStatusMs + patienceMs(turn, peer);
    if (dueMs < putOffMs) timers.set(timerName(peer), putOffMs);
  }
}

/** The count of silence has run out. */
export function fireDeath(turn: Turn, peer: Peer): void {
  if (peer.status === 'dead') return;
  const { state } = turn;
  const links = [...peer.links.keys()];
  const before = peer.status;
  peer.status = 'dead';
  peer.heard = false;
  peer.tracking.lastSeq = null;
  peer.tracking.missing.clear();
  state.checkpointDue = true;
  log(turn, 'warn', 'peer-dead', `node ${peer.name}: is dead`);
  announceEvent(turn, 'warn', 'peer-dead-why', silenceSentence(turn, peer, links), {
    node: peer.name,
    from: before,
    to: 'dead',
  });
  for (const [name, link] of peer.links) {
    if (link.up) log(turn, 'info', 'link-dead', `Link ${peer.name}:${name} dead.`);
    link.up = false;
    state.timers.stop(`link/${peer.name}/${name}`);
  }
  if (state.membership.communicationUp) peerDied(turn, peer);
  else joinCommunication(turn);
}

function silenceSentence(turn: Turn, peer: Peer, links: readonly string[]): string {
  if (peer.lastStatusMs === null) {
    const seconds = (turn.state.config.initdeadMs / 1000).toFixed(1);
    return `${peer.name} was never heard in the ${seconds} s of initdead: it counts as dead.`;
  }
  const seconds = ((turn.nowMs - peer.lastStatusMs) / 1000).toFixed(3);
  const where = links.length > 0 ? ` on ${links.join(', ')}` : '';
  const orderly = peer.left ? ' after it had left in good order' : '';
  return `${peer.name} was silent for ${seconds} s${where}${orderly}: it counts as dead.`;
}
