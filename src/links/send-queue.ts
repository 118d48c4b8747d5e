/** Frames that wait for a slow line. Bounded: what is too old to be of use makes room for what is new. */

export class SendQueue {
  readonly #limitBytes: number;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;

  /** `limitBytes`: at most that many wait. One frame that is larger may wait alone. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Appends a copy. Returns how many of the oldest frames were thrown away for it. */
  push(frame: Uint8Array): number {
    let dropped = 0;
    while (this.#frames.length > 0 && this.#bytes + frame.length > this.#limitBytes) {
      this.shift();
      dropped++;
    }
    this.#frames.push(Uint8Array.from(frame));
    this.#bytes += frame.length;
    return dropped;
  }

  /** The oldest frame, which then waits no more. */
  shift(): Uint8Array | undefined {
    const frame = this.#frames.shift();
    this.#bytes -= frame?.length ?? 0;
    return frame;
  }

  /** Throws everything away and returns how many frames that were. */
  clear(): number {
    this.#bytes = 0;
    return this.#frames.splice(0).length;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }
}
