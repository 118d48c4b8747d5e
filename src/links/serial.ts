/**
 * `serial DEV`: a null-modem cable between two nodes (heartbeat-protocol.md 2.5). Frames in the classic format, cut out
 * of the byte stream by the framer. The line is slow: what waits is bounded, and what a held line does not take within
 * its time is thrown away. A device that disappears is opened again when it is back.
 */
import { createSerialFramer, type SerialFramer } from '../wire/serial-framer.js';
import type { Link, LinkCounters, LinkHandlers } from './link.js';
import { NoiseWatch } from './noise-watch.js';
import { type OpenPort, openSerialPort } from './serial-port.js';
import { SerialWriter } from './serial-writer.js';
import type { Traffic } from './traffic.js';

const RETRY_MS = 1000;
const MESSAGE: Traffic = { kind: 'message', seq: 0 };

export class SerialLink implements Link {
  readonly name: string;
  readonly description: string;
  readonly format = 'classic';
  readonly counters: LinkCounters = {
    sentPackets: 0,
    sendErrors: 0,
    receivedPackets: 0,
    droppedPackets: 0,
    thinnedPackets: 0,
  };
  readonly #baud: number;
  readonly #noise = new NoiseWatch();
  #framer: SerialFramer = createSerialFramer();
  #handlers: LinkHandlers | undefined;
  #port: OpenPort | undefined;
  #writer: SerialWriter | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** Undefined before the first outcome. */
  #up: boolean | undefined;

  /** `baud` as in ha.cf: 9600 to 460800. */
  constructor(device: string, baud: number) {
    this.name = device;
    this.description = `serial ${device}`;
    this.#baud = baud;
  }

  open(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) return;
    this.#handlers = handlers;
    void this.#connect();
  }

  send(bytes: Uint8Array, traffic: Traffic = MESSAGE): void {
    if (this.#writer === undefined) this.counters.sendErrors++;
    else this.#writer.send(bytes, traffic);
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
      this.#writer = this.#newWriter(port);
      this.#framer = createSerialFramer();
      this.#setUp();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#setDown(
        /lock/i.test(reason)
          ? `another program uses it (${reason}; "fuser ${this.name}" names it, often a login prompt: getty)`
          : `cannot open it: ${reason}`,
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
    const { oversizedFrames, brokenFrames, noiseBytes } = this.#framer.counters;
    this.counters.droppedPackets = oversizedFrames + brokenFrames;
    const notice = this.#noise.notice(this.description, noiseBytes, this.counters.receivedPackets);
    if (notice !== undefined) this.#handlers?.onNotice?.('serial-noise', notice, this);
  }

  #newWriter(port: OpenPort): SerialWriter {
    return new SerialWriter(port, this.#baud, {
      onSent: () => {
        this.counters.sentPackets++;
      },
      onLost: (frames) => {
        this.counters.sendErrors += frames;
      },
      onThinned: () => {
        this.counters.thinnedPackets = (this.counters.thinnedPackets ?? 0) + 1;
      },
      onHeld: () => this.#setDown('the other end takes no bytes (cable, RTS/CTS, or a stopped peer)'),
      onFreed: () => this.#setUp(),
    });
  }

  #dropPort(): void {
    this.#writer?.close();
    this.#writer = undefined;
    this.#port?.close();
    this.#port = undefined;
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
