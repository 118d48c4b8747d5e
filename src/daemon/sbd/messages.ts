/** What the runner and the watcher of one disk say to each other (file descriptor 3 of the watcher, JSON lines). */
import type { PillCommand } from '../../wire/sbd.js';

/** The times of a disk, as its header has them. */
export interface DiskTimes {
  readonly watchdogMs: number;
  readonly loopMs: number;
  readonly msgwaitMs: number;
}

export type ToWatcher = {
  readonly kind: 'watch';
  /** Absolute path of the disk. */
  readonly device: string;
  /** Our name: owner of the slot. */
  readonly node: string;
  /** A new run of the daemon: what lies in the mailbox is old, and is cleared. Otherwise it is obeyed. */
  readonly fresh: boolean;
  readonly realtime: boolean;
};

export type FromWatcher =
  /** Slot and header are read; `found`: what lay in the mailbox of a fresh run. */
  | {
      readonly kind: 'watching';
      readonly slot: number;
      readonly allocated: boolean;
      readonly times: DiskTimes;
      readonly found: PillCommand | null;
    }
  /** The slot was read and nothing in it ends this node. `startedMs`: when that reading began (BOOTTIME). */
  | { readonly kind: 'read'; readonly startedMs: number }
  /** The disk cannot be used at present; a whole sentence. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** A message was taken out of the mailbox. `reset`, `off` and `crashdump` are being obeyed. */
  | { readonly kind: 'message'; readonly command: PillCommand | null; readonly from: string }
  /** This machine could not be ended. */
  | { readonly kind: 'notEnded'; readonly reason: string };
