/** Message to bytes, in both encodings, signed or not. The drawings are in netstring.ts and classic.ts. */
import { invariant } from '../errors/assert.js';
import type { Signer } from './auth.js';
import { ByteWriter } from './byte-writer.js';
import { CLASSIC_END, CLASSIC_START, classicLines } from './classic.js';
import { compressFields } from './compress.js';
import type { Message } from './message.js';
import { writeNetstring } from './netstring.js';
import { MAX_PACKET_BYTES } from './reject.js';

export interface NetstringOptions {
  /**
   * Adds the inner `auth` field that 3.0.6 sends with `msgfmt classic` (heartbeat-protocol.md 3.4). Receivers ignore
   * it; it exists to reproduce captured packets.
   */
  readonly innerAuth?: boolean;
}

/** Used by both functions below, one after the other: encoding is synchronous and not re-entrant. */
const scratch = new ByteWriter();

function requireNoAuth(message: Message): void {
  for (const field of message.fields) {
    invariant(field.name !== 'auth', 'a message holds no auth field: the encoder adds it');
  }
}

/**
 * One packet in netstring encoding: what all UDP media and ping carry. Without a signer there is no outer auth (API
 * socket, inside of compressed messages). A message that breaks the rules of `messageProblem`, or is larger than
 * 256 KiB, is a broken invariant.
 */
export function encodeNetstring(
  message: Message,
  signer: Signer | undefined,
  options: NetstringOptions = {},
): Buffer {
  requireNoAuth(message);
  let ready = compressFields(message);
  if (options.innerAuth === true && signer !== undefined) ready = withInnerAuth(ready, signer);
  scratch.reset();
  writeNetstring(scratch, ready);
  if (signer !== undefined) {
    const tag = signer.sign(scratch.view, 0, scratch.flush());
    scratch.text(`${tag.length}:${tag},`);
  }
  return finish();
}

function withInnerAuth(message: Message, signer: Signer): Message {
  const lines = Buffer.from(classicLines(message), 'latin1');
  return {
    fields: [...message.fields, { name: 'auth', type: 0, value: signer.sign(lines, 0, lines.length) }],
  };
}

/**
 * One frame in classic encoding, its auth line last: what serial lines carry. Without a signer there is no auth line
 * (FIFO, API socket). No NUL follows. Bad messages are broken invariants, as above.
 */
export function encodeClassic(message: Message, signer: Signer | undefined): Buffer {
  requireNoAuth(message);
  scratch.reset();
  scratch.text(CLASSIC_START);
  scratch.text(classicLines(compressFields(message)));
  if (signer !== undefined) {
    const bodyEnd = scratch.flush();
    scratch.text(`auth=${signer.sign(scratch.view, CLASSIC_START.length, bodyEnd)}\n`);
  }
  scratch.text(CLASSIC_END);
  return finish();
}

function finish(): Buffer {
  invariant(scratch.flush() <= MAX_PACKET_BYTES, 'an encoded message is larger than 256 KiB');
  return scratch.finish();
}
