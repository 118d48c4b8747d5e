/**
 * Frames of the client API (heartbeat-protocol.md 16.2):
 *
 *   length of the text (u32) | 0x0000abcd (u32) | text        both numbers in the order of this machine
 *
 * The text is a message in classic form without a signature, ended by a NUL.
 */
import { endianness } from 'node:os';
import {
  CLASSIC_END,
  CLASSIC_START,
  classicLines,
  findClassicLayout,
  parseClassicFields,
} from '../../wire/classic.js';
import type { Field, Message } from '../../wire/message.js';

const MAGIC = 0xabcd;
const HEADER_BYTES = 8;
/** No request of a client comes near it. */
const MAX_TEXT_BYTES = 64 * 1024;
const LITTLE = endianness() === 'LE';

const readU32 = (bytes: Buffer, at: number): number =>
  LITTLE ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);

/** The frame of a message. */
export function encodeFrame(message: Message): Buffer {
  const text = Buffer.from(`${CLASSIC_START}${classicLines(message)}${CLASSIC_END}\0`, 'latin1');
  const header = Buffer.alloc(HEADER_BYTES);
  if (LITTLE) {
    header.writeUInt32LE(text.length, 0);
    header.writeUInt32LE(MAGIC, 4);
  } else {
    header.writeUInt32BE(text.length, 0);
    header.writeUInt32BE(MAGIC, 4);
  }
  return Buffer.concat([header, text]);
}

/** The message of a text in classic form; undefined when it is none. Bytes behind its end are ignored. */
export function parseClassicText(text: Buffer): Message | undefined {
  if (!text.subarray(0, CLASSIC_START.length).equals(Buffer.from(CLASSIC_START))) return undefined;
  const layout = findClassicLayout(text);
  if (typeof layout === 'string') return undefined;
  const fields: Field[] = [];
  const problem = parseClassicFields(text.toString('latin1'), layout.bodyStart, layout.bodyEnd, 0, fields);
  return problem === undefined ? { fields } : undefined;
}

/** Takes a stream apart. Each connection has its own. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The messages that are complete now; a string is what is wrong with the stream, which is over then. */
  push(chunk: Uint8Array): Message[] | string {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const messages: Message[] = [];
    while (this.#pending.length >= HEADER_BYTES) {
      const length = readU32(this.#pending, 0);
      if (readU32(this.#pending, 4) !== MAGIC) return 'a frame without the magic number';
      if (length > MAX_TEXT_BYTES) return `a frame of ${length} bytes`;
      if (this.#pending.length < HEADER_BYTES + length) break;
      const message = parseClassicText(this.#pending.subarray(HEADER_BYTES, HEADER_BYTES + length));
      if (message === undefined) return 'a frame without a message';
      messages.push(message);
      this.#pending = this.#pending.subarray(HEADER_BYTES + length);
    }
    return messages;
  }
}
