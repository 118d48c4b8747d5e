import { readSync, writeSync } from 'node:fs';
import { nowMs } from '../clock.js';
import { Poller } from './kernel.js';
import { flushLine, openPty, type Pty } from './pty.js';

/** How much waits inside the cable for one direction before the sender is held, as hardware flow control would. */
const HELD_BYTES = 4096;
const TICK_MS = 5;
/** A paced line that was idle may send this much at once. */
const BURST_MS = 10;

interface Way {
  readonly from: Pty;
  readonly to: Pty;
  readonly poller: Poller;
  waiting: Buffer;
  /** Bytes that may pass now, when the line is paced. */
  credit: number;
  held: boolean;
}

/**
 * A null-modem cable of two ptys. Bytes are carried both ways, at most `bytesPerSecond` each way when given. A
 * receiver that does not read holds its sender; bytes to an end without power, or over a pulled cable, are lost.
 */
export class SerialCable {
  readonly #ptys: [Pty, Pty];
  readonly #ways: Way[] = [];
  readonly #powered: [boolean, boolean] = [true, true];
  readonly #bytesPerSecond: number | null;
  #connected = true;
  #tickedAtMs = nowMs();

  constructor(ptsFolder: string, bytesPerSecond: number | null) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#ptys = [openPty(ptsFolder), openPty(ptsFolder)];
    const [a, b] = this.#ptys;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const way: Way = {
        from,
        to,
        waiting: Buffer.alloc(0),
        credit: 0,
        held: false,
        poller: new Poller(from.master, () => this.#take(way)),
      };
      this.#ways.push(way);
    }
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** The number of the pty of one end (0 or 1). */
  ptyNumber(end: 0 | 1): number {
    return this.#ptys[end].number;
  }

  set connected(connected: boolean) {
    this.#connected = connected;
  }

  /** Power of one end's machine; power on starts with an empty line. */
  setPowered(end: 0 | 1, powered: boolean): void {
    this.#powered[end] = powered;
    if (powered) flushLine(this.#ptys[end].slave);
  }

  #take(way: Way): void {
    const buffer = Buffer.alloc(HELD_BYTES);
    let length = 0;
    try {
      length = readSync(way.from.master, buffer);
    } catch {
      // Nothing to read after all.
    }
    const toEnd = way.to === this.#ptys[0] ? 0 : 1;
    if (!this.#connected || !this.#powered[toEnd]) return;
    way.waiting = Buffer.concat([way.waiting, buffer.subarray(0, length)]);
    this.#pass(way);
    if (way.waiting.length >= HELD_BYTES) {
      way.held = true;
      way.poller.stop();
    }
  }

  #tick(): void {
    const now = nowMs();
    const elapsedMs = now - this.#tickedAtMs;
    this.#tickedAtMs = now;
    for (const way of this.#ways) {
      if (this.#bytesPerSecond !== null) {
        const earned = (this.#bytesPerSecond * elapsedMs) / 1000;
        way.credit = Math.min(way.credit + earned, Math.max(1, (this.#bytesPerSecond * BURST_MS) / 1000));
      }
      this.#pass(way);
    }
  }

  #pass(way: Way): void {
    const toEnd = way.to === this.#ptys[0] ? 0 : 1;
    if (!this.#connected || !this.#powered[toEnd]) way.waiting = Buffer.alloc(0);
    const allowed = this.#bytesPerSecond === null ? way.waiting.length : Math.floor(way.credit);
    const length = Math.min(allowed, way.waiting.length);
    if (length > 0) {
      try {
        const written = writeSync(way.to.master, way.waiting, 0, length);
        way.waiting = way.waiting.subarray(written);
        way.credit -= written;
      } catch {
        // The receiver's line is full: try again at the next tick.
      }
    }
    if (way.held && way.waiting.length < HELD_BYTES / 2) {
      way.held = false;
      way.poller.start();
    }
  }
}
