/**
 * Watches one slot of one disk: reads it every loop timeout, takes messages out of it and obeys them. It runs in a
 * process of its own, since a disk may hang; who needs to know how fresh its knowledge is counts from `startedMs`.
 */
import { allocateSlot, openPillDisk, type PillDisk } from '../../actions/sbd/disk.js';
import type { SuddenEnd } from '../../system/reboot.js';
import type { PillCommand } from '../../wire/sbd.js';
import type { FromWatcher, ToWatcher } from './messages.js';

export interface WatcherParts {
  readonly tell: (message: FromWatcher) => void;
  /** CLOCK_BOOTTIME in ms. */
  readonly nowMs: () => number;
  readonly sleep: (timeMs: number) => Promise<unknown>;
  /** Ends this machine; returns only if that fails. */
  readonly end: (how: SuddenEnd) => string;
  readonly open?: (path: string) => PillDisk;
}

/** Pause after a failure, and the loop time of a disk that says 0. */
const PAUSE_MS = 1000;
/** From the word to the runner to the end of the machine: time for a line in the log. */
const LAST_WORDS_MS = 100;

const END_OF: Readonly<Partial<Record<PillCommand, SuddenEnd>>> = {
  reset: 'reset',
  off: 'off',
  crashdump: 'crash',
};

/** Watches for ever; resolves only when `isOver` says so. Never rejects: what fails is told, and tried again. */
export async function watchDisk(order: ToWatcher, parts: WatcherParts, isOver: () => boolean): Promise<void> {
  const open = parts.open ?? openPillDisk;
  let { fresh } = order;
  while (!isOver()) {
    let disk: PillDisk | undefined;
    try {
      disk = open(order.device);
      const slot = await begin(disk, order, fresh, parts);
      fresh = false;
      await watchSlot(disk, slot, order, parts, isOver);
    } catch (error) {
      parts.tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
      await parts.sleep(PAUSE_MS);
    } finally {
      disk?.close();
    }
  }
}

async function begin(disk: PillDisk, order: ToWatcher, fresh: boolean, parts: WatcherParts): Promise<number> {
  const { header } = disk;
  const { slot, made } = await allocateSlot(disk, order.node, parts.sleep);
  const found = disk.look(slot).mailbox.command;
  const isOld = fresh && found !== 'clear';
  if (isOld) disk.post(slot, 'clear', '');
  const times = {
    watchdogMs: header.watchdogS * 1000,
    loopMs: header.loopS * 1000 || PAUSE_MS,
    msgwaitMs: header.msgwaitS * 1000,
  };
  parts.tell({ kind: 'watching', slot, allocated: made, times, found: isOld ? found : null });
  return slot;
}

async function watchSlot(
  disk: PillDisk,
  slot: number,
  order: ToWatcher,
  parts: WatcherParts,
  isOver: () => boolean,
): Promise<void> {
  const loopMs = disk.header.loopS * 1000 || PAUSE_MS;
  while (!isOver()) {
    const startedMs = parts.nowMs();
    const { name, mailbox } = disk.look(slot);
    if (name?.toLowerCase() !== order.node.toLowerCase())
      throw new Error(`${disk.path}: slot ${slot} is not ours any more (${name ?? 'free'}).`);
    const how = mailbox.command === null ? undefined : END_OF[mailbox.command];
    if (how !== undefined) await obey(disk, slot, how, mailbox, parts);
    else if (mailbox.command !== 'clear') {
      clear(disk, slot, parts);
      parts.tell({ kind: 'message', ...mailbox });
    }
    parts.tell({ kind: 'read', startedMs });
    await parts.sleep(Math.max(0, loopMs - (parts.nowMs() - startedMs)));
  }
}

/** Cleared before it is obeyed, so that the machine that comes back does not end again; a disk that fails changes nothing. */
async function obey(
  disk: PillDisk,
  slot: number,
  how: SuddenEnd,
  mailbox: { readonly command: PillCommand | null; readonly from: string },
  parts: WatcherParts,
): Promise<void> {
  clear(disk, slot, parts);
  parts.tell({ kind: 'message', ...mailbox });
  await parts.sleep(LAST_WORDS_MS);
  parts.tell({ kind: 'notEnded', reason: parts.end(how) });
}

function clear(disk: PillDisk, slot: number, parts: WatcherParts): void {
  try {
    disk.post(slot, 'clear', '');
  } catch (error) {
    parts.tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}
