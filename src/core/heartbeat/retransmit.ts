/** Asking for missing messages and answering such requests (heartbeat-protocol.md 7.3). */
import { type Message, text, textOf } from '../../wire/message.js';
import type { Peer } from '../membership/state.js';
import { log, type Turn } from '../turn.js';
import { decimalNumber, hexNumber } from './numbers.js';
import { sendUnsequenced } from './send.js';
import { HISTORY_LENGTH } from './state.js';

/** At least this long the number may simply be late (links reorder, originals send n+1 before n). */
const FIRST_REQUEST_MIN_MS = 50;
const RESEND_BATCH_MAX = 50;

const timerName = (peer: Peer): string => `rexmit/${peer.name}`;

/** Remembers a missing number; the first request follows after a random delay. */
export function requestMissing(turn: Turn, peer: Peer, seq: number): void {
  const maxDelayMs = turn.state.config.maxRexmitDelayMs;
  const minDelayMs = maxDelayMs < 100 ? 0 : FIRST_REQUEST_MIN_MS;
  const dueMs = turn.nowMs + turn.state.random.between(minDelayMs, Math.max(minDelayMs, maxDelayMs));
  peer.tracking.missing.set(seq, dueMs);
  turn.state.timers.advance(timerName(peer), dueMs);
}

/** The timer of a peer's missing numbers: ask for all that are due, again every max_rexmit_delay. */
export function fireRetransmission(turn: Turn, peer: Peer): void {
  if (peer.status !== 'up' && peer.status !== 'active') return;
  let nextMs: number | undefined;
  for (const [seq, dueMs] of peer.tracking.missing) {
    let next = dueMs;
    if (dueMs <= turn.nowMs) {
      const word = String(seq);
      const fields = [text('dest', peer.name), text('firstseq', word), text('lastseq', word)];
      sendUnsequenced(turn, 'NS_rexmit', fields, peer);
      next = turn.nowMs + turn.state.config.maxRexmitDelayMs;
      peer.tracking.missing.set(seq, next);
    }
    if (nextMs === undefined || next < nextMs) nextMs = next;
  }
  if (nextMs !== undefined) turn.state.timers.set(timerName(peer), nextMs);
}

/** A peer asks for messages of ours. Byte-identical copies go out, bounded in number and rate. */
export function answerRetransmission(turn: Turn, peer: Peer, message: Message): void {
  if (textOf(message, 'dest') !== turn.state.config.self) return;
  const first = decimalNumber(textOf(message, 'firstseq'));
  const last = decimalNumber(textOf(message, 'lastseq'));
  if (first === undefined || last === undefined || first > last) return;
  const { outgoing, config } = turn.state;
  const end = Math.min(last, outgoing.seq, first + RESEND_BATCH_MAX - 1);
  for (let seq = first; seq <= end; seq++) {
    if (seq <= peer.ackedSeq) continue;
    const entry = outgoing.history[seq % HISTORY_LENGTH];
    if (entry === undefined || entry.seq !== seq) {
      const fields = [
        text('firstseq', seq.toString(16)),
        text('dest', peer.name),
        text('info', 'seqno too low'),
      ];
      sendUnsequenced(turn, 'NS_nak_rexmit', fields, peer);
      log(turn, 'debug', 'rexmit-nak', `Cannot rexmit pkt ${seq} for ${peer.name}: seqno too low`);
      continue;
    }
    if (turn.nowMs - entry.resentMs < config.maxRexmitDelayMs - 10) continue;
    entry.resentMs = turn.nowMs;
    turn.effects.push({ kind: 'send', message: entry.message });
  }
}

/** The peer cannot send it again: give it up. Only numbers that are really missing count (a replayed NAK does nothing). */
export function giveUpMissing(turn: Turn, peer: Peer, message: Message): void {
  const seq = hexNumber(textOf(message, 'firstseq'));
  if (seq === undefined || !peer.tracking.missing.delete(seq)) return;
  log(turn, 'warn', 'packet-given-up', `Irretrievably lost packet: node ${peer.name} seq ${seq}`);
}
