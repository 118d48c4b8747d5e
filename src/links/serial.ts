/**
 * `serial DEV`: a null-modem cable between two nodes (heartbeat-protocol.md 2.5). Frames in the classic format, cut out
 * of the byte stream by the framer. The line is slow: what waits is bounded, and what a held line does not take within
 * its time is thrown away. A device that disappears is opened again when it is back.
 */
import { discardOutput, unsentBytes } from '../system/terminal.js';
import { createSerialFramer, type SerialFramer } from '../wire/serial-framer.js';
import type { Link, LinkCounters, LinkHandlers } from './link.js';
import { SendQueue } from './send-queue.js';
import { type OpenPort, openSerialPort } from './serial-port.js';

const RETRY_MS = 1000;
/** A write that makes no progress for so long is stuck. */
const STUCK_MS = 500;
/** Start bit, 8 data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** What waits for the line is at most this old when it goes out ... */
const QUEUE_S = 4;
/** ... but one large message always fits. */
const MIN_QUEUE_BYTES = 16 * 1024;

export class SerialLink implements Link {
  readonly name: string;
  readonly description: string;
  readonly format = 'classic';
  readonly counters: LinkCounters = { sentPackets: 0, sendErrors: 0, receivedPackets: 0, droppedPackets: 0 };
  readonly #baud: number;
  readonly #queue: SendQueue;
  #framer: SerialFramer = createSerialFramer();
  #handlers: LinkHandlers | undefined;
  #port: OpenPort | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #stuckTimer: NodeJS.Timeout | undefined;
  #writing = false;
  /** The other end takes no bytes: one frame at a time is offered until it does. */
  #held = false;
  /** Undefined before the first outcome. */
  #up: boolean | undefined;

  /** `baud` as in ha.cf: 9600 to 460800. */
  constructor(device: string, baud: number) {
    this.name = device;
    this.description = `serial ${device}`;
    this.#baud = baud;
    this.#queue = new SendQueue(Math.max(MIN_QUEUE_BYTES, (QUEUE_S * baud) / BITS_PER_BYTE));
  }

  open(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) return;
    this.#handlers = handlers;
    void this.#connect();
  }

  send(bytes: Uint8Array): void {
    const port = this.#port;
    if (port === undefined || (this.#held && (this.#writing || unsentBytes(port.fd()) > 0))) {
      this.counters.sendErrors++;
      return;
    }
    this.counters.sendErrors += this.#queue.push(bytes);
    this.#writeNext();
  }

  hasUnread(): boolean {
    return this.#port?.hasUnread() ?? false;
  }

  close(): void {
    this.#handlers = undefined;
    clearTimeout(this.#retryTimer);
    this.#dropPort();
  }

  async #connect(): Promise<void> {
    try {
      const port = await openSerialPort(this.name, this.#baud, {
        onData: (bytes) => this.#onData(bytes),
        onClosed: (reason) => this.#onClosed(reason),
      });
      if (this.#handlers === undefined) {
        port.close();
        return;
      }
      this.#port = port;
      this.#framer = createSerialFramer();
      this.#setUp();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#setDown(
        /lock/i.test(reason) ? `another program uses it (${reason})` : `cannot open it: ${reason}`,
      );
      this.#retryLater();
    }
  }

  #onClosed(reason: string): void {
    this.#dropPort();
    this.#setDown(`the device has disappeared (${reason})`);
    this.#retryLater();
  }

  #onData(bytes: Buffer): void {
    for (const frame of this.#framer.feed(stripped(bytes))) {
      this.counters.receivedPackets++;
      this.#handlers?.onPacket(frame, this);
    }
    this.counters.droppedPackets = this.#framer.counters.oversizedFrames;
  }

  #writeNext(): void {
    const port = this.#port;
    if (port === undefined || this.#writing) return;
    const frame = this.#queue.shift();
    if (frame === undefined) return;
    this.#writing = true;
    const lineTimeMs = (frame.length * BITS_PER_BYTE * 1000) / this.#baud;
    this.#stuckTimer = setTimeout(() => this.#onStuck(port), STUCK_MS + lineTimeMs);
    port.write(frame, () => this.#onWritten(port));
  }

  #onWritten(port: OpenPort): void {
    if (port !== this.#port) return;
    clearTimeout(this.#stuckTimer);
    this.#writing = false;
    this.counters.sentPackets++;
    if (this.#held) this.#watchHeld(port);
    else this.#writeNext();
  }

  #onStuck(port: OpenPort): void {
    if (port !== this.#port) return;
    this.#held = true;
    this.counters.sendErrors += 1 + this.#queue.clear();
    // Lets the write end that is under way; a frame cut in two is noise to the other side.
    discardOutput(port.fd());
    this.#setDown('the other end takes no bytes (cable, RTS/CTS, or a stopped peer)');
    this.#watchHeld(port);
  }

  /** A held line is well again when a frame has been taken and nothing waits in the driver. */
  #watchHeld(port: OpenPort): void {
    clearTimeout(this.#stuckTimer);
    this.#stuckTimer = setTimeout(() => {
      if (port !== this.#port) return;
      if (this.#writing || unsentBytes(port.fd()) > 0) {
        this.#watchHeld(port);
        return;
      }
      this.#held = false;
      this.#setUp();
    }, RETRY_MS);
  }

  #dropPort(): void {
    clearTimeout(this.#stuckTimer);
    this.#port?.close();
    this.#port = undefined;
    this.#queue.clear();
    this.#writing = false;
    this.#held = false;
  }

  #retryLater(): void {
    if (this.#handlers === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#connect(), RETRY_MS);
  }

  #setUp(): void {
    if (this.#up === true) return;
    this.#up = true;
    this.#handlers?.onHealth({ up: true }, this);
  }

  #setDown(problem: string): void {
    if (this.#up === false) return;
    this.#up = false;
    const reason = `${this.description}: ${problem}; trying again until it is back.`;
    this.#handlers?.onHealth({ up: false, reason }, this);
  }
}

/** What ISTRIP does to the input of the original: bit 7 is cleared. */
function stripped(bytes: Buffer): Uint8Array {
  return bytes.every((byte) => byte < 0x80) ? bytes : bytes.map((byte) => byte & 0x7f);
}
