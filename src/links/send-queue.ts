/**
 * Frames that wait for a slow line. The rule by which a line that is too slow is thinned:
 *
 * 1. Of heartbeats only the newest waits, and of acknowledgements and of requests to send again likewise: an older one
 *    is left out. A message that waits already is not queued a second time when it is sent again.
 * 2. The kinds take turns (heartbeat, message, request, acknowledgement), so a waiting heartbeat goes out before the
 *    next message, and many heartbeats never keep a message back.
 * 3. Messages, such as those about resources, are never left out and keep their order, as long as the line moves;
 *    beyond `limitBytes` of them the line is as good as dead, and new ones are refused.
 */
import type { Traffic } from './traffic.js';

const TURNS = ['status', 'message', 'request', 'ack'] as const;
type Kind = (typeof TURNS)[number];

interface Waiting {
  readonly frame: Uint8Array;
  /** 0: has no number. */
  readonly seq: number;
}

export class SendQueue {
  readonly #limitBytes: number;
  readonly #messages: Waiting[] = [];
  #messageBytes = 0;
  /** The newest of each kind of which only the newest counts. */
  readonly #newest = new Map<Kind, Waiting>();
  #lastKind: Kind = 'ack';

  /** `limitBytes`: so many bytes of messages wait at most. One that is larger may wait alone. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Keeps a copy. `thinned`: a frame was left out by rule 1. `refused`: this one does not wait, by rule 3. */
  push(frame: Uint8Array, traffic: Traffic): 'queued' | 'thinned' | 'refused' {
    const seq = 'seq' in traffic ? traffic.seq : 0;
    if (traffic.kind === 'message') return this.#pushMessage(frame, seq);
    const before = this.#newest.get(traffic.kind);
    if (before === undefined || seq >= before.seq)
      this.#newest.set(traffic.kind, { frame: Uint8Array.from(frame), seq });
    return before === undefined ? 'queued' : 'thinned';
  }

  #pushMessage(frame: Uint8Array, seq: number): 'queued' | 'thinned' | 'refused' {
    if (seq !== 0 && this.#messages.some((waiting) => waiting.seq === seq)) return 'thinned';
    if (this.#messages.length > 0 && this.#messageBytes + frame.length > this.#limitBytes) return 'refused';
    this.#messages.push({ frame: Uint8Array.from(frame), seq });
    this.#messageBytes += frame.length;
    return 'queued';
  }

  /** The frame whose turn it is, which then waits no more. */
  shift(): Uint8Array | undefined {
    const from = TURNS.indexOf(this.#lastKind);
    for (let i = 1; i <= TURNS.length; i++) {
      const kind = TURNS[(from + i) % TURNS.length] ?? 'status';
      const frame = this.#take(kind);
      if (frame === undefined) continue;
      this.#lastKind = kind;
      return frame;
    }
    return undefined;
  }

  #take(kind: Kind): Uint8Array | undefined {
    if (kind === 'message') {
      const frame = this.#messages.shift()?.frame;
      this.#messageBytes -= frame?.length ?? 0;
      return frame;
    }
    const frame = this.#newest.get(kind)?.frame;
    this.#newest.delete(kind);
    return frame;
  }

  /** Throws everything away and returns how many frames that were. */
  clear(): number {
    const frames = this.#messages.splice(0).length + this.#newest.size;
    this.#newest.clear();
    this.#messageBytes = 0;
    this.#lastKind = 'ack';
    return frames;
  }

  /** Bytes that wait. */
  get bytes(): number {
    let bytes = this.#messageBytes;
    for (const { frame } of this.#newest.values()) bytes += frame.length;
    return bytes;
  }
}
