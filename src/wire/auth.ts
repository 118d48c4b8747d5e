/**
 * Signatures of packets (heartbeat-protocol.md 4). A packet names the index of a key and carries a token:
 *
 *   1 4760e0c086fdc2c0967e01ec700ba2201e9e75c3
 *   |                     |
 *   index 0..15           lower-case hex: HMAC of the covered bytes, or their CRC without leading zeros
 *
 * Which key is tried:
 *  1. The key that the index names, with that index's method. So a key change is seamless: install the new key
 *     beside the old one on every node, then switch the active index node by node.
 *  2. If that fails, our active key with the named index's method. Heartbeat 3.0.6 always takes its own active key
 *     (4.4), so this accepts whatever 3.0.6 in our place would accept. It needs knowledge of a key of ours.
 *
 * Policy (section 18): an index of method crc is accepted only where crc is our active method. Otherwise a stray crc
 * line in authkeys would let anybody on the segment forge packets by naming its index.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { AuthKey, AuthKeys } from '../config/types.js';
import { invariant } from '../errors/assert.js';
import { crcToken, crcUpdate } from './crc.js';

export type AuthMethod = AuthKey['method'];

/** Where things are in a packet's bytes. Offsets; `...End` is the offset after the last byte. */
export interface SignedSpan {
  /** The fields. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** The bytes that the token covers: [coveredStart, coveredEnd) without [gapStart, gapEnd). */
  readonly coveredStart: number;
  readonly coveredEnd: number;
  readonly gapStart: number;
  readonly gapEnd: number;
  /** The index as named, any non-negative number of up to four digits. */
  readonly index: number;
  readonly tokenStart: number;
  readonly tokenEnd: number;
  /** First byte after the whole packet; what follows is ignored. */
  readonly packetEnd: number;
}

export type AuthVerdict =
  | 'valid'
  /** No key fits. */
  | 'wrong'
  /** No key with that index. */
  | 'no-key'
  /** crc is named but not our active method. */
  | 'refused';

export interface Signer {
  readonly index: number;
  readonly method: AuthMethod;
  /** "INDEX TOKEN" over bytes[start..end). */
  sign(bytes: Buffer, start: number, end: number): string;
}

export interface Verifier {
  /** Judges a packet's token. Constant time in the token's content. */
  verify(bytes: Buffer, span: SignedSpan): AuthVerdict;
  /** Method of that index in our authkeys, or undefined. */
  methodOf(index: number): AuthMethod | undefined;
  /** Method that we sign with. */
  readonly activeMethod: AuthMethod;
}

export interface VerifierOptions {
  /** Judge crc tokens even where crc is not active. For looking at packets (`heartbeat decode`), never for a node. */
  readonly judgeAnyCrc?: boolean;
}

interface PreparedKey {
  readonly index: number;
  readonly method: AuthMethod;
  /** Undefined for crc. */
  readonly secret: KeyObject | undefined;
}

function prepare(key: AuthKey): PreparedKey {
  const secret = key.method === 'crc' ? undefined : createSecretKey(Buffer.from(key.key, 'latin1'));
  return { index: key.index, method: key.method, secret };
}

function activeKeyOf(keys: AuthKeys): AuthKey {
  const active = keys.keys.find((key) => key.index === keys.activeIndex);
  invariant(active !== undefined, `authkeys has no key of the active index ${keys.activeIndex}`);
  return active;
}

/** Token over [start, end) without [gapStart, gapEnd), or undefined when an HMAC method lacks its secret. */
function token(
  method: AuthMethod,
  secret: KeyObject | undefined,
  bytes: Buffer,
  start: number,
  end: number,
  gapStart: number,
  gapEnd: number,
): string | undefined {
  const whole = gapStart === gapEnd;
  if (method === 'crc') {
    const first = crcUpdate(0, bytes, start, whole ? end : gapStart);
    return crcToken(whole ? first : crcUpdate(first, bytes, gapEnd, end));
  }
  if (secret === undefined) return undefined;
  const hmac = createHmac(method, secret);
  if (whole) return hmac.update(bytes.subarray(start, end)).digest('hex');
  return hmac.update(bytes.subarray(start, gapStart)).update(bytes.subarray(gapEnd, end)).digest('hex');
}

