/**
 * Compressed messages (heartbeat-protocol.md 3.5). With `traditional_compression on` a peer wraps a large message:
 *
 *   ###  (1)_compressed_payload=<bytes>  (0)_compression_algorithm=zlib|bz2  %%%  outer auth
 *                               |
 *                               a whole message, netstring or classic, without outer auth
 *
 * Otherwise only single fields are compressed: type 5 becomes type 4, and the algorithm is named in the same field.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { bunzip2 } from './bunzip2.js';
import { ByteWriter } from './byte-writer.js';
import { binary, binaryOf, type Field, type Message, text, textOf } from './message.js';
import { writeNetstring } from './netstring.js';
import { MAX_COMPRESSED_BYTES, MAX_INFLATED_BYTES, type Rejected, rejected } from './reject.js';

const PAYLOAD_FIELD = '_compressed_payload';
const ALGORITHM_FIELD = '_compression_algorithm';

export type Inflated =
  | { readonly ok: true; readonly bytes: Buffer }
  | Rejected<'unsupported-compression' | 'bad-compression' | 'inflated-too-large'>;

/** True for a message that only wraps a compressed one. */
export function isWrapper(message: Message): boolean {
  return binaryOf(message, PAYLOAD_FIELD) !== undefined;
}

/** The bytes of the message inside a wrapper. Bounded by MAX_COMPRESSED_BYTES and MAX_INFLATED_BYTES. */
export function inflateWrapper(message: Message): Inflated {
  return inflate(binaryOf(message, PAYLOAD_FIELD) ?? '', textOf(message, ALGORITHM_FIELD));
}

/** Decompresses `hex` with the algorithm of that name ("zlib" or "bz2"). Never throws. */
export function inflate(hex: string, algorithm: string | undefined): Inflated {
  if (algorithm !== 'zlib' && algorithm !== 'bz2') return rejected('unsupported-compression');
  if (hex.length / 2 > MAX_COMPRESSED_BYTES) return rejected('bad-compression');
  const compressed = Buffer.from(hex, 'hex');
  if (algorithm === 'bz2') return bunzip2(compressed, MAX_INFLATED_BYTES);
  try {
    return { ok: true, bytes: inflateSync(compressed, { maxOutputLength: MAX_INFLATED_BYTES }) };
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return rejected(tooLarge ? 'inflated-too-large' : 'bad-compression');
  }
}

/** Wraps a whole message as `traditional_compression on` with `compression zlib` does. */
export function wrapCompressed(message: Message): Message {
  return {
    fields: [binary(PAYLOAD_FIELD, deflate(message)), text(ALGORITHM_FIELD, 'zlib')],
  };
}

function deflate(message: Message): string {
  const out = new ByteWriter();
  writeNetstring(out, message);
  const length = out.flush();
  return deflateSync(out.view.subarray(0, length)).toString('hex');
}

/** Replaces each field of type 5 by its compressed form (type 4) and names the algorithm. */
export function compressFields(message: Message): Message {
  if (!message.fields.some((field) => field.type === 5)) return message;
  const fields: Field[] = message.fields.map((field) =>
    field.type === 5 ? { name: field.name, type: 4, hex: deflate(field.message) } : field,
  );
  return { fields: [...fields, text(ALGORITHM_FIELD, 'zlib')] };
}
