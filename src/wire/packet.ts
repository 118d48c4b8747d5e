/**
 * Bytes to message. The order of work, so that strangers cost little:
 *
 *   size and first four bytes -> lengths or lines -> signature -> fields -> decompression -> fields of the inner message
 *   `-------- before authentication, nothing is built --------'   `------------ with the limits of reject.ts --------'
 *
 * Nothing here throws on any input.
 */
import type { AuthMethod, SignedSpan, Verifier } from './auth.js';
import { findClassicLayout, looksLikeClassic, parseClassicFields, splitClassic } from './classic.js';
import { inflateWrapper, isWrapper } from './compress.js';
import type { Field, Message } from './message.js';
import { findNetstringEnd, looksLikeNetstring, parseNetstringFields, splitNetstring } from './netstring.js';
import {
  MAX_AUTH_INDEX,
  MAX_INFLATED_BYTES,
  MAX_PACKET_BYTES,
  type MalformedReason,
  type Rejected,
  type RejectReason,
  rejected,
  type UnauthenticReason,
} from './reject.js';

export type PacketFormat = 'netstring' | 'classic';

/** An authentic packet. */
export interface Decoded {
  readonly ok: true;
  readonly format: PacketFormat;
  /** Without `auth`; of a compressed packet the inner message. A UUID field of a wrong length has been left out. */
  readonly message: Message;
  /** Index that the packet named. */
  readonly authIndex: number;
}

export type DecodeResult = Decoded | Rejected;

/** A message without signature. */
export type UnsignedResult =
  | { readonly ok: true; readonly format: PacketFormat; readonly message: Message }
  | Rejected<MalformedReason>;

/** What can be said about a packet even if its signature is wrong. */
export interface Inspected {
  readonly ok: true;
  readonly format: PacketFormat;
  readonly auth: {
    /** As named, 0..9999. */
    readonly index: number;
    /** Undefined when we have no key of that index. */
    readonly method: AuthMethod | undefined;
    /** Undefined when there is no key (or no verifier) to judge by. */
    readonly valid: boolean | undefined;
  };
  /** All fields as they travelled, `auth` included. */
  readonly fields: readonly Field[];
  /** All fields of the message inside a compressed packet. */
  readonly inner: readonly Field[] | undefined;
  /** Bytes after the packet's end, not counting one NUL. */
  readonly trailingBytes: number;
}

export type InspectResult = Inspected | Rejected<MalformedReason>;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function formatOf(bytes: Uint8Array): PacketFormat | undefined {
  if (looksLikeNetstring(bytes)) return 'netstring';
  return looksLikeClassic(bytes) ? 'classic' : undefined;
}

function parseFields(
  bytes: Buffer,
  format: PacketFormat,
  start: number,
  end: number,
): Field[] | MalformedReason {
  const all = bytes.toString('latin1', 0, end);
  const fields: Field[] = [];
  const problem =
    format === 'netstring'
      ? parseNetstringFields(bytes, all, start, end, 0, fields)
      : parseClassicFields(all, start, end, 0, fields);
  return problem ?? fields;
}

/** Node identities must be 16 bytes; anything else counts as absent (negative.json, robust-authentic-short-uuid). */
export function isUuidField(name: string): boolean {
  return name === 'srcuuid' || name === 'destuuid';
}

/** Takes out, in place, what the core must not see: `auth`, and UUIDs of a wrong length. */
function withoutWireFields(fields: Field[]): Message {
  let kept = 0;
  for (const field of fields) {
    const hidden =
      field.name === 'auth' || (field.type === 1 && isUuidField(field.name) && field.hex.length !== 32);
    if (!hidden) fields[kept++] = field;
  }
  fields.length = kept;
  return { fields };
}

function unauthentic(span: SignedSpan, bytes: Buffer, verifier: Verifier): UnauthenticReason | undefined {
  if (span.index > MAX_AUTH_INDEX) return 'auth-no-key';
  switch (verifier.verify(bytes, span)) {
    case 'valid':
      return undefined;
    case 'wrong':
      return 'auth-wrong';
    case 'no-key':
      return 'auth-no-key';
    case 'refused':
      return 'auth-method-refused';
  }
}

/**
 * Decodes one datagram, serial frame or echo payload and checks its signature; for the daemon and the simulator.
 * A packet that is both malformed and unauthentic is reported as unauthentic when its lengths can be followed. The
 * result holds no reference to `bytes`. Never throws.
 */
