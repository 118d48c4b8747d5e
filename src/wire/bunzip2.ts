/**
 * Decompresses the bzip2 file format, which Heartbeat peers with `compression bz2` use for large messages
 * (heartbeat-protocol.md 3.5):
 *
 *   "BZh" level | block ... | 0x177245385090 | CRC of all blocks (32 bits) | padding
 *
 *   block: 0x314159265359 | CRC (32) | randomised (1) | origin (24) | symbols in use (16 + 16 * n)
 *          | tables (3) | selectors (15) | selector list | code lengths | Huffman codes of run lengths and
 *          move-to-front positions
 *
 * Undone in this order: Huffman, move-to-front with run lengths, Burrows-Wheeler, first run-length stage.
 */
import { crcUpdate } from './crc.js';

/** The stream breaks a rule of the format; caught in `bunzip2`. */
class BadStream extends Error {}

/** The output is longer than the caller allows; caught in `bunzip2`. */
class TooLong extends Error {}

export type BunzipResult =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: 'bad-compression' | 'inflated-too-large' };

/** Decompresses the first bzip2 stream in `input`. Never throws. `maxBytes` bounds the output. */
export function bunzip2(input: Uint8Array, maxBytes: number): BunzipResult {
  try {
    return { ok: true, bytes: decompress(new BitReader(input), maxBytes) };
  } catch (error) {
    if (error instanceof BadStream) return { ok: false, reason: 'bad-compression' };
    if (error instanceof TooLong) return { ok: false, reason: 'inflated-too-large' };
    throw error;
  }
}

function check(condition: boolean): asserts condition {
  if (!condition) throw new BadStream();
}

class BitReader {
  #byte = 0;
  #bits = 0;
  #held = 0;

  constructor(private readonly input: Uint8Array) {}

