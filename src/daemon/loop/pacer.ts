/**
 * The loop's clock: wakes it when the core's next timer is due, after every receive socket has been read until it is
 * empty, so that no verdict is taken on stale evidence.
 */
import { bootTimeMs } from '../../system/clock.js';
import { openWakeTimer } from '../../system/wake-timer.js';
import { Lateness } from './lateness.js';

/** A flood must not put off the heartbeat: after this many rounds of reading the turn runs all the same. */
const DRAIN_ROUNDS_MAX = 16;

export interface PacerParts {
  /** When the core wants to be woken, or undefined. */
  readonly nextDueMs: () => number | undefined;
  readonly hasUnread: () => boolean;
  readonly onTick: () => void;
}

export class Pacer {
  readonly #parts: PacerParts;
  #alarm: ReturnType<typeof openWakeTimer> | undefined;
  /** Where the kernel gives no alarm. */
  #timer: NodeJS.Timeout | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #stopped = false;
  readonly lateness = new Lateness();

  constructor(parts: PacerParts) {
    this.#parts = parts;
  }

  /** Called after every turn: sets the timer if something is due before it. */
  arm(): void {
    if (this.#stopped) return;
    const dueMs = this.#parts.nextDueMs();
    if (dueMs === undefined || dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    this.#alarm ??= openWakeTimer(() => this.#wake());
    if (this.#alarm.ok) {
      this.#alarm.value.set(dueMs);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, Math.ceil(dueMs - bootTimeMs())));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#alarm?.ok === true) this.#alarm.value.close();
  }

  #wake(): void {
    const nowMs = bootTimeMs();
    this.lateness.note(nowMs - this.#wakeAtMs, nowMs);
    this.#drain(0);
  }

  #drain(round: number): void {
    // Sockets are read between the timer and the immediate.
    setImmediate(() => {
      if (this.#stopped) return;
      if (round < DRAIN_ROUNDS_MAX && this.#parts.hasUnread()) {
        this.#drain(round + 1);
        return;
      }
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#parts.onTick();
    });
  }
}
