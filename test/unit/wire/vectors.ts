/** The captured packets of test/fixtures/vectors, typed. */
import { readFileSync } from 'node:fs';
import type { AuthKey, AuthKeys } from '../../../src/config/types.js';
import { fixture } from '../../support/root.js';

export interface VectorField {
  readonly name: string;
  readonly type: number;
  readonly value?: string;
  readonly hex?: string;
}

interface Tag {
  readonly string: string;
  readonly index: number;
  readonly token: string;
}

export interface PositiveVector {
  readonly id: string;
  readonly format: 'netstring' | 'classic';
  readonly hex: string;
  readonly auth: { readonly method: AuthKey['method']; readonly effective_key: string };
  readonly fields: readonly VectorField[];
  readonly outer_auth?: Tag & { readonly covered_bytes: readonly [number, number] };
  readonly inner_auth_field?: { readonly string: string; readonly covered_hex: string };
  readonly auth_field?: Tag & { readonly covered_hex: string };
  readonly decompressed_hex?: string;
  readonly decompressed_fields?: readonly VectorField[];
}

export interface NegativeVector {
  readonly id: string;
  readonly hex: string;
  readonly expected: string;
  readonly auth: { readonly method: AuthKey['method']; readonly key: string; readonly index: number };
}

interface HmacPrimitive {
  readonly key: string;
  readonly data_hex: string;
  readonly token: string;
}

export interface Primitives {
  readonly crc: readonly { readonly data_hex: string; readonly token: string }[];
  readonly md5: readonly HmacPrimitive[];
  readonly sha1: readonly HmacPrimitive[];
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(fixture('vectors', name), 'utf8')) as T;
}

export const positive = load<{ vectors: PositiveVector[] }>('positive.json').vectors;
export const negative = load<{ vectors: NegativeVector[] }>('negative.json').vectors;
export const primitives = load<Primitives>('primitives.json');

/** authkeys with one key. */
export function oneKey(method: AuthKey['method'], key: string, index = 1): AuthKeys {
  return { activeIndex: index, keys: [{ index, method, key }] };
}

/** The keys that a vector was signed with. */
export function keysOf(vector: PositiveVector): AuthKeys {
  const index = (vector.outer_auth ?? vector.auth_field)?.index ?? 0;
  return oneKey(vector.auth.method, vector.auth.effective_key, index);
}

/** The bytes that the token of a vector covers, by its own account. */
export function coveredOf(vector: PositiveVector): Buffer {
  const bytes = Buffer.from(vector.hex, 'hex');
  if (vector.outer_auth !== undefined) return bytes.subarray(...vector.outer_auth.covered_bytes);
  return Buffer.from(vector.auth_field?.covered_hex ?? '', 'hex');
}
