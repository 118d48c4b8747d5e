/**
 * What stands on a disk that carries poison pills: the format of the program `sbd` 1.5 (heartbeat-admin.md 6.6, seen in
 * dumps of devices that it wrote). Numbers are big endian; a sector is the device's logical block.
 *
 *     sector 0        header
 *     sector 1 + 2n   owner of slot n:   u8 in use, name
 *     sector 2 + 2n   mailbox of slot n: u8 command, name of the sender
 *
 *     header   0        8     9      12        16         20         24      28       32      33
 *              SBD_SBD_ u8 2  slots  u32 size  watchdog   allocate   loop    msgwait  u8 1    uuid (16)
 */

/** Commands by the byte that stands for them. */
export const PILL_COMMANDS = ['clear', 'test', 'reset', 'off', 'exit', 'crashdump'] as const;

export type PillCommand = (typeof PILL_COMMANDS)[number];

/** Times are whole seconds, as on the disk. */
export interface PillHeader {
  readonly minorVersion: number;
  readonly slots: number;
  /** Bytes of a sector: 512 to 65536, a power of two. */
  readonly sectorBytes: number;
  readonly watchdogS: number;
  readonly allocateS: number;
  readonly loopS: number;
  readonly msgwaitS: number;
  /** 32 hex digits; a new one for each `create`. */
  readonly uuid: string;
}

export interface Mailbox {
  /** null: a byte that stands for nothing that is known. */
  readonly command: PillCommand | null;
  /** Name of the sender; empty in a cleared mailbox. */
  readonly from: string;
}

export type ReadPillHeader =
  | { readonly ok: true; readonly header: PillHeader }
  /** A whole sentence. */
  | { readonly ok: false; readonly reason: string };

export const PILL_VERSION = 2;
export const PILL_SLOTS = 255;
/** With its final NUL a name has 64 bytes. */
export const PILL_NAME_MAX_BYTES = 63;

const MAGIC = 'SBD_SBD_';
const SIZES_BYTES = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
const AT = { version: 8, slots: 9, size: 12, watchdog: 16, allocate: 20, loop: 24, msgwait: 28, minor: 32 };
const UUID_AT = 33;
const UUID_BYTES = 16;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The header, or why this is no disk of this kind. */
export function decodePillHeader(sector: Uint8Array): ReadPillHeader {
  if (sector.length < 512 || latin1(sector.subarray(0, MAGIC.length)) !== MAGIC)
    return {
      ok: false,
      reason: 'it has no header of sbd: "sbd -d DEV create" writes one, and overwrites it.',
    };
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
  const version = view.getUint8(AT.version);
  if (version !== PILL_VERSION)
    return { ok: false, reason: `its header has version ${version}; ${PILL_VERSION} is known here.` };
  const header: PillHeader = {
    minorVersion: view.getUint8(AT.minor),
    slots: view.getUint8(AT.slots),
    sectorBytes: view.getUint32(AT.size),
    watchdogS: view.getUint32(AT.watchdog),
    allocateS: view.getUint32(AT.allocate),
    loopS: view.getUint32(AT.loop),
    msgwaitS: view.getUint32(AT.msgwait),
    uuid: Buffer.from(sector.subarray(UUID_AT, UUID_AT + UUID_BYTES)).toString('hex'),
  };
  if (!SIZES_BYTES.includes(header.sectorBytes))
    return {
      ok: false,
      reason: `its header tells of sectors of ${header.sectorBytes} bytes, which none has.`,
    };
  if (header.slots === 0) return { ok: false, reason: 'its header tells of no slots.' };
  return { ok: true, header };
}

/** A whole sector. */
export function encodePillHeader(header: PillHeader): Uint8Array {
  const sector = new Uint8Array(header.sectorBytes);
  sector.set(Buffer.from(MAGIC, 'latin1'));
  const view = new DataView(sector.buffer);
  view.setUint8(AT.version, PILL_VERSION);
  view.setUint8(AT.slots, header.slots);
  view.setUint32(AT.size, header.sectorBytes);
  view.setUint32(AT.watchdog, header.watchdogS);
  view.setUint32(AT.allocate, header.allocateS);
  view.setUint32(AT.loop, header.loopS);
  view.setUint32(AT.msgwait, header.msgwaitS);
  view.setUint8(AT.minor, header.minorVersion);
  sector.set(Buffer.from(header.uuid, 'hex').subarray(0, UUID_BYTES), UUID_AT);
  return sector;
}

export const ownerSector = (slot: number): number => 1 + 2 * slot;
export const mailboxSector = (slot: number): number => 2 + 2 * slot;

/** Printable ASCII without blanks, 1 to 63 bytes: what can stand for a node. */
export function isPillName(name: string): boolean {
  return name.length <= PILL_NAME_MAX_BYTES && /^[\x21-\x7e]+$/.test(name);
}

/** The text before the first NUL; bytes that are not printable become '?'. */
function decodeName(sector: Uint8Array): string {
  const bytes = sector.subarray(1, 1 + PILL_NAME_MAX_BYTES);
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end)).replace(/[^\x20-\x7e]/g, '?');
}

function encodeRecord(sectorBytes: number, first: number, name: string): Uint8Array {
  const sector = new Uint8Array(sectorBytes);
  sector[0] = first;
  sector.set(Buffer.from(name, 'latin1').subarray(0, PILL_NAME_MAX_BYTES), 1);
  return sector;
}

/** Name of the node that has this slot; undefined: it is free. */
export function decodeOwner(sector: Uint8Array): string | undefined {
  return sector[0] === 0 ? undefined : decodeName(sector);
}

/** A whole sector; null frees the slot. */
export function encodeOwner(sectorBytes: number, name: string | null): Uint8Array {
  return name === null ? new Uint8Array(sectorBytes) : encodeRecord(sectorBytes, 1, name);
}

export function decodeMailbox(sector: Uint8Array): Mailbox {
  return { command: PILL_COMMANDS[sector[0] ?? 0] ?? null, from: decodeName(sector) };
}

/** A whole sector; a cleared one names nobody. */
export function encodeMailbox(sectorBytes: number, command: PillCommand, from: string): Uint8Array {
  if (command === 'clear') return new Uint8Array(sectorBytes);
  return encodeRecord(sectorBytes, PILL_COMMANDS.indexOf(command), from);
}

/** sbd compares names without regard to case. */
export function samePillName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** So many disks have to be read for a node to know that nobody wants it dead (1 of 1, 1 of 2, 2 of 3). */
export function disksToRead(disks: number): number {
  return disks > 2 ? Math.floor(disks / 2) + 1 : 1;
}

/** So many disks have to take a message for it to be read for certain (1 of 1, 2 of 2, 2 of 3). */
export function disksToWrite(disks: number): number {
  return Math.floor(disks / 2) + 1;
}
