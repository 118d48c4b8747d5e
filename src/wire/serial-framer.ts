/**
 * Cuts frames out of a serial line (heartbeat-protocol.md 2.5), whatever the pieces in which the bytes come:
 *
 *   noise LF  >>> ... LF  name=value LF  ...  auth=... LF  <<< ... LF  noise LF  >>> ...
 *   `skipped' `--------------------- one frame ---------------------'  `skipped'
 *
 * A frame begins at a line that begins with ">>>" and ends with the next line that begins with "<<<". Hence noise on a
 * line of its own is skipped, and noise glued in front of ">>>" loses that frame. No line inside a frame begins with
 * ">>>": where one does, the frame before it lost its end, and the new one begins there (the original takes the two
 * for one and loses both).
 *
 * CR and NUL are dropped: the line discipline of the original drops CR, and a break, which every node sends when it
 * opens the line, may be read as NUL. A frame cannot contain either.
 */

/** Longest frame kept by default. At 19200 baud this takes 34 s, so a real frame is far below. */
export const MAX_SERIAL_FRAME_BYTES = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
const MARK_START = 0x3e;
const MARK_END = 0x3c;

export interface SerialCounters {
  frames: number;
  /** Bytes outside frames and of frames given up, without line ends. */
  noiseBytes: number;
  /** Frames given up because they exceeded the limit. */
  oversizedFrames: number;
  /** Frames whose end never came before the next began. */
  brokenFrames: number;
}

export interface SerialFramer {
  /** Takes the bytes as read from the line and returns the frames that they complete, oldest first. */
  feed(bytes: Uint8Array): Uint8Array[];
  readonly counters: Readonly<SerialCounters>;
}

/** What the line at hand is. */
type LineKind =
  /** Not one of the markers, or too early to say. */
  'plain' | 'start' | 'end';

class Framer implements SerialFramer {
  readonly counters: SerialCounters = { frames: 0, noiseBytes: 0, oversizedFrames: 0, brokenFrames: 0 };
  readonly #maxBytes: number;
  #collecting = false;
  #frame: Buffer;
  #length = 0;
  /** Bytes of the line at hand so far. */
  #column = 0;
  /** How many of its first bytes are marks of the same kind, at most 3. */
  #marks = 0;
  #mark = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#frame = Buffer.allocUnsafeSlow(Math.min(maxBytes, 1024));
  }

  feed(bytes: Uint8Array): Uint8Array[] {
    const complete: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte === CR || byte === NUL) continue;
      if (byte === LF) {
        const frame = this.#endLine();
        if (frame !== undefined) complete.push(frame);
      } else {
        this.#addToLine(byte);
      }
    }
    return complete;
  }

  #addToLine(byte: number): void {
    if (this.#column < 3) {
      if (this.#column === 0) this.#mark = byte;
      if (byte === this.#mark && (byte === MARK_START || byte === MARK_END)) this.#marks++;
    }
    this.#column++;
    if (this.#collecting) {
      this.#append(byte);
      if (this.#column === 3 && this.#length > 3 && this.#lineKind() === 'start') this.#beginAnew();
      return;
    }
    // Outside a frame nothing is kept but the beginning of a possible start line.
    if (this.#column === 3 && this.#lineKind() === 'start') {
      this.#collecting = true;
      this.counters.noiseBytes -= 2;
      for (let i = 0; i < 3; i++) this.#append(MARK_START);
    } else {
      this.counters.noiseBytes++;
    }
  }

  #lineKind(): LineKind {
    if (this.#marks < 3) return 'plain';
    return this.#mark === MARK_START ? 'start' : 'end';
  }

  #append(byte: number): void {
    if (this.#length >= this.#maxBytes) {
      this.#giveUp();
      return;
    }
    if (this.#length === this.#frame.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, this.#frame.length * 2));
      this.#frame.copy(larger, 0, 0, this.#length);
      this.#frame = larger;
    }
    this.#frame[this.#length++] = byte;
  }

  /** The line at hand starts a frame while another is being collected. */
  #beginAnew(): void {
    this.counters.brokenFrames++;
    this.counters.noiseBytes += this.#length - 3;
    this.#length = 0;
    for (let i = 0; i < 3; i++) this.#append(MARK_START);
  }

  #giveUp(): void {
    this.counters.oversizedFrames++;
    this.counters.noiseBytes += this.#length + 1;
    this.#collecting = false;
    this.#length = 0;
  }

  #endLine(): Uint8Array | undefined {
    const kind = this.#lineKind();
    this.#column = 0;
    this.#marks = 0;
    if (this.#collecting) this.#append(LF);
    if (!this.#collecting || kind !== 'end') return undefined;
    const frame = new Uint8Array(this.#length);
    frame.set(this.#frame.subarray(0, this.#length));
    this.#collecting = false;
    this.#length = 0;
    this.counters.frames++;
    return frame;
  }
}

/** A framer for one line, at its beginning or anywhere in the middle of traffic. Holds at most `maxFrameBytes`. */
export function createSerialFramer(maxFrameBytes = MAX_SERIAL_FRAME_BYTES): SerialFramer {
  return new Framer(maxFrameBytes);
}
