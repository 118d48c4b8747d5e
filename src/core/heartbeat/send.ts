import { binary, type Field, type Message, text } from '../../wire/message.js';
import type { Turn } from '../turn.js';
import { HISTORY_LENGTH } from './state.js';

/** Sequence numbers are promised to the next loop process in strides, so that not every heartbeat needs a checkpoint. */
const SEQ_STRIDE = 1000;

/** A jump of more than 250 makes receivers forget what they miss instead of asking for it (heartbeat-protocol.md 7.2 step 9). */
export const SEQ_GAP_AFTER_RESTART = 300;

export interface Addressee {
  readonly name: string;
  readonly uuid: string | undefined;
}

/**
 * Sends a sequenced message to every link and keeps it for retransmission. `own` are the fields of its type in the
 * order of heartbeat-protocol.md section 6; the common block is added here. Returns its sequence number.
 */
export function sendSequenced(turn: Turn, type: string, own: readonly Field[], to?: Addressee): number {
  const { outgoing, identity, config, loadAverage } = turn.state;
  outgoing.seq += 1;
  const seq = outgoing.seq;
  if (type === 'status') outgoing.lastStatusSeq = seq;
  if (seq >= outgoing.seqLimit) {
    outgoing.seqLimit = seq + SEQ_STRIDE;
    turn.state.checkpointDue = true;
  }
  const fields: Field[] = [text('t', type), ...own];
  if (to?.uuid !== undefined) fields.push(binary('destuuid', to.uuid));
  fields.push(
    text('src', config.self),
    binary('srcuuid', identity.uuid),
    text('seq', seq.toString(16)),
    text('hg', identity.generation.toString(16)),
    text('ts', turn.wallS.toString(16)),
    text('ld', loadAverage),
    text('ttl', String(config.hopfudge + config.nodes.length)),
  );
  const message: Message = { fields };
  outgoing.history[seq % HISTORY_LENGTH] = { seq, message, sentMs: turn.nowMs, resentMs: turn.nowMs };
  turn.effects.push({ kind: 'send', message });
  return seq;
}

/** Sends an unsequenced (`NS_`) message: not kept, not acknowledged. */
export function sendUnsequenced(turn: Turn, type: string, own: readonly Field[], to?: Addressee): void {
  const { identity, config } = turn.state;
  const fields: Field[] = [text('t', type), ...own];
  if (to?.uuid !== undefined) fields.push(binary('destuuid', to.uuid));
  fields.push(
    text('src', config.self),
    binary('srcuuid', identity.uuid),
    text('hg', identity.generation.toString(16)),
    text('ts', turn.wallS.toString(16)),
    text('ttl', String(config.hopfudge + config.nodes.length)),
  );
  turn.effects.push({ kind: 'send', message: { fields } });
}
