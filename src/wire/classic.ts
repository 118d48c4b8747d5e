/**
 * The classic encoding (heartbeat-protocol.md 3.3), the one on serial lines, in the FIFO and by default on the API:
 *
 *   +--------+---------------------+---------------------------+-----+--------------------------+--------+
 *   | >>> LF | name = value LF     | (type) name = value LF    | ... | auth = index blank token | <<< LF |
 *   +--------+---------------------+---------------------------+-----+--------------------------+--------+
 *            |  type 0             |  types 1 to 5             |     |  LF; may stand anywhere, |
 *            |<------------------- covered by the token ---------->|  left out in the FIFO    |
 *
 * Inside values LF travels as byte 19; inside nested messages as a byte of its own for each level.
 */
import { invariant } from '../errors/assert.js';
import { readAuthTag, type SignedSpan } from './auth.js';
import { isName, requireName, requireText } from './field-rules.js';
import type { Field, Message } from './message.js';
import { listText, parseList } from './netstring.js';
import { MAX_DEPTH, MAX_FIELDS, type MalformedReason } from './reject.js';

export const CLASSIC_START = '>>>\n';
export const CLASSIC_END = '<<<\n';

const LF = 0x0a;
/** Stands for LF inside a string value. */
const LF_SUBSTITUTE = '\x13';
/** Stands for LF inside a nested message, by level (heartbeat-protocol.md 3.1, type 2). */
const NESTED_SUBSTITUTES = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 15, 16, 17, 18];

function hasMarker(bytes: Uint8Array, pos: number, char: number): boolean {
  return bytes[pos] === char && bytes[pos + 1] === char && bytes[pos + 2] === char;
}

/** True when the bytes begin like a classic message. */
export function looksLikeClassic(bytes: Uint8Array): boolean {
  return hasMarker(bytes, 0, 0x3e) && bytes[3] === LF;
}

const AUTH_PREFIX = Buffer.from('auth=', 'latin1');

function isAuthLine(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < AUTH_PREFIX.length; i++) {
    if (bytes[start + i] !== AUTH_PREFIX[i]) return false;
  }
  return true;
}

/** Where the parts of a classic message are. `authStart === authEnd` when it has no auth line. */
export interface ClassicLayout {
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** The auth line with its LF. */
  readonly authStart: number;
  readonly authEnd: number;
  readonly packetEnd: number;
}

/** Finds the lines of a classic message. Nothing is built or authenticated. */
export function findClassicLayout(bytes: Buffer): ClassicLayout | MalformedReason {
  let authStart = 0;
  let authEnd = 0;
  let pos = 4;
  for (let count = 0; count <= MAX_FIELDS; count++) {
    const lineEnd = bytes.indexOf(LF, pos);
    if (lineEnd === -1) return 'no-end-marker';
    if (hasMarker(bytes, pos, 0x3c)) {
      return { bodyStart: 4, bodyEnd: pos, authStart, authEnd, packetEnd: lineEnd + 1 };
    }
    if (isAuthLine(bytes, pos)) {
      if (authEnd !== 0) return 'auth-duplicate';
      authStart = pos;
      authEnd = lineEnd + 1;
    }
    pos = lineEnd + 1;
  }
  return 'too-many-fields';
}

/** Finds fields, covered bytes and auth of a signed classic packet. */
export function splitClassic(bytes: Buffer): SignedSpan | MalformedReason {
  const layout = findClassicLayout(bytes);
  if (typeof layout === 'string') return layout;
  const { bodyStart, bodyEnd, authStart, authEnd, packetEnd } = layout;
  if (authStart === authEnd) return 'auth-missing';
  const tokenEnd = authEnd - 1;
  const tag = readAuthTag(bytes, authStart + AUTH_PREFIX.length, tokenEnd);
  if (tag === undefined) return 'auth-malformed';
  return {
    bodyStart,
    bodyEnd,
    coveredStart: bodyStart,
    coveredEnd: bodyEnd,
    gapStart: authStart,
    gapEnd: authEnd,
    index: tag.index,
    tokenStart: tag.tokenStart,
    tokenEnd,
    packetEnd,
  };
}

/**
 * Builds the fields of all[start..end), whole lines without the markers, and appends them to `into`. Returns what is
 * wrong, if anything; `into` then holds the fields before it.
 */
