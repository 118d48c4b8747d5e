/**
 * The netstring encoding (heartbeat-protocol.md 3.2), the one that travels over UDP:
 *
 *   +-----------+----------------------------------------+-----+-----------+-------------------------+
 *   | ### LF    | N : ( type ) name = value ,            | ... | %%% LF    | M : index blank token , |
 *   +-----------+----------------------------------------+-----+-----------+-------------------------+
 *   |           |<- N bytes between ':' and ',' ........ |                 | M bytes, the outer auth |
 *   |<------------------ covered by the token ------------------------->|
 *
 * `findNetstringEnd` and `splitNetstring` only follow the lengths, so that the signature can be judged before any
 * field is built. `parseNetstringFields` then builds them.
 */
import { invariant } from '../errors/assert.js';
import { readAuthTag, type SignedSpan } from './auth.js';
import { ByteWriter } from './byte-writer.js';
import { isName, requireName, requireText } from './field-rules.js';
import type { Field, Message } from './message.js';
import { MAX_DEPTH, MAX_FIELDS, MAX_PACKET_BYTES, type MalformedReason } from './reject.js';

export const NETSTRING_START = '###\n';
export const NETSTRING_END = '%%%\n';

const COMMA = 0x2c;
const COLON = 0x3a;
const LF = 0x0a;

function hasMarker(bytes: Uint8Array, pos: number, char: number): boolean {
  return bytes[pos] === char && bytes[pos + 1] === char && bytes[pos + 2] === char && bytes[pos + 3] === LF;
}

/** True when the bytes begin like a netstring message. */
export function looksLikeNetstring(bytes: Uint8Array): boolean {
  return hasMarker(bytes, 0, 0x23);
}

/** Follows a row of netstrings without building anything. */
class Walker {
  /** First byte of the content last entered. */
  contentStart = 0;
  /** Offset of the comma after it. */
  contentEnd = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly limit: number,
    public pos: number,
  ) {}

  /** Steps over one netstring, or says what is wrong with it. */
  next(): MalformedReason | undefined {
    let length = 0;
    const start = this.pos;
    let pos = start;
    for (; pos < this.limit; pos++) {
      const digit = (this.bytes[pos] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
      if (pos - start > 6) return 'bad-length';
    }
    if (pos >= this.limit) return 'truncated';
    const digits = pos - start;
    if (digits === 0 || this.bytes[pos] !== COLON) return 'bad-length';
    if (digits > 1 && this.bytes[start] === 0x30) return 'bad-length';
    this.contentStart = pos + 1;
    this.contentEnd = this.contentStart + length;
    if (this.contentEnd >= this.limit) return 'truncated';
    if (this.bytes[this.contentEnd] !== COMMA) return 'bad-length';
    this.pos = this.contentEnd + 1;
    return undefined;
  }
}

/** Offset of the end marker of a message whose fields begin at `start`, or why there is none before `limit`. */
export function findNetstringEnd(bytes: Uint8Array, start: number, limit: number): number | MalformedReason {
  const walker = new Walker(bytes, limit, start);
  for (let count = 0; count <= MAX_FIELDS; count++) {
    const { pos } = walker;
    if (pos + 4 <= limit && hasMarker(bytes, pos, 0x25)) return pos;
    if (pos >= limit) return 'no-end-marker';
    const problem = walker.next();
    if (problem !== undefined) return problem;
  }
  return 'too-many-fields';
}

/** Finds fields, covered bytes and outer auth of a signed netstring packet. Nothing is built or authenticated. */
export function splitNetstring(bytes: Uint8Array): SignedSpan | MalformedReason {
  const bodyEnd = findNetstringEnd(bytes, 4, bytes.length);
  if (typeof bodyEnd !== 'number') return bodyEnd;
  const coveredEnd = bodyEnd + 4;
  if (coveredEnd >= bytes.length || bytes[coveredEnd] === 0) return 'auth-missing';
  const walker = new Walker(bytes, bytes.length, coveredEnd);
  if (walker.next() !== undefined) return 'auth-malformed';
  const tag = readAuthTag(bytes, walker.contentStart, walker.contentEnd);
  if (tag === undefined) return 'auth-malformed';
  return {
    bodyStart: 4,
    bodyEnd,
    coveredStart: 0,
    coveredEnd,
    gapStart: 0,
    gapEnd: 0,
    index: tag.index,
    tokenStart: tag.tokenStart,
    tokenEnd: walker.contentEnd,
    packetEnd: walker.pos,
  };
}

/**
 * Builds the fields in bytes[start..end) (without markers) and appends them to `into`. Returns what is wrong, if
 * anything; `into` then holds the fields before it. `all` is `bytes` as latin1 text.
 */
