/**
 * Capture files of tcpdump.
 *
 *   pcap:    magic | version | zone | accuracy | snap length | link type   (24 bytes, either byte order)
 *            then per packet: seconds | fraction | captured length | real length | bytes
 *   pcapng:  blocks: type | length | body ... | length; section header, interface description, enhanced packet
 */

export interface CaptureRecord {
  /** 1-based, as tcpdump and Wireshark count. */
  readonly number: number;
  /** ISO 8601, or undefined where the file has no time. */
  readonly time: string | undefined;
  /** LINKTYPE_ value. */
  readonly linkType: number;
  readonly bytes: Buffer;
}

export interface Capture {
  readonly records: readonly CaptureRecord[];
  /** One sentence when the file could not be read to its end. */
  readonly problem?: string;
}

const PCAPNG_MAGIC = 0x0a0d0d0a;
const CUT_SHORT = 'The capture file ends in the middle of a packet; the packets before were read.';

/** Magic number (read as big-endian) to byte order and length of a fraction's unit. */
const PCAP_MAGICS: ReadonlyMap<number, { readonly littleEndian: boolean; readonly fractionsPerMs: number }> =
  new Map([
    [0xa1b2c3d4, { littleEndian: false, fractionsPerMs: 1000 }],
    [0xd4c3b2a1, { littleEndian: true, fractionsPerMs: 1000 }],
    [0xa1b23c4d, { littleEndian: false, fractionsPerMs: 1_000_000 }],
    [0x4d3cb2a1, { littleEndian: true, fractionsPerMs: 1_000_000 }],
  ]);

/** True when the first four bytes are those of a capture file. */
export function isCapture(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32BE(0);
  return magic === PCAPNG_MAGIC || PCAP_MAGICS.has(magic);
}

/** Reads a capture as far as it is sound. Never throws. */
export function readCapture(file: Buffer): Capture {
  if (file.length < 24) return { records: [], problem: 'The capture file is too short to be one.' };
  const magic = file.readUInt32BE(0);
  if (magic === PCAPNG_MAGIC) return readPcapng(file);
  const variant = PCAP_MAGICS.get(magic);
  if (variant === undefined) return { records: [], problem: 'The input is not a capture file of tcpdump.' };
  const u32 = reader(file, variant.littleEndian);
  const linkType = u32(20) & 0x0fffffff;
  const records: CaptureRecord[] = [];
  let pos = 24;
  while (pos < file.length) {
    if (pos + 16 > file.length) return { records, problem: CUT_SHORT };
    const length = u32(pos + 8);
    const end = pos + 16 + length;
    if (end > file.length) return { records, problem: CUT_SHORT };
    const time = isoTime(u32(pos) * 1000 + u32(pos + 4) / variant.fractionsPerMs);
    records.push({ number: records.length + 1, time, linkType, bytes: file.subarray(pos + 16, end) });
    pos = end;
  }
  return { records };
}

function reader(file: Buffer, littleEndian: boolean): (pos: number) => number {
  return (pos) => (littleEndian ? file.readUInt32LE(pos) : file.readUInt32BE(pos));
}

function isoTime(unixMs: number): string | undefined {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

interface Interface {
  readonly linkType: number;
  /** Time stamp units in a second: a power of ten or two, up to 2^127. */
  readonly unitsPerS: bigint;
}

function readPcapng(file: Buffer): Capture {
  const records: CaptureRecord[] = [];
  let interfaces: Interface[] = [];
  let littleEndian = true;
  let pos = 0;
  while (pos < file.length) {
    if (pos + 12 > file.length) return { records, problem: CUT_SHORT };
    const isSection = file.readUInt32BE(pos) === PCAPNG_MAGIC;
    if (isSection) {
      littleEndian = file.readUInt32LE(pos + 8) === 0x1a2b3c4d;
      interfaces = [];
    }
    const u32 = reader(file, littleEndian);
    const length = u32(pos + 4);
    if (length < 12 || length % 4 !== 0 || pos + length > file.length) return { records, problem: CUT_SHORT };
    const type = u32(pos);
    if (type === 1 && length >= 20) {
      const body = file.subarray(pos + 8, pos + length - 4);
      interfaces.push(readInterface(body, littleEndian));
    } else if ((type === 6 && length >= 32) || (type === 3 && length >= 16)) {
      const record = readPacketBlock(file.subarray(pos, pos + length), type, littleEndian, interfaces);
      if (record === undefined) return { records, problem: 'A packet block of the capture file is damaged.' };
      records.push({ number: records.length + 1, ...record });
    }
    pos += length;
  }
  return { records };
}

function readPacketBlock(
  block: Buffer,
  type: number,
  littleEndian: boolean,
  interfaces: readonly Interface[],
): Omit<CaptureRecord, 'number'> | undefined {
  const u32 = reader(block, littleEndian);
  const enhanced = type === 6;
  const from = interfaces[enhanced ? u32(8) : 0];
  const start = enhanced ? 28 : 12;
  const room = block.length - 4 - start;
  const captured = enhanced ? u32(20) : Math.min(u32(8), room);
  if (from === undefined || captured > room) return undefined;
  const bytes = block.subarray(start, start + captured);
  let time: string | undefined;
  if (enhanced) {
    const units = (BigInt(u32(12)) << 32n) | BigInt(u32(16));
    time = isoTime(Number((units * 1000n) / from.unitsPerS));
  }
  return { time, linkType: from.linkType, bytes };
}

/** Options: code (16) | length (16) | value, padded to four bytes. Code 9 is the resolution of time stamps. */
function readInterface(body: Buffer, littleEndian: boolean): Interface {
  const u16 = (pos: number): number => (littleEndian ? body.readUInt16LE(pos) : body.readUInt16BE(pos));
  const linkType = u16(0);
  let unitsPerS = 1_000_000n;
  let pos = 8;
  while (pos + 4 <= body.length) {
    const code = u16(pos);
    const length = u16(pos + 2);
    if (code === 0) break;
    const resolution = body[pos + 4];
    if (code === 9 && length === 1 && resolution !== undefined) {
      unitsPerS = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
    }
    pos += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType, unitsPerS };
}
