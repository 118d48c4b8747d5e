/** What is done to a disk with poison pills, one call at a time. Everything may hang as long as the disk does. */
import { type BlockDevice, openBlockDevice } from '../../system/block-device.js';
import {
  decodeMailbox,
  decodeOwner,
  decodePillHeader,
  encodeMailbox,
  encodeOwner,
  encodePillHeader,
  isPillName,
  type Mailbox,
  mailboxSector,
  ownerSector,
  type PillCommand,
  type PillHeader,
  samePillName,
} from '../../wire/sbd.js';

/** A mistake or a failure of the disk; `message` is a whole sentence. */
export class PillDiskError extends Error {
  override readonly name = 'PillDiskError';
}

export interface Slot {
  readonly number: number;
  readonly name: string;
  readonly mailbox: Mailbox;
}

export interface PillDisk {
  readonly path: string;
  readonly header: PillHeader;
  /** All that are in use. */
  slots(): Slot[];
  /** Number of the slot of this node; undefined: it has none. */
  find(name: string): number | undefined;
  /** The present content of one slot, and whether the header still has our `uuid`. Throws when it is another disk now. */
  look(slot: number): { readonly name: string | undefined; readonly mailbox: Mailbox };
  /** Writes into the mailbox and reads it back. */
  post(slot: number, command: PillCommand, from: string): void;
  /** Writes the name as owner. */
  own(slot: number, name: string): void;
  close(): void;
}

/** Opens a disk and reads its header. Throws PillDiskError. */
export function openPillDisk(path: string): PillDisk {
  const device = guarded(path, () => openBlockDevice(path));
  try {
    return guarded(path, () => disk(device));
  } catch (error) {
    device.close();
    throw error;
  }
}

/** Writes a new header and empty slots: whatever stood there is gone. Throws PillDiskError. */
export function createPillDisk(path: string, header: Omit<PillHeader, 'sectorBytes'>): void {
  guarded(path, () => {
    const device = openBlockDevice(path);
    try {
      const { sectorBytes } = device;
      const empty = encodeOwner(sectorBytes, null);
      // The header comes last: a disk that is half written is none.
      for (let sector = 0; sector <= mailboxSector(header.slots - 1); sector += 1)
        device.write(sector, empty);
      device.write(0, encodePillHeader({ ...header, sectorBytes }));
    } finally {
      device.close();
    }
  });
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PillDiskError) throw error;
    throw new PillDiskError(`${path}: ${sentenceOf(error)}`);
  }
}

function sentenceOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENXIO') return 'there is no such disk.';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be opened: run this as root.';
  if (code === 'EIO') return 'the disk cannot be read or written (EIO).';
  return `${message}.`;
}

function headerOf(device: BlockDevice): PillHeader {
  const read = decodePillHeader(device.read(0));
  if (!read.ok) throw new PillDiskError(`${device.path}: ${read.reason}`);
  if (read.header.sectorBytes !== device.sectorBytes) {
    const { sectorBytes } = read.header;
    throw new PillDiskError(
      `${device.path}: its header is for sectors of ${sectorBytes} bytes, the disk has ${device.sectorBytes}.`,
    );
  }
  return read.header;
}

function disk(device: BlockDevice): PillDisk {
  const { path, sectorBytes } = device;
  const header = headerOf(device);

  const lookAt = (slot: number): { name: string | undefined; mailbox: Mailbox } => {
    const both = device.read(ownerSector(slot), 2);
    return {
      name: decodeOwner(both.subarray(0, sectorBytes)),
      mailbox: decodeMailbox(both.subarray(sectorBytes)),
    };
  };
  const slots = (): Slot[] => {
    const found: Slot[] = [];
    for (let number = 0; number < header.slots; number += 1) {
      const { name, mailbox } = lookAt(number);
      if (name !== undefined) found.push({ number, name, mailbox });
    }
    return found;
  };
  return {
    path,
    header,
    slots: () => guarded(path, slots),
    find: (name) => guarded(path, () => slots().find((slot) => samePillName(slot.name, name))?.number),
    look: (slot) =>
      guarded(path, () => {
        if (headerOf(device).uuid !== header.uuid)
          throw new PillDiskError(`${path}: it was initialized anew, or is another disk now.`);
        return lookAt(slot);
      }),
    post: (slot, command, from) =>
      guarded(path, () => {
        device.write(mailboxSector(slot), encodeMailbox(sectorBytes, command, from));
        const back = decodeMailbox(device.read(mailboxSector(slot)));
        // Whoever has read it may have cleared it meanwhile.
        if (back.command !== command && back.command !== 'clear')
          throw new PillDiskError(
            `${path}: "${command}" was written and is not there: somebody else writes too.`,
          );
      }),
    own: (slot, name) =>
      guarded(path, () => {
        device.write(mailboxSector(slot), encodeMailbox(sectorBytes, 'clear', ''));
        device.write(ownerSector(slot), encodeOwner(sectorBytes, name));
      }),
    close: () => device.close(),
  };
}

/**
 * The slot of this node, made if there is none: the first free one, read again after the disk's allocate timeout, as two
 * nodes may take the same one at once. Throws PillDiskError.
 */
export async function allocateSlot(
  onDisk: PillDisk,
  name: string,
  sleep: (timeMs: number) => Promise<unknown>,
): Promise<{ readonly slot: number; readonly made: boolean }> {
  if (!isPillName(name))
    throw new PillDiskError(`"${name}" cannot stand on the disk: 1 to 63 printable characters, no blank.`);
  const present = onDisk.find(name);
  if (present !== undefined) return { slot: present, made: false };
  for (;;) {
    const taken = new Set(onDisk.slots().map(({ number }) => number));
    const free = Array.from({ length: onDisk.header.slots }, (_, slot) => slot).find(
      (slot) => !taken.has(slot),
    );
    if (free === undefined)
      throw new PillDiskError(`${onDisk.path}: all ${onDisk.header.slots} slots are taken.`);
    onDisk.own(free, name);
    await sleep(onDisk.header.allocateS * 1000);
    if (onDisk.find(name) === free) return { slot: free, made: true };
  }
}
