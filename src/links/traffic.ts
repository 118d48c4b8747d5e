/** What a message is to a line that cannot carry everything: which ones may be left out, and which may not. */
import { type Message, textOf } from '../wire/message.js';

export type Traffic =
  /** A heartbeat: only the newest is of use. */
  | { readonly kind: 'status'; readonly seq: number }
  /** An acknowledgement: a later one says all that an earlier one said (heartbeat-protocol.md 7.4). */
  | { readonly kind: 'ack' }
  /** A request to send something again: it is repeated until it is answered (heartbeat-protocol.md 7.3). */
  | { readonly kind: 'request' }
  /** Resources and answers: each one counts. `seq` is 0 for those without a number. */
  | { readonly kind: 'message'; readonly seq: number };

const ACK: Traffic = { kind: 'ack' };
const REQUEST: Traffic = { kind: 'request' };

/** Classifies a message of ours by its type. */
export function trafficOf(message: Message): Traffic {
  const seq = Number.parseInt(textOf(message, 'seq') ?? '0', 16);
  switch (textOf(message, 't')) {
    case 'status':
      return { kind: 'status', seq };
    case 'NS_ackmsg':
      return ACK;
    case 'NS_rexmit':
      return REQUEST;
    default:
      return { kind: 'message', seq };
  }
}