export function parseClassicFields(
  all: string,
  start: number,
  end: number,
  depth: number,
  into: Field[],
): MalformedReason | undefined {
  let pos = start;
  while (pos < end) {
    const lineEnd = all.indexOf('\n', pos);
    if (lineEnd === -1 || lineEnd >= end) return 'truncated';
    const problem = parseLine(all, pos, lineEnd, depth, into);
    if (problem !== undefined) return problem;
    if (into.length > MAX_FIELDS) return 'too-many-fields';
    pos = lineEnd + 1;
  }
  return undefined;
}

function parseLine(
  all: string,
  start: number,
  end: number,
  depth: number,
  into: Field[],
): MalformedReason | undefined {
  let type = 0;
  let nameStart = start;
  if (all.charCodeAt(start) === 0x28) {
    type = all.charCodeAt(start + 1) - 0x30;
    if (end - start < 3 || all.charCodeAt(start + 2) !== 0x29 || type < 0 || type > 5) return 'bad-type';
    nameStart = start + 3;
  }
  const equals = all.indexOf('=', nameStart);
  if (equals === -1 || equals >= end) return 'no-equals';
  const name = all.slice(nameStart, equals);
  if (name.length === 0) return 'empty-name';
  if (!isName(name)) return 'bad-name';
  const value = all.slice(equals + 1, end);
  if (value.includes('\0')) return 'nul-in-string';
  switch (type) {
    case 0:
      into.push({ name, type, value: restoreLineFeeds(value) });
      return undefined;
    case 1:
    case 4: {
      const decoded = Buffer.from(value, 'base64');
      if (decoded.toString('base64') !== value) return 'bad-base64';
      into.push({ name, type, hex: decoded.toString('hex') });
      return undefined;
    }
    case 3: {
      const text = restoreLineFeeds(value);
      const items = parseList(text, Buffer.from(text, 'latin1'), 0, text.length);
      if (typeof items === 'string') return items;
      into.push({ name, type, items });
      return undefined;
    }
    case 2:
    case 5: {
      const message = parseNested(value, depth + 1);
      if (typeof message === 'string') return message;
      into.push({ name, type, message });
      return undefined;
    }
    default:
      return 'bad-type';
  }
}

function restoreLineFeeds(value: string): string {
  return value.includes(LF_SUBSTITUTE) ? value.replaceAll(LF_SUBSTITUTE, '\n') : value;
}

/** The byte after the nested start marker tells which substitute the sender used at this level. */
function parseNested(value: string, depth: number): Message | MalformedReason {
  if (depth >= MAX_DEPTH) return 'too-deep';
  if (!NESTED_SUBSTITUTES.includes(value.charCodeAt(3))) return 'bad-nested';
  const text = value.replaceAll(value.charAt(3), '\n');
  if (text.length < 8 || !text.startsWith(CLASSIC_START) || !text.endsWith(CLASSIC_END)) return 'bad-nested';
  const fields: Field[] = [];
  const problem = parseClassicFields(text, 4, text.length - 4, depth, fields);
  return problem ?? { fields };
}

/** All lines of a message without the markers: what the token of a classic message covers. */
export function classicLines(message: Message, depth = 0): string {
  invariant(depth < MAX_DEPTH, 'messages are nested too deep');
  let lines = '';
  for (const field of message.fields) lines += classicLine(field, depth);
  return lines;
}

function classicLine(field: Field, depth: number): string {
  requireName(field.name);
  switch (field.type) {
    case 0:
      requireText(field.name, field.value);
      return `${field.name}=${replaceLineFeeds(field.value)}\n`;
    case 1:
    case 4:
      return `(${field.type})${field.name}=${Buffer.from(field.hex, 'hex').toString('base64')}\n`;
    case 3:
      return `(3)${field.name}=${replaceLineFeeds(listText(field.name, field.items))}\n`;
    default: {
      const text = CLASSIC_START + classicLines(field.message, depth + 1) + CLASSIC_END;
      const substitute = String.fromCharCode(NESTED_SUBSTITUTES[depth] ?? 0);
      return `(${field.type})${field.name}=${text.replaceAll('\n', substitute)}\n`;
    }
  }
}

function replaceLineFeeds(value: string): string {
  return value.includes('\n') ? value.replaceAll('\n', LF_SUBSTITUTE) : value;
}