export function decodePacket(packet: Uint8Array, verifier: Verifier): DecodeResult {
  if (packet.length > MAX_PACKET_BYTES) return rejected('too-large');
  const bytes = asBuffer(packet);
  const format = formatOf(bytes);
  if (format === undefined) return rejected('unknown-format');
  const span = format === 'netstring' ? splitNetstring(bytes) : splitClassic(bytes);
  if (typeof span === 'string') return rejected(span);
  const refusal = unauthentic(span, bytes, verifier);
  if (refusal !== undefined) return rejected(refusal);
  const fields = parseFields(bytes, format, span.bodyStart, span.bodyEnd);
  if (typeof fields === 'string') return rejected(fields);
  let message = withoutWireFields(fields);
  if (isWrapper(message)) {
    const inner = unwrap(message);
    if (typeof inner === 'string') return rejected(inner);
    message = withoutWireFields(inner);
  }
  return { ok: true, format, message, authIndex: span.index };
}

/** The fields of the message inside a wrapper. */
function unwrap(wrapper: Message): Field[] | MalformedReason {
  const inflated = inflateWrapper(wrapper);
  if (!inflated.ok) return inflated.reason;
  const inner = parseUnsigned(inflated.bytes, MAX_INFLATED_BYTES);
  if (typeof inner === 'string') return inner;
  return isWrapper(inner) ? 'nested-compression' : inner.fields;
}

function parseUnsigned(
  bytes: Buffer,
  maxBytes: number,
): { readonly format: PacketFormat; readonly fields: Field[] } | MalformedReason {
  if (bytes.length > maxBytes) return 'too-large';
  const format = formatOf(bytes);
  if (format === undefined) return 'unknown-format';
  let bodyEnd: number | MalformedReason;
  if (format === 'netstring') {
    bodyEnd = findNetstringEnd(bytes, 4, bytes.length);
  } else {
    const layout = findClassicLayout(bytes);
    bodyEnd = typeof layout === 'string' ? layout : layout.bodyEnd;
  }
  if (typeof bodyEnd === 'string') return bodyEnd;
  const fields = parseFields(bytes, format, 4, bodyEnd);
  return typeof fields === 'string' ? fields : { format, fields };
}

/** Decodes a message that carries no signature: FIFO and API socket. An `auth` line is dropped unread. Never throws. */
export function decodeUnsigned(bytes: Uint8Array): UnsignedResult {
  const parsed = parseUnsigned(asBuffer(bytes), MAX_PACKET_BYTES);
  if (typeof parsed === 'string') return rejected(parsed);
  return { ok: true, format: parsed.format, message: withoutWireFields(parsed.fields) };
}

/** Decodes a packet whatever its signature is worth, for people who look at it (`heartbeat decode`). Never throws. */
export function inspectPacket(packet: Uint8Array, verifier: Verifier | undefined): InspectResult {
  if (packet.length > MAX_PACKET_BYTES) return rejected('too-large');
  const bytes = asBuffer(packet);
  const format = formatOf(bytes);
  if (format === undefined) return rejected('unknown-format');
  const span = format === 'netstring' ? splitNetstring(bytes) : splitClassic(bytes);
  if (typeof span === 'string') return rejected(malformedBefore(bytes, span));
  const fields = parseFields(bytes, format, span.bodyStart, span.bodyEnd);
  if (typeof fields === 'string') return rejected(fields);
  let inner: Field[] | undefined;
  if (isWrapper({ fields })) {
    const unwrapped = unwrap({ fields });
    if (typeof unwrapped === 'string') return rejected(unwrapped);
    inner = unwrapped;
  }
  const rest = bytes.subarray(span.packetEnd);
  return {
    ok: true,
    format,
    auth: judge(span, bytes, verifier),
    fields,
    inner,
    trailingBytes: rest.length - (rest[0] === 0 ? 1 : 0),
  };
}

/** When the auth is missing or unreadable, a fault in the fields before it says more. */
function malformedBefore(bytes: Buffer, reason: MalformedReason): MalformedReason {
  if (!reason.startsWith('auth-')) return reason;
  const parsed = parseUnsigned(bytes, MAX_PACKET_BYTES);
  return typeof parsed === 'string' ? parsed : reason;
}

function judge(span: SignedSpan, bytes: Buffer, verifier: Verifier | undefined): Inspected['auth'] {
  const { index } = span;
  if (verifier === undefined) return { index, method: undefined, valid: undefined };
  const verdict = verifier.verify(bytes, span);
  return {
    index,
    method: verifier.methodOf(index),
    valid: verdict === 'no-key' ? undefined : verdict === 'valid',
  };
}

/** All refusals that name a signature, for counting them apart from noise. */
export function isUnauthentic(reason: RejectReason): reason is UnauthenticReason {
  return reason === 'auth-wrong' || reason === 'auth-no-key' || reason === 'auth-method-refused';
}
