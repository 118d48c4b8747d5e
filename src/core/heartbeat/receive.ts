/** The receive algorithm: which messages of a peer are new, which are repeats, which are missing (heartbeat-protocol.md 7.2). */
import { type Message, textOf } from '../../wire/message.js';
import type { Peer } from '../membership/state.js';
import { log, type Turn } from '../turn.js';
import { acknowledge, acknowledgeAfterGap } from './acks.js';
import { hexNumber } from './numbers.js';
import { requestMissing } from './retransmit.js';

/** A gap of more numbers than this is not asked for: the tracking starts anew. */
const GAP_MAX = 250;

export type Verdict =
  /** Handle it. */
  | 'new'
  /** Seen already on another link: it only shows that this link works. */
  | 'duplicate'
  | 'drop';

/** Judges a sequenced message that passed the generation rules. */
export function judgeSequence(turn: Turn, peer: Peer, seq: number): Verdict {
  const tracking = peer.tracking;
  if (tracking.lastSeq === null || seq === tracking.lastSeq + 1) {
    tracking.lastSeq = seq;
    tracking.acceptLower = false;
    acknowledge(turn, peer, seq);
    return 'new';
  }
  if (seq === tracking.lastSeq) return 'duplicate';
  if (seq > tracking.lastSeq) {
    noteGap(turn, peer, tracking.lastSeq + 1, seq - 1);
    tracking.lastSeq = seq;
    return 'new';
  }
  if (tracking.missing.delete(seq)) {
    acknowledgeAfterGap(turn, peer, seq);
    return 'new';
  }
  if (tracking.acceptLower) {
    tracking.acceptLower = false;
    tracking.missing.clear();
    tracking.lastSeq = seq;
    return 'new';
  }
  // A copy from another link that arrives after its successor is a duplicate too; it proves that the link works.
  return tracking.lastSeq - seq <= GAP_MAX ? 'duplicate' : 'drop';
}

function noteGap(turn: Turn, peer: Peer, first: number, last: number): void {
  const { missing } = peer.tracking;
  if (last - first + 1 > GAP_MAX) {
    missing.clear();
    log(turn, 'warn', 'packets-lost-many', `lost a lot of packets from ${peer.name}: not asking for them.`);
    return;
  }
  const count = last - first + 1;
  log(turn, 'debug', 'packets-lost', `${count} lost packet(s) for [${peer.name}] [${first}:${last}]`);
  requestMissing(turn, peer, first, last);
}

/** The generation a message was sent in; a missing or malformed `hg` counts as 0. */
export function generationOf(message: Message): number {
  return hexNumber(textOf(message, 'hg')) ?? 0;
}

/** Forgets the numbering of a peer that restarted or came back from a partition. */
export function resetTracking(peer: Peer): void {
  peer.tracking.lastSeq = null;
  peer.tracking.missing.clear();
  peer.tracking.acceptLower = true;
}
