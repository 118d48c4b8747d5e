/**
 * Seeded random and mutated datagrams against everything that parses bytes from the wire. Two rules are checked:
 * nothing throws, and no packet is accepted unless its covered bytes are those that somebody with the key has signed.
 * Covered bytes are found here without help of the code under test.
 */
import { createHmac } from 'node:crypto';
import { createVerifier, type Verifier } from '../../src/wire/auth.js';
import { parseExtra } from '../../src/wire/extra-codec.js';
import { decodePacket, decodeUnsigned, inspectPacket } from '../../src/wire/packet.js';
import { createSerialFramer } from '../../src/wire/serial-framer.js';
import { coveredOf, keysOf, type PositiveVector, positive } from '../unit/wire/vectors.js';

export interface FuzzSummary {
  readonly datagrams: number;
  /** Accepted by `decodePacket`: only auth, trailing bytes or nothing had changed. */
  readonly accepted: number;
  /** Structurally sound for `inspectPacket`. */
  readonly sound: number;
  /** Refusals of `decodePacket` by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export class FuzzFailure extends Error {}

/** mulberry32: 32 bits of state, good enough to choose mutations, the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0..2^32-1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0..limit-1 */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

interface Specimen {
  readonly vector: PositiveVector;
  readonly bytes: Buffer;
  readonly covered: Buffer;
  readonly verifier: Verifier;
  readonly key: string;
}

const SPECIMENS: readonly Specimen[] = positive.map((vector) => ({
  vector,
  bytes: Buffer.from(vector.hex, 'hex'),
  covered: coveredOf(vector),
  verifier: createVerifier(keysOf(vector)),
  key: vector.auth.effective_key,
}));

/** What somebody with each key has signed, as latin1 text. */
const SIGNED = new Map<string, Set<string>>();
for (const { key, covered } of SPECIMENS) {
  const known = SIGNED.get(key) ?? new Set();
  SIGNED.set(key, known.add(covered.toString('latin1')));
}

/** Characters that mean something to the parsers. */
const MEANINGFUL = Buffer.from('\0\n\r\x13\x14(),:=#%<>0123456789af \x80\xff', 'latin1');

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = random.next() & 0xff;
  return bytes;
}

function splice(bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(Math.min(bytes.length, at + remove))]);
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const changed = Buffer.from(bytes);
  switch (random.below(9)) {
    case 0:
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    case 1:
      if (at < changed.length) changed[at] = random.pick([...MEANINGFUL]);
      return changed;
    case 2:
      return splice(bytes, at, 0, Buffer.of(random.pick([...MEANINGFUL])));
    case 3:
      return splice(bytes, at, 1 + random.below(8), Buffer.alloc(0));
    case 4:
      return bytes.subarray(0, at);
    case 5: {
      const from = random.below(bytes.length + 1);
      return splice(bytes, at, 0, bytes.subarray(from, from + random.below(60)));
    }
    case 6: {
      const other = random.pick(SPECIMENS).bytes;
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length))]);
    }
    case 7: {
      const number = String(random.pick([0, 1, 9, 10, 255, 65_535, 262_144, 2 ** 31, 2 ** 32, 2 ** 53]));
      return splice(bytes, at, random.below(4), Buffer.from(number));
    }
    default:
      return splice(bytes, at, random.below(4), randomBytes(random, random.below(5)));
  }
}

/** A netstring message whose lengths are right but whose fields are not, so that the parser behind them is reached. */
function rightLengths(random: Random, specimen: Specimen): Buffer {
  const parts: Uint8Array[] = [Buffer.from('###\n')];
  for (const field of specimen.vector.fields) {
    const value = field.value ?? field.hex ?? '';
    let content = Buffer.from(`(${field.type})${field.name}=${value}`, 'latin1');
    if (random.below(6) === 0) content = Buffer.from(mutateOnce(random, content));
    parts.push(Buffer.from(`${content.length}:`), content, Buffer.from(','));
  }
  return Buffer.concat([...parts, Buffer.from('%%%\n')]);
}

/** A netstring packet signed with the right key over whatever its bytes are: reaches the parser behind the check. */
function signedAnew(specimen: Specimen, bytes: Buffer): Buffer | undefined {
  const end = bytes.lastIndexOf('%%%\n');
  const { index } = specimen.vector.outer_auth ?? { index: 0 };
  const { method } = specimen.vector.auth;
  if (specimen.vector.outer_auth === undefined || method === 'crc' || end === -1) return undefined;
  const body = bytes.subarray(0, end + 4);
  const tag = `${index} ${createHmac(method, specimen.key).update(body).digest('hex')}`;
  return Buffer.concat([body, Buffer.from(`${tag.length}:${tag},`)]);
}

/** The covered bytes of a packet as text, by the rules of heartbeat-protocol.md 4.3, for one of the signed texts. */
function coversSignedBytes(bytes: Buffer, key: string): boolean {
  const text = bytes.toString('latin1');
  const signed = SIGNED.get(key) ?? new Set();
  if (text.startsWith('###\n')) return [...signed].some((covered) => text.startsWith(covered));
  const lines = text.split('\n').slice(1);
  const end = lines.findIndex((line) => line.startsWith('<<<'));
  const covered = lines.slice(0, end).filter((line) => !line.startsWith('auth='));
  return signed.has(covered.map((line) => `${line}\n`).join(''));
}

/** Runs `count` datagrams from `seed`; throws FuzzFailure with everything needed to repeat what went wrong. */
export function fuzzWire(count: number, seed: number): FuzzSummary {
  const random = new Random(seed);
  const framer = createSerialFramer();
  const refused: Record<string, number> = {};
  let accepted = 0;
  let sound = 0;
  for (let i = 0; i < count; i++) {
    const specimen = random.pick(SPECIMENS);
    let bytes = specimen.bytes;
    const kind = random.below(20);
    let signedHere = false;
    if (kind === 0) {
      bytes = randomBytes(random, random.below(400));
    } else if (kind === 1) {
      const marker = Buffer.from(random.pick(['###\n', '>>>\n']));
      bytes = Buffer.concat([marker, randomBytes(random, random.below(200))]);
    } else if (kind === 2) {
      const body = rightLengths(random, specimen);
      bytes = signedAnew(specimen, body) ?? body;
      signedHere = true;
      decodeUnsigned(mutateOnce(random, body));
    } else {
      for (let left = 1 + random.below(3); left > 0; left--) bytes = mutateOnce(random, bytes);
    }
    try {
      const result = decodePacket(bytes, specimen.verifier);
      if (result.ok) {
        accepted++;
        if (!signedHere && specimen.vector.auth.method !== 'crc' && !coversSignedBytes(bytes, specimen.key)) {
          throw new FuzzFailure('a packet was accepted whose covered bytes nobody signed');
        }
      } else {
        refused[result.reason] = (refused[result.reason] ?? 0) + 1;
      }
      if (inspectPacket(bytes, specimen.verifier).ok) sound++;
      decodeUnsigned(bytes);
      for (const frame of framer.feed(bytes)) decodePacket(frame, specimen.verifier);
      const resigned = signedAnew(specimen, bytes);
      if (resigned !== undefined) decodePacket(resigned, specimen.verifier);
      if ((i & 15) === 0) parseExtra(bytes.toString('latin1'));
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new FuzzFailure(`seed ${seed}, datagram ${i}: ${what}; bytes ${bytes.toString('hex')}`, {
        cause: error,
      });
    }
  }
  return { datagrams: count, accepted, sound, refused };
}