/** Signs with the active key. The active index must name one of the keys (the configuration checks that). */
export function createSigner(keys: AuthKeys): Signer {
  const active = prepare(activeKeyOf(keys));
  const prefix = `${active.index} `;
  return {
    index: active.index,
    method: active.method,
    sign(bytes, start, end) {
      const result = token(active.method, active.secret, bytes, start, end, 0, 0);
      invariant(result !== undefined, 'the active key has no secret');
      return prefix + result;
    },
  };
}

/** The longest token: SHA-512 in hex. */
const MAX_TOKEN_BYTES = 128;

class KeyRing implements Verifier {
  readonly activeMethod: AuthMethod;
  readonly #byIndex = new Map<number, PreparedKey>();
  readonly #active: PreparedKey;
  /** Indices whose key text equals the active one: trying the active key again would be in vain. */
  readonly #sameSecret = new Set<number>();
  readonly #judgeAnyCrc: boolean;
  readonly #expected = Buffer.alloc(MAX_TOKEN_BYTES);

  constructor(keys: AuthKeys, options: VerifierOptions) {
    const active = activeKeyOf(keys);
    this.#active = prepare(active);
    this.activeMethod = active.method;
    this.#judgeAnyCrc = options.judgeAnyCrc ?? false;
    for (const key of keys.keys) {
      this.#byIndex.set(key.index, prepare(key));
      if (key.key === active.key) this.#sameSecret.add(key.index);
    }
  }

  methodOf(index: number): AuthMethod | undefined {
    return this.#byIndex.get(index)?.method;
  }

  verify(bytes: Buffer, span: SignedSpan): AuthVerdict {
    const named = this.#byIndex.get(span.index);
    if (named === undefined) return 'no-key';
    if (named.method === 'crc' && this.activeMethod !== 'crc' && !this.#judgeAnyCrc) return 'refused';
    if (this.#matches(named.method, named.secret, bytes, span)) return 'valid';
    if (named.method === 'crc' || this.#sameSecret.has(named.index)) return 'wrong';
    return this.#matches(named.method, this.#active.secret, bytes, span) ? 'valid' : 'wrong';
  }

  #matches(method: AuthMethod, secret: KeyObject | undefined, bytes: Buffer, span: SignedSpan): boolean {
    const { coveredStart, coveredEnd, gapStart, gapEnd, tokenStart, tokenEnd } = span;
    const expected = token(method, secret, bytes, coveredStart, coveredEnd, gapStart, gapEnd);
    if (expected === undefined || expected.length !== tokenEnd - tokenStart) return false;
    this.#expected.write(expected, 'latin1');
    return timingSafeEqual(this.#expected.subarray(0, expected.length), bytes.subarray(tokenStart, tokenEnd));
  }
}

/** Checks with all keys of `keys` by the rules at the top of this file. The keys are prepared once, here. */
export function createVerifier(keys: AuthKeys, options: VerifierOptions = {}): Verifier {
  return new KeyRing(keys, options);
}

/**
 * Reads "INDEX TOKEN" in bytes[start..end): the offsets of the token, or undefined when it is not of that form.
 * The token's characters are not judged here: a wrong one does not match.
 */
export function readAuthTag(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly index: number; readonly tokenStart: number } | undefined {
  let index = 0;
  let pos = start;
  for (; pos < end && pos - start < 4; pos++) {
    const digit = (bytes[pos] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    index = index * 10 + digit;
  }
  const digits = pos - start;
  if (digits === 0 || (digits > 1 && bytes[start] === 0x30)) return undefined;
  if (bytes[pos] !== 0x20) return undefined;
  const tokenStart = pos + 1;
  if (tokenStart >= end || end - tokenStart > MAX_TOKEN_BYTES) return undefined;
  return { index, tokenStart };
}
