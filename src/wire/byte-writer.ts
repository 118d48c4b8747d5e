/** Builds a packet in a buffer that is used again and again, so that encoding allocates little. */
import { invariant } from '../errors/assert.js';

export class ByteWriter {
  #buffer: Buffer;
  #length = 0;
  /** Text not yet in the buffer: joined strings are written in one go. */
  #pending = '';

  constructor(initialBytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Forgets what was written; keeps the memory. */
  reset(): void {
    this.#length = 0;
    this.#pending = '';
  }

  /** One byte per character; the caller has checked that all are below 256. */
  text(text: string): void {
    this.#pending += text;
  }

  /** Bytes given as lower-case hex with an even number of digits. */
  hex(hex: string): void {
    this.flush();
    const count = hex.length >>> 1;
    this.#reserve(count);
    const written = this.#buffer.write(hex, this.#length, count, 'hex');
    invariant(hex.length % 2 === 0 && written === count, 'a binary field holds an even number of hex digits');
    this.#length += count;
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.flush();
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Puts pending text into the buffer and returns the number of bytes written so far. */
  flush(): number {
    const text = this.#pending;
    if (text.length > 0) {
      this.#reserve(text.length);
      this.#buffer.write(text, this.#length, text.length, 'latin1');
      this.#length += text.length;
      this.#pending = '';
    }
    return this.#length;
  }

  /** The working buffer, valid up to `flush()`. Only for reading, until the next write. */
  get view(): Buffer {
    return this.#buffer;
  }

  /** A copy of what was written. */
  finish(): Buffer {
    const length = this.flush();
    const copy = Buffer.allocUnsafe(length);
    this.#buffer.copy(copy, 0, 0, length);
    return copy;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
