/** A tar archive (POSIX.1-1988 ustar) of files in memory. */

export interface TarEntry {
  /** Path in the archive, at most 100 ASCII characters. */
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;
const NAME_MAX = 100;

/** The archive's bytes; files are 0600 and root's. Throws when a name is too long. */
export function tarOf(entries: readonly TarEntry[], nowS: number): Buffer {
  const parts = entries.flatMap(({ name, content }) => [
    header(name, content.length, nowS),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number, nowS: number): Buffer {
  if (Buffer.byteLength(name) > NAME_MAX)
    throw new RangeError(`the name ${name} is too long for the archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, '0');
  block.write(name, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(nowS, 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257, 'latin1');
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\u0000 `, 148, 'latin1');
  return block;
}
