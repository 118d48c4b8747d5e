/** Flow-control acknowledgements (heartbeat-protocol.md 7.4). */
import { type Message, text, textOf } from '../../wire/message.js';
import type { Peer } from '../membership/state.js';
import type { Turn } from '../turn.js';
import { hexNumber } from './numbers.js';
import { sendUnsequenced } from './send.js';

const ACK_STRIDE = 10;

function sendAck(turn: Turn, peer: Peer, seq: number): void {
  sendUnsequenced(turn, 'NS_ackmsg', [text('dest', peer.name), text('ackseq', seq.toString(16))], peer);
}

/** In-order acceptance of `seq`: every tenth is acknowledged while nothing below it is missing. */
export function acknowledge(turn: Turn, peer: Peer, seq: number): void {
  const { missing, ackTrigger } = peer.tracking;
  if (missing.size === 0 && seq % ACK_STRIDE === ackTrigger) sendAck(turn, peer, seq);
}

/** A missing number arrived: acknowledge the newest trigger number below everything that is still missing. */
export function acknowledgeAfterGap(turn: Turn, peer: Peer, filled: number): void {
  const { missing, ackTrigger, lastSeq } = peer.tracking;
  let complete = lastSeq ?? filled;
  for (const seq of missing.keys()) complete = Math.min(complete, seq - 1);
  const newest = complete - ((complete - ackTrigger + ACK_STRIDE) % ACK_STRIDE);
  if (newest >= filled && newest > 0) sendAck(turn, peer, newest);
}

/** An acknowledgement for us: remembers the highest plausible one. */
export function receiveAck(turn: Turn, peer: Peer, message: Message): void {
  if (textOf(message, 'dest') !== turn.state.config.self) return;
  const seq = hexNumber(textOf(message, 'ackseq'));
  if (seq === undefined || seq <= peer.ackedSeq || seq > turn.state.outgoing.seq) return;
  peer.ackedSeq = seq;
}
