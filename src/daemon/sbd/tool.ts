/** What `heartbeat sbd` does with disks. Everything throws PillDiskError with a whole sentence where it fails. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  allocateSlot,
  createPillDisk,
  openPillDisk,
  type PillDisk,
  PillDiskError,
} from '../../actions/sbd/disk.js';
import { openBlockDevice } from '../../system/block-device.js';
import {
  decodePillHeader,
  disksToWrite,
  PILL_SLOTS,
  type PillCommand,
  type PillHeader,
} from '../../wire/sbd.js';

export { PillDiskError };

/** Whole seconds. */
export interface CreateTimes {
  readonly watchdogS: number;
  readonly allocateS: number;
  readonly loopS: number;
  readonly msgwaitS: number;
}

/** Where partition tables, file systems, swap and volume managers have their marks. */
const LOOKED_AT_BYTES = 70_000;

function withDisk<T>(path: string, work: (disk: PillDisk) => T): T {
  const disk = openPillDisk(path);
  try {
    return work(disk);
  } finally {
    disk.close();
  }
}

/** What stands on the disk, or undefined: nothing but zeros. */
function contentOf(path: string): string | undefined {
  const device = openBlockDevice(path);
  try {
    const read = decodePillHeader(device.read(0));
    if (read.ok) return withDisk(path, (disk) => `slots of ${disk.slots().length} nodes`);
    const bytes = device.read(0, Math.ceil(LOOKED_AT_BYTES / device.sectorBytes));
    return bytes.some((byte) => byte !== 0) ? 'data of something else' : undefined;
  } finally {
    device.close();
  }
}

/** Prepares a disk. Without `force` one that is not empty is refused. */
export function create(path: string, times: CreateTimes, force: boolean): void {
  let content: string | undefined;
  try {
    content = contentOf(path);
  } catch (error) {
    throw error instanceof PillDiskError ? error : new PillDiskError(`${path}: ${(error as Error).message}.`);
  }
  if (content !== undefined && !force)
    throw new PillDiskError(`${path} holds ${content}, and all of it would be lost: --force if it may be.`);
  const uuid = randomUUID().replaceAll('-', '');
  createPillDisk(path, { ...times, minorVersion: 1, slots: PILL_SLOTS, uuid });
}

/** One line for each slot, as `sbd list`: number, name, message, sender, with tabs between. */
export function list(path: string): string[] {
  return withDisk(path, (disk) =>
    disk
      .slots()
      .map(({ number, name, mailbox }) =>
        [number, name, mailbox.command ?? 'unknown', mailbox.from].join('\t'),
      ),
  );
}

export function header(path: string): PillHeader {
  return withDisk(path, (disk) => disk.header);
}

/** Takes a slot for a node; the sentence that says which. */
export async function allocate(path: string, node: string): Promise<string> {
  const disk = openPillDisk(path);
  try {
    const { slot, made } = await allocateSlot(disk, node, sleep);
    return made ? `${path}: slot ${slot} is for ${node} now.` : `${path}: ${node} has slot ${slot} already.`;
  } finally {
    disk.close();
  }
}

export interface Told {
  /** Enough disks took it for the node to read it for certain. */
  readonly enough: boolean;
  readonly problems: readonly string[];
  /** After so long the node has obeyed. */
  readonly msgwaitS: number;
}

/** Writes a message for a node on each of the disks. */
export function tell(paths: readonly string[], node: string, command: PillCommand, from: string): Told {
  const problems: string[] = [];
  let taken = 0;
  let msgwaitS = 0;
  for (const path of paths) {
    try {
      withDisk(path, (disk) => {
        const slot = disk.find(node);
        if (slot === undefined)
          throw new PillDiskError(`${path}: there is no slot for ${node}; "heartbeat sbd list" shows all.`);
        disk.post(slot, command, from);
        taken += 1;
        msgwaitS = Math.max(msgwaitS, disk.header.msgwaitS);
      });
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { enough: taken >= disksToWrite(paths.length), problems, msgwaitS };
}
