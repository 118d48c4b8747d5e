/** Packets given as lines of hexadecimal digits. */
import { MAX_PACKET_BYTES } from '../wire/reject.js';

/** Room for a packet of the largest size with a separator after each byte; longer lines are cut and refused. */
const MAX_LINE_CHARS = MAX_PACKET_BYTES * 3 + 16;

/** Splits into lines with bounded memory. The part of a line beyond the limit is dropped, so that it is refused. */
export async function* splitLines(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let line = '';
  const take = function* (chunk: Buffer): Generator<string> {
    const parts = chunk.toString('latin1').split('\n');
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        yield line;
        line = '';
      }
      line += part.slice(0, Math.max(0, MAX_LINE_CHARS + 1 - line.length));
    }
  };
  yield* take(head);
  for await (const chunk of rest) yield* take(chunk);
  if (line !== '') yield line;
}

/**
 * The bytes of one line; blanks and colons between digits are allowed. Undefined for an empty line or a comment (#),
 * a reason code for anything else.
 */
export function bytesOfHexLine(line: string): Buffer | 'not-hex' | 'too-large' | undefined {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  if (line.length > MAX_LINE_CHARS) return 'too-large';
  const digits = trimmed.replaceAll(/[\s:]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(digits)) return 'not-hex';
  return Buffer.from(digits, 'hex');
}
