/**
 * Frames that wait for a slow line. The rule by which a line that is too slow is thinned:
 *
 * 1. Of heartbeats only the newest waits, and of acknowledgements only the newest: an older one is left out.
 * 2. The kinds take turns (heartbeat, message, acknowledgement), so a waiting heartbeat goes out before the next
 *    message, and many heartbeats never keep a message back.
 * 3. Messages, such as those about resources, are never left out and keep their order, as long as the line moves;
 *    beyond `limitBytes` of them the line is as good as dead, and new ones are refused.
 */
import type { Traffic } from './traffic.js';

const TURNS = ['status', 'message', 'ack'] as const;
type Kind = (typeof TURNS)[number];

export class SendQueue {
  readonly #limitBytes: number;
  readonly #messages: Uint8Array[] = [];
  #messageBytes = 0;
  #status: { readonly frame: Uint8Array; readonly seq: number } | undefined;
  #ack: Uint8Array | undefined;
  #lastKind: Kind = 'ack';

  /** `limitBytes`: so many bytes of messages wait at most. One that is larger may wait alone. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Keeps a copy. `thinned`: a frame was left out by rule 1. `refused`: this one does not wait, by rule 3. */
  push(frame: Uint8Array, traffic: Traffic): 'queued' | 'thinned' | 'refused' {
    switch (traffic.kind) {
      case 'status': {
        const before = this.#status;
        if (before === undefined || traffic.seq >= before.seq)
          this.#status = { frame: Uint8Array.from(frame), seq: traffic.seq };
        return before === undefined ? 'queued' : 'thinned';
      }
      case 'ack': {
        const before = this.#ack;
        this.#ack = Uint8Array.from(frame);
        return before === undefined ? 'queued' : 'thinned';
      }
      case 'message': {
        if (this.#messages.length > 0 && this.#messageBytes + frame.length > this.#limitBytes)
          return 'refused';
        this.#messages.push(Uint8Array.from(frame));
        this.#messageBytes += frame.length;
        return 'queued';
      }
    }
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
      const frame = this.#messages.shift();
      this.#messageBytes -= frame?.length ?? 0;
      return frame;
    }
    const frame = kind === 'status' ? this.#status?.frame : this.#ack;
    if (kind === 'status') this.#status = undefined;
    else this.#ack = undefined;
    return frame;
  }

  /** Throws everything away and returns how many frames that were. */
  clear(): number {
    let frames = 0;
    while (this.shift() !== undefined) frames++;
    this.#lastKind = 'ack';
    return frames;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#messageBytes + (this.#status?.frame.length ?? 0) + (this.#ack?.length ?? 0);
  }
}
