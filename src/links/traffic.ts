/** What a message is to a line that cannot carry everything: which ones may be left out, and which may not. */
import { type Message, textOf } from '../wire/message.js';

export type Traffic =
  /** A heartbeat: only the newest is of use. */
  | { readonly kind: 'status'; readonly seq: number }
  /** An acknowledgement: a later one says all that an earlier one said (heartbeat-protocol.md 7.4). */
  | { readonly kind: 'ack' }
  /** Resources, requests, answers: each one counts. */
  | { readonly kind: 'message' };

const ACK: Traffic = { kind: 'ack' };
const MESSAGE: Traffic = { kind: 'message' };

/** Classifies a message of ours by its type. */
export function trafficOf(message: Message): Traffic {
  switch (textOf(message, 't')) {
    case 'status':
      return { kind: 'status', seq: Number.parseInt(textOf(message, 'seq') ?? '0', 16) };
    case 'NS_ackmsg':
      return ACK;
    default:
      return MESSAGE;
  }
}
