/**
 * The sending side of an open serial line (heartbeat-protocol.md 2.5). The driver would take several seconds' worth of
 * bytes at once, and a heartbeat behind them would be stale; so it gets one frame at a time, and the next when the
 * line has had the time to carry it. What waits meanwhile is thinned by the queue's rule.
 */
import { discardOutput, unsentBytes } from '../system/terminal.js';
import { SendQueue } from './send-queue.js';
import type { OpenPort } from './serial-port.js';
import type { Traffic } from './traffic.js';

/** A write that makes no progress for so long is stuck. */
const STUCK_MS = 500;
/** How often a full driver, or a held line, is looked at. */
const FULL_RETRY_MS = 20;
const HELD_RETRY_MS = 1000;
/** Start bit, 8 data bits, stop bit. */
export const BITS_PER_BYTE = 10;
/** What a driver that reports its unsent bytes may still hold when the next frame is given to it: its own FIFO. */
const FIFO_BYTES = 16;
/** One frame may be as long as the longest that a receiver takes. */
const QUEUE_BYTES = 64 * 1024;
/** An empty line before each frame: noise without a line end does not cost the frame behind it. */
const LF = 0x0a;

export interface SerialWriterEvents {
  onSent(): void;
  /** Frames that will never go out: refused, or thrown away because the line is held. */
  onLost(frames: number): void;
  onThinned(): void;
  /** The other end takes no bytes. */
  onHeld(): void;
  /** It takes bytes again. */
  onFreed(): void;
}

export class SerialWriter {
  readonly #port: OpenPort;
  readonly #baud: number;
  readonly #events: SerialWriterEvents;
  readonly #queue = new SendQueue(QUEUE_BYTES);
  #timer: NodeJS.Timeout | undefined;
  /** The driver has not taken all of the last frame. */
  #writing = false;
  /** One frame at a time is offered until the line moves again. */
  #held = false;
  /** When the line has carried what the driver got, by performance.now(). */
  #freeAtMs = 0;
  /** Since when the driver holds more than the line's time explains. */
  #fullSinceMs: number | undefined;

  constructor(port: OpenPort, baud: number, events: SerialWriterEvents) {
    this.#port = port;
    this.#baud = baud;
    this.#events = events;
  }

  send(bytes: Uint8Array, traffic: Traffic): void {
    if (this.#held && (this.#writing || unsentBytes(this.#port.fd()) > 0)) {
      this.#events.onLost(1);
      return;
    }
    const outcome = this.#queue.push(bytes, traffic);
    if (outcome === 'refused') this.#events.onLost(1);
    if (outcome === 'thinned') this.#events.onThinned();
    if (!this.#writing && (this.#held || this.#timer === undefined)) this.#writeNext();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#queue.clear();
  }

  #writeNext(): void {
    if (!this.#held && !this.#lineIsFree()) return;
    const frame = this.#queue.shift();
    if (frame === undefined) return;
    const bytes = new Uint8Array(frame.length + 1);
    bytes[0] = LF;
    bytes.set(frame, 1);
    const lineTimeMs = (bytes.length * BITS_PER_BYTE * 1000) / this.#baud;
    this.#freeAtMs = performance.now() + lineTimeMs;
    this.#writing = true;
    if (!this.#held) this.#after(STUCK_MS + lineTimeMs, () => this.#stuck());
    this.#port.write(bytes, () => this.#written());
  }

  /** Whether the line has carried what the driver got; otherwise this is asked again later, or the line is held. */
  #lineIsFree(): boolean {
    const nowMs = performance.now();
    if (nowMs < this.#freeAtMs) {
      this.#after(this.#freeAtMs - nowMs, () => this.#writeNext());
      return false;
    }
    // The driver of a pty cannot tell what it holds; that of a real port can.
    if (unsentBytes(this.#port.fd()) <= FIFO_BYTES) {
      this.#fullSinceMs = undefined;
      return true;
    }
    this.#fullSinceMs ??= nowMs;
    if (nowMs - this.#fullSinceMs < STUCK_MS) {
      this.#after(FULL_RETRY_MS, () => this.#writeNext());
    } else {
      this.#fullSinceMs = undefined;
      this.#stuck();
    }
    return false;
  }

  #written(): void {
    this.#writing = false;
    this.#events.onSent();
    if (!this.#held) {
      this.#cancel();
      this.#writeNext();
    }
  }

  #stuck(): void {
    this.#held = true;
    this.#events.onLost(this.#queue.clear() + (this.#writing ? 1 : 0));
    // Lets the write end that is under way; a frame cut in two is noise to the other side.
    discardOutput(this.#port.fd());
    this.#events.onHeld();
    this.#watchHeld();
  }

  /** A held line is well again when a frame has been taken and nothing waits in the driver. */
  #watchHeld(): void {
    this.#after(HELD_RETRY_MS, () => {
      if (this.#writing || unsentBytes(this.#port.fd()) > 0) {
        this.#watchHeld();
        return;
      }
      this.#held = false;
      this.#events.onFreed();
      this.#writeNext();
    });
  }

  #after(delayMs: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      run();
    }, delayMs);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
