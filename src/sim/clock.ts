/**
 * The clocks of one machine: the one that only goes forward (CLOCK_BOOTTIME, may run a little fast or slow) and the
 * wall clock (may be set). Each machine counts from its own boot, so that nothing can rely on two machines' numbers.
 */
import type { EventQueue } from './event-queue.js';

const WALL_START_S = 1_700_000_000;

export class NodeClock {
  readonly #queue: EventQueue;
  /** The local time `#localMs` was shown at `#queueMs`, and runs at `#rate` since. */
  #queueMs = 0;
  #localMs: number;
  #rate = 1;
  #wallStepS = 0;

  /** @param aheadMs by how much this machine's count is ahead of the queue's at the beginning. */
  constructor(queue: EventQueue, aheadMs = 0) {
    this.#queue = queue;
    this.#localMs = aheadMs;
  }

  /** The monotonic clock of the machine, ms. */
  get nowMs(): number {
    return this.localMs(this.#queue.nowMs);
  }

  /** The wall clock of the machine, whole seconds. */
  get wallS(): number {
    return WALL_START_S + Math.floor(this.#queue.nowMs / 1000) + this.#wallStepS;
  }

  localMs(queueMs: number): number {
    return this.#localMs + (queueMs - this.#queueMs) * this.#rate;
  }

  /** The moment of the queue at which this clock shows `localMs`, never earlier. */
  queueMs(localMs: number): number {
    if (this.#rate === 1) return localMs - this.#localMs + this.#queueMs;
    const exactMs = (localMs - this.#localMs) / this.#rate + this.#queueMs;
    // A rounding error must not wake somebody a hair too early: he would find nothing due and wait for ever.
    return exactMs + 1e-6;
  }

  /** From now on `partsPerMillion` too fast (negative: too slow). */
  drift(partsPerMillion: number): void {
    const { nowMs } = this;
    this.#queueMs = this.#queue.nowMs;
    this.#localMs = nowMs;
    this.#rate = 1 + partsPerMillion / 1_000_000;
  }

  /** Somebody, or NTP, sets the wall clock forward (negative: back) by whole seconds. */
  stepWall(seconds: number): void {
    this.#wallStepS += seconds;
  }
}