export function parseNetstringFields(
  bytes: Buffer,
  all: string,
  start: number,
  end: number,
  depth: number,
  into: Field[],
): MalformedReason | undefined {
  const walker = new Walker(bytes, end, start);
  while (walker.pos < end) {
    // The walker needs one byte after the content; the comma before `end` is that byte.
    const problem = walker.next() ?? parseField(bytes, all, walker, depth, into);
    if (problem !== undefined) return problem;
    if (into.length > MAX_FIELDS) return 'too-many-fields';
  }
  return undefined;
}

function parseField(
  bytes: Buffer,
  all: string,
  walker: Walker,
  depth: number,
  into: Field[],
): MalformedReason | undefined {
  const { contentStart, contentEnd } = walker;
  const type = (bytes[contentStart + 1] ?? 0) - 0x30;
  if (contentEnd - contentStart < 3 || bytes[contentStart] !== 0x28 || bytes[contentStart + 2] !== 0x29) {
    return 'bad-type';
  }
  const nameStart = contentStart + 3;
  const equals = all.indexOf('=', nameStart);
  if (equals === -1 || equals >= contentEnd) return type >= 0 && type <= 5 ? 'no-equals' : 'bad-type';
  const name = all.slice(nameStart, equals);
  if (name.length === 0) return 'empty-name';
  if (!isName(name)) return 'bad-name';
  const valueStart = equals + 1;
  switch (type) {
    case 0: {
      const value = all.slice(valueStart, contentEnd);
      if (value.includes('\0')) return 'nul-in-string';
      into.push({ name, type, value });
      return undefined;
    }
    case 1:
    case 4:
      into.push({ name, type, hex: bytes.toString('hex', valueStart, contentEnd) });
      return undefined;
    case 3: {
      const items = parseList(all, bytes, valueStart, contentEnd);
      if (typeof items === 'string') return items;
      into.push({ name, type, items });
      return undefined;
    }
    case 2:
    case 5: {
      const message = parseNested(bytes, all, valueStart, contentEnd, depth + 1);
      if (typeof message === 'string') return message;
      into.push({ name, type, message });
      return undefined;
    }
    default:
      return 'bad-type';
  }
}

function parseNested(
  bytes: Buffer,
  all: string,
  start: number,
  end: number,
  depth: number,
): Message | MalformedReason {
  if (depth >= MAX_DEPTH) return 'too-deep';
  if (end - start < 8 || !hasMarker(bytes, start, 0x23)) return 'bad-nested';
  const bodyEnd = findNetstringEnd(bytes, start + 4, end);
  if (bodyEnd !== end - 4) return 'bad-nested';
  const fields: Field[] = [];
  const problem = parseNetstringFields(bytes, all, start + 4, bodyEnd, depth, fields);
  return problem ?? { fields };
}

/** Reads `len:text,` items of bytes[start..end) (`all` is the same as text); also used for the classic encoding. */
export function parseList(
  all: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): string[] | MalformedReason {
  const walker = new Walker(bytes, end, start);
  const items: string[] = [];
  while (walker.pos < end) {
    if (walker.next() !== undefined) return 'bad-list';
    const item = all.slice(walker.contentStart, walker.contentEnd);
    if (item.includes('\0')) return 'nul-in-string';
    items.push(item);
    if (items.length > MAX_FIELDS) return 'too-many-fields';
  }
  return items;
}

/** The value of a type-3 field: `len:text,` for each item. */
export function listText(name: string, items: readonly string[]): string {
  let text = '';
  for (const item of items) {
    requireText(name, item);
    text += `${item.length}:${item},`;
  }
  return text;
}

/** Writes "###" LF, all fields and "%%%" LF. Type 5 must have become type 4 before (compress.ts). */
export function writeNetstring(out: ByteWriter, message: Message, depth = 0): void {
  invariant(depth < MAX_DEPTH, 'messages are nested too deep');
  invariant(message.fields.length <= MAX_FIELDS, 'a message has too many fields');
  out.text(NETSTRING_START);
  for (const field of message.fields) writeField(out, field, depth);
  out.text(NETSTRING_END);
}

function writeField(out: ByteWriter, field: Field, depth: number): void {
  const { name, type } = field;
  requireName(name);
  // "(", type digit, ")", name, "="
  const overhead = name.length + 4;
  switch (type) {
    case 0:
      requireText(name, field.value);
      out.text(`${overhead + field.value.length}:(0)${name}=${field.value},`);
      return;
    case 1:
    case 4:
      out.text(`${overhead + (field.hex.length >>> 1)}:(${type})${name}=`);
      out.hex(field.hex);
      out.text(',');
      return;
    case 3: {
      const value = listText(name, field.items);
      out.text(`${overhead + value.length}:(3)${name}=${value},`);
      return;
    }
    default: {
      const nested = new ByteWriter();
      writeNetstring(nested, field.message, depth + 1);
      const length = nested.flush();
      invariant(length <= MAX_PACKET_BYTES, 'a nested message is too large');
      out.text(`${overhead + length}:(${type})${name}=`);
      out.bytes(nested.view.subarray(0, length));
      out.text(',');
    }
  }
}
