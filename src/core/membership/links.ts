/** Which peers are heard on which links, and our own media (heartbeat-protocol.md 8.4). */
import { announceEvent, log, type Turn } from '../turn.js';
import { countArrival, newLossCounts } from './loss.js';
import type { Peer } from './state.js';

const timerName = (peer: Peer, link: string): string => `link/${peer.name}/${link}`;

/** The deadtime that applies to a peer: what it announced for itself, else ours (heartbeat-protocol.md 8.2). */
export function deadtimeOfMs(turn: Turn, peer: Peer): number {
  return peer.announcedDeadtimeMs ?? turn.state.config.deadtimeMs;
}

/**
 * A valid message of the peer came over that link. Only a number that is new on this link shows that the link works:
 * a copy of an old one may be a replay.
 */
export function refreshLink(turn: Turn, peer: Peer, name: string, seq: number, isStatus: boolean): void {
  let link = peer.links.get(name);
  if (link === undefined) {
    link = { up: false, heardMs: turn.nowMs, highestSeq: 0, statusSeq: 0, loss: newLossCounts(turn.nowMs) };
    peer.links.set(name, link);
  }
  if (seq <= link.highestSeq) return;
  countArrival(link.loss, link.highestSeq === 0 ? 0 : seq - link.highestSeq - 1, turn.nowMs);
  link.highestSeq = seq;
  link.heardMs = turn.nowMs;
  if (isStatus) link.statusSeq = seq;
  if (!link.up) {
    link.up = true;
    announceEvent(turn, 'info', 'link-up', `Link ${peer.name}:${name} up.`);
  }
  turn.state.timers.set(timerName(peer, name), turn.nowMs + deadtimeOfMs(turn, peer));
}

/** Nothing was heard of the peer on that link for its deadtime. */
export function fireLinkDead(turn: Turn, peer: Peer, name: string): void {
  const link = peer.links.get(name);
  if (link === undefined || !link.up) return;
  link.up = false;
  const others = [...peer.links].filter(([, other]) => other.up).map(([other]) => other);
  const rest =
    others.length > 0
      ? ` ${peer.name} is still heard on ${others.join(', ')}; no service moves.`
      : ` It was the last link to ${peer.name}.`;
  announceEvent(turn, 'warn', 'link-dead', `Link ${peer.name}:${name} dead.${rest}`);
}

/** The numbering of a restarted peer begins anew on every link. */
export function resetLinkSequences(peer: Peer): void {
  for (const link of peer.links.values()) {
    link.highestSeq = 0;
    link.statusSeq = 0;
  }
}

/** One of our own media went down or came back. */
export function mediumHealth(turn: Turn, name: string, up: boolean, reason: string): void {
  turn.state.media.set(name, { up, reason });
  if (up) {
    log(turn, 'info', 'medium-up', `Medium ${name} works.`);
    // What was sent before could not be heard there.
    turn.state.statusDue = true;
  }
  if (!up) announceEvent(turn, 'warn', 'medium-down', reason);
}
