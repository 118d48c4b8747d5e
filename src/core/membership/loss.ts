/** How many of a peer's messages did not arrive on a link, by the gaps in its sequence numbers. */
import type { HeardPeer } from '../../wire/extra.js';
import type { State } from '../state.js';
import type { Peer, PeerLink } from './state.js';

/** Counts of the present window and of the one before it. */
export interface LossCounts {
  sinceMs: number;
  received: number;
  lost: number;
  earlierReceived: number;
  earlierLost: number;
}

/** The figure is that of the last one to two windows. */
export const LOSS_WINDOW_MS = 60_000;
/** Numbers that are on their way just now are not lost. */
const UNDER_WAY = 1;
const WHOLE_PER_MILLE = 1000;

export function newLossCounts(nowMs: number): LossCounts {
  return { sinceMs: nowMs, received: 0, lost: 0, earlierReceived: 0, earlierLost: 0 };
}

/** A new number came over the link; `missed`: numbers between it and the highest one before. */
export function countArrival(counts: LossCounts, missed: number, nowMs: number): void {
  const ageMs = nowMs - counts.sinceMs;
  if (ageMs >= LOSS_WINDOW_MS) {
    const isRecent = ageMs < 2 * LOSS_WINDOW_MS;
    counts.earlierReceived = isRecent ? counts.received : 0;
    counts.earlierLost = isRecent ? counts.lost : 0;
    counts.received = 0;
    counts.lost = 0;
    counts.sinceMs = nowMs;
  }
  counts.received += 1;
  counts.lost += missed;
}

/**
 * Share of the peer's messages of the last minute or two that did not arrive on this link, in thousandths; what came
 * over another link meanwhile counts as missing here. Null: nothing was heard on it yet.
 */
export function lossPerMille(peer: Peer, link: PeerLink): number | null {
  const { received, lost, earlierReceived, earlierLost } = link.loss;
  const highest = Math.max(...[...peer.links.values()].map(({ highestSeq }) => highestSeq));
  const behind = highest - link.highestSeq;
  const missing = lost + earlierLost + (behind > UNDER_WAY && link.highestSeq > 0 ? behind : 0);
  const all = received + earlierReceived + missing;
  return all === 0 ? null : Math.round((WHOLE_PER_MILLE * missing) / all);
}

/** What the next status tells the peers of our losses: links without any are left out. */
export function lossesToTell(state: State): HeardPeer[] {
  const told: HeardPeer[] = [];
  for (const peer of state.peers.values()) {
    if (peer.extra === undefined || peer.status === 'dead') continue;
    const links = [...peer.links]
      .map(([link, one]) => ({ link, seq: one.up ? (lossPerMille(peer, one) ?? 0) : WHOLE_PER_MILLE }))
      .filter(({ seq }) => seq > 0);
    if (links.length > 0) told.push({ node: peer.name, nonce: '', links });
  }
  return told;
}

/** What the peer loses of ours on its link of that name, in thousandths; null: it does not tell (an original), or is not heard. */
export function toldLossPerMille(self: string, peer: Peer, link: string): number | null {
  if (peer.extra === undefined || peer.status === 'dead') return null;
  const heard = peer.extra.heard.find(({ node }) => node === self);
  if (heard === undefined) return null;
  const told = peer.extra.losses?.find(({ node }) => node === self)?.links.find((one) => one.link === link);
  if (told !== undefined) return Math.min(told.seq, WHOLE_PER_MILLE);
  return heard.links.some((one) => one.link === link) ? 0 : null;
}
