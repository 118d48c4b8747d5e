/** Asking for missing messages and answering such requests (heartbeat-protocol.md 7.3). */
import { type Message, text, textOf } from '../../wire/message.js';
import type { Peer } from '../membership/state.js';
import { log, type Turn } from '../turn.js';
import { acknowledgeAfterGap } from './acks.js';
import { decimalNumber, hexNumber } from './numbers.js';
import { sendUnsequenced } from './send.js';
import { HISTORY_LENGTH } from './state.js';

/** At least this long the number may simply be late (links reorder, originals send n+1 before n). */
const FIRST_REQUEST_MIN_MS = 50;
const RESEND_BATCH_MAX = 50;
const MISSING_MAX = 500;

const timerName = (peer: Peer): string => `rexmit/${peer.name}`;

/** Remembers the numbers of a gap; the first request, for all of them, follows after a random delay. */
export function requestMissing(turn: Turn, peer: Peer, first: number, last: number): void {
  const maxDelayMs = turn.state.config.maxRexmitDelayMs;
  const minDelayMs = maxDelayMs < 100 ? 0 : FIRST_REQUEST_MIN_MS;
  const dueMs = turn.nowMs + turn.state.random.between(minDelayMs, Math.max(minDelayMs, maxDelayMs));
  const { missing } = peer.tracking;
  for (let seq = first; seq <= last; seq++) {
    if (missing.size >= MISSING_MAX) {
      const lowest = missing.keys().next().value;
      if (lowest !== undefined) missing.delete(lowest);
    }
    missing.set(seq, dueMs);
  }
  turn.state.timers.advance(timerName(peer), dueMs);
}

/** The timer of a peer's missing numbers: ask for all that are due, again every max_rexmit_delay. */
export function fireRetransmission(turn: Turn, peer: Peer): void {
  if (peer.status !== 'up' && peer.status !== 'active') return;
  const { missing } = peer.tracking;
  const repeatMs = turn.nowMs + turn.state.config.maxRexmitDelayMs;
  const due: number[] = [];
  for (const [seq, dueMs] of missing) {
    if (dueMs > turn.nowMs) continue;
    due.push(seq);
    missing.set(seq, repeatMs);
  }
  for (const { first, last } of rangesOf(due)) {
    const fields = [text('dest', peer.name), text('firstseq', String(first)), text('lastseq', String(last))];
    sendUnsequenced(turn, 'NS_rexmit', fields, peer);
  }
  let nextMs = Number.POSITIVE_INFINITY;
  for (const dueMs of missing.values()) nextMs = Math.min(nextMs, dueMs);
  if (missing.size > 0) turn.state.timers.set(timerName(peer), nextMs);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Neighbours are asked for at once: on a serial line a request takes as long as a heartbeat. */
function rangesOf(numbers: readonly number[]): Range[] {
  const ranges: { first: number; last: number }[] = [];
  for (const seq of [...numbers].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range.last === seq - 1 && seq - range.first < RESEND_BATCH_MAX)
      range.last = seq;
    else ranges.push({ first: seq, last: seq });
  }
  return ranges;
}

/** A peer asks for messages of ours. Byte-identical copies go out, bounded in number and rate. */
export function answerRetransmission(turn: Turn, peer: Peer, message: Message): void {
  if (textOf(message, 'dest') !== turn.state.config.self) return;
  const first = decimalNumber(textOf(message, 'firstseq'));
  const last = decimalNumber(textOf(message, 'lastseq'));
  if (first === undefined || last === undefined || first > last) return;
  const { outgoing, config } = turn.state;
  const end = Math.min(last, outgoing.seq, first + RESEND_BATCH_MAX - 1);
  const superseded: number[] = [];
  for (let seq = first; seq <= end; seq++) {
    if (seq <= peer.ackedSeq) continue;
    const entry = outgoing.history[seq % HISTORY_LENGTH];
    if (entry === undefined || entry.seq !== seq) {
      refuse(turn, peer, { first: seq, last: seq }, 'seqno too low');
      log(turn, 'debug', 'rexmit-nak', `Cannot rexmit pkt ${seq} for ${peer.name}: seqno too low`);
    } else if (turn.nowMs - entry.resentMs >= config.maxRexmitDelayMs - 10) {
      // The request comes once on each link; one answer is enough.
      entry.resentMs = turn.nowMs;
      if (isSuperseded(turn, peer, entry.message, seq)) superseded.push(seq);
      else turn.effects.push({ kind: 'send', message: entry.message });
    }
  }
  for (const range of rangesOf(superseded)) refuse(turn, peer, range, SUPERSEDED);
}

/** Reason of a refusal that is no loss: a newer heartbeat says all that the missing one said. */
const SUPERSEDED = 'superseded';

/**
 * A node of this program needs no heartbeat but the newest: sending old ones again would clog a serial line that could
 * not carry them in the first place. The original gets them, because it logs each refusal as an error.
 */
function isSuperseded(turn: Turn, peer: Peer, message: Message, seq: number): boolean {
  const { outgoing } = turn.state;
  return peer.extra !== undefined && seq < outgoing.lastStatusSeq && textOf(message, 't') === 'status';
}

function refuse(turn: Turn, peer: Peer, { first, last }: Range, info: string): void {
  const fields = [text('firstseq', first.toString(16)), text('dest', peer.name), text('info', info)];
  // The original looks at firstseq only; the end of a range is for nodes of this program.
  if (last > first) fields.push(text('lastseq', last.toString(16)));
  sendUnsequenced(turn, 'NS_nak_rexmit', fields, peer);
}

/** The peer does not send it again: give it up. Only numbers that are really missing count (a replayed NAK does nothing). */
export function giveUpMissing(turn: Turn, peer: Peer, message: Message): void {
  const first = hexNumber(textOf(message, 'firstseq'));
  if (first === undefined) return;
  const last = Math.min(hexNumber(textOf(message, 'lastseq')) ?? first, first + RESEND_BATCH_MAX - 1);
  const { missing } = peer.tracking;
  for (let seq = first; seq <= last; seq++) {
    if (!missing.delete(seq)) continue;
    if (textOf(message, 'info') === SUPERSEDED) acknowledgeAfterGap(turn, peer, seq);
    else log(turn, 'warn', 'packet-given-up', `Irretrievably lost packet: node ${peer.name} seq ${seq}`);
  }
}