  /** Up to 24 bits, most significant first. */
  read(count: number): number {
    while (this.#held < count) {
      const next = this.input[this.#byte];
      check(next !== undefined);
      this.#bits = ((this.#bits << 8) | next) >>> 0;
      this.#byte++;
      this.#held += 8;
    }
    this.#held -= count;
    const value = (this.#bits >>> this.#held) & ((1 << count) - 1);
    this.#bits &= (1 << this.#held) - 1;
    return value;
  }

  read32(): number {
    return ((this.read(16) << 16) | this.read(16)) >>> 0;
  }
}

function decompress(bits: BitReader, maxBytes: number): Buffer {
  check(bits.read(24) === 0x425a68);
  const level = bits.read(8) - 0x30;
  check(level >= 1 && level <= 9);
  const blockLimit = level * 100_000;
  const output = new Output(maxBytes);
  let combined = 0;
  for (;;) {
    const magic = [bits.read(24), bits.read(24)];
    if (magic[0] === 0x177245 && magic[1] === 0x385090) break;
    check(magic[0] === 0x314159 && magic[1] === 0x265359);
    const expected = bits.read32();
    check(bits.read(1) === 0);
    const origin = bits.read(24);
    const block = readBlock(bits, blockLimit);
    const blockStart = output.length;
    undoBlock(block.bytes, block.counts, origin, output);
    const actual = ~crcUpdate(0xffffffff, output.view, blockStart, output.length) >>> 0;
    check(actual === expected);
    combined = (((combined << 1) | (combined >>> 31)) ^ expected) >>> 0;
  }
  check(bits.read32() === combined);
  return output.finish();
}

/** Grows as needed up to a limit. */
class Output {
  view = Buffer.alloc(64 * 1024);
  length = 0;

  constructor(private readonly limit: number) {}

  push(byte: number): void {
    if (this.length >= this.limit) throw new TooLong();
    if (this.length === this.view.length) this.view = Buffer.concat([this.view], this.view.length * 2);
    this.view[this.length++] = byte;
  }

  finish(): Buffer {
    return Buffer.from(this.view.subarray(0, this.length));
  }
}

interface Block {
  readonly bytes: Uint8Array;
  /** How often each byte value occurs. */
  readonly counts: Uint32Array;
}

function readSymbols(bits: BitReader): number[] {
  const groups = bits.read(16);
  const symbols: number[] = [];
  for (let group = 0; group < 16; group++) {
    if ((groups & (0x8000 >>> group)) === 0) continue;
    const used = bits.read(16);
    for (let i = 0; i < 16; i++) {
      if ((used & (0x8000 >>> i)) !== 0) symbols.push(group * 16 + i);
    }
  }
  check(symbols.length > 0);
  return symbols;
}

/** Moves the entry at `index` to the front and returns it. */
function moveToFront(list: number[], index: number): number {
  const [value] = list.splice(index, 1);
  check(value !== undefined);
  list.unshift(value);
  return value;
}

function readSelectors(bits: BitReader, tableCount: number): number[] {
  const selectorCount = bits.read(15);
  check(selectorCount >= 1);
  const order = Array.from({ length: tableCount }, (_, i) => i);
  const selectors: number[] = [];
  for (let i = 0; i < selectorCount; i++) {
    let steps = 0;
    while (bits.read(1) === 1) {
      steps++;
      check(steps < tableCount);
    }
    selectors.push(moveToFront(order, steps));
  }
  return selectors;
}

/** A canonical Huffman code, read bit by bit. */
class HuffmanTable {
  readonly #symbols: number[] = [];
  readonly #countByLength = new Uint16Array(21);

  constructor(lengths: readonly number[]) {
    for (let length = 1; length <= 20; length++) {
      lengths.forEach((symbolLength, symbol) => {
        if (symbolLength === length) this.#symbols.push(symbol);
      });
      this.#countByLength[length] = lengths.filter((symbolLength) => symbolLength === length).length;
    }
  }

  read(bits: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= 20; length++) {
      code |= bits.read(1);
      const count = this.#countByLength[length] ?? 0;
      if (code - first < count) return this.#symbols[index + code - first] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new BadStream();
  }
}

function readTable(bits: BitReader, alphabetSize: number): HuffmanTable {
  let length = bits.read(5);
  const lengths: number[] = [];
  for (let i = 0; i < alphabetSize; i++) {
    for (;;) {
      check(length >= 1 && length <= 20);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths.push(length);
  }
  return new HuffmanTable(lengths);
}

/** Undoes Huffman coding, run lengths of zeros, and move-to-front. */
function readBlock(bits: BitReader, blockLimit: number): Block {
  const recent = readSymbols(bits);
  const endOfBlock = recent.length + 1;
  const tableCount = bits.read(3);
  check(tableCount >= 2 && tableCount <= 6);
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(bits, endOfBlock + 1));
  const bytes = new Uint8Array(blockLimit);
  const counts = new Uint32Array(256);
  let length = 0;
  let runLength = 0;
  let runBit = 1;
  for (let read = 0; ; read++) {
    const table = tables[selectors[Math.floor(read / 50)] ?? -1];
    check(table !== undefined);
    const symbol = table.read(bits);
    if (symbol <= 1) {
      // Digits 1 and 2 of a number in bijective base two, least significant first.
      runLength += runBit << symbol;
      runBit *= 2;
      check(runLength <= blockLimit);
      continue;
    }
    if (runLength > 0) {
      const byte = recent[0] ?? 0;
      check(length + runLength <= blockLimit);
      bytes.fill(byte, length, length + runLength);
      counts[byte] = (counts[byte] ?? 0) + runLength;
      length += runLength;
      runLength = 0;
      runBit = 1;
    }
    if (symbol === endOfBlock) return { bytes: bytes.subarray(0, length), counts };
    const byte = moveToFront(recent, symbol - 1);
    check(length < blockLimit);
    bytes[length++] = byte;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}

/** Undoes the Burrows-Wheeler transform and the first run-length stage (four equal bytes, then a count). */
function undoBlock(last: Uint8Array, counts: Uint32Array, origin: number, output: Output): void {
  check(origin < last.length);
  const next = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) next[byte] = (next[byte - 1] ?? 0) + (counts[byte - 1] ?? 0);
  const successor = new Uint32Array(last.length);
  last.forEach((byte, i) => {
    const row = next[byte] ?? 0;
    successor[row] = i;
    next[byte] = row + 1;
  });
  let row = successor[origin] ?? 0;
  let equal = 0;
  let previous = -1;
  for (let i = 0; i < last.length; i++) {
    const byte = last[row] ?? 0;
    row = successor[row] ?? 0;
    if (equal === 4) {
      for (let repeat = 0; repeat < byte; repeat++) output.push(previous);
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    output.push(byte);
  }
}
