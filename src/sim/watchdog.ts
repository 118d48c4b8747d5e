/** The virtual watchdog of one node: once fed it resets the machine a timeout later, unless it is fed or stopped. */
import type { EventQueue } from './event-queue.js';

export class VirtualWatchdog {
  readonly #queue: EventQueue;
  readonly #reset: () => void;
  #firesAtMs = Number.POSITIVE_INFINITY;
  #timeoutMs = 0;
  /** How often it has reset the machine. */
  resets = 0;

  constructor(queue: EventQueue, reset: () => void) {
    this.#queue = queue;
    this.#reset = reset;
  }

  /** Arms it, as an open of the device does. */
  arm(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.feed();
  }

  /** Begins the count anew; so does the close of the device by a dying process. Nothing when it is not armed. */
  feed(): void {
    if (this.#timeoutMs === 0) return;
    const firesAtMs = this.#queue.nowMs + this.#timeoutMs;
    this.#firesAtMs = firesAtMs;
    this.#queue.at(firesAtMs, () => {
      if (this.#firesAtMs !== firesAtMs) return;
      this.stop();
      this.resets += 1;
      this.#reset();
    });
  }

  /** The machine sleeps: the count stands until the next `feed`. */
  hold(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY;
  }

  /** The magic close, or the end of the machine. */
  stop(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY;
    this.#timeoutMs = 0;
  }
}
