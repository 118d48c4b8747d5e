import type { Message } from '../../wire/message.js';
import type { SendingMark } from './schedule.js';

/** How many sent messages are kept for retransmission (heartbeat-protocol.md 7.3). */
export const HISTORY_LENGTH = 500;

export interface SentMessage {
  readonly seq: number;
  readonly message: Message;
  readonly sentMs: number;
  /** When it was last sent again; `sentMs` at first. */
  resentMs: number;
}

/** What this node has sent. */
export interface Outgoing {
  /** Last used sequence number; 0 before the first message. */
  seq: number;
  /** Number of the newest heartbeat; 0 before the first. */
  lastStatusSeq: number;
  /** Numbers from here on may not be used before a new checkpoint is out. */
  seqLimit: number;
  /** Ring, index = seq mod HISTORY_LENGTH. */
  readonly history: (SentMessage | undefined)[];
  /** What the next loop process needs to tell when our heartbeats were sent (schedule.ts). */
  readonly marks: SendingMark[];
}

/** What has been heard of one peer's sequence of messages (heartbeat-protocol.md 7.2). */
export interface Tracking {
  /** Highest generation seen; 0 before the first. */
  generation: number;
  /** Last accepted sequence number of this generation; null: take the next one as it comes. */
  lastSeq: number | null;
  /** Missing number -> when to ask for it next (ms). At most 500. */
  readonly missing: Map<number, number>;
  /** After a restart or a partition a lower number starts the tracking anew. */
  acceptLower: boolean;
  /** Own acks are due when seq mod 10 equals this. */
  readonly ackTrigger: number;
}

export function newOutgoing(): Outgoing {
  return { seq: 0, lastStatusSeq: 0, seqLimit: 0, history: [], marks: [] };
}

export function newTracking(ackTrigger: number): Tracking {
  return { generation: 0, lastSeq: null, missing: new Map(), acceptLower: false, ackTrigger };
}

/** When the message with that number was sent, or undefined when it is too old to be known. */
export function sentAtMs(outgoing: Outgoing, seq: number): number | undefined {
  const entry = outgoing.history[seq % HISTORY_LENGTH];
  return entry?.seq === seq ? entry.sentMs : undefined;
}
