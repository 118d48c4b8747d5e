/** What the core knows of the guards around it: the watchdog and the lease. */
import type { ClusterConfig } from '../../config/types.js';
import { type LeaseBudget, leaseBudget } from './budget.js';
import { type DiskWatch, newDiskWatch } from './disk.js';

export interface Guard {
  /** Path of the device in use; null: none is configured, or it could not be armed. */
  device: string | null;
  /** Why a configured watchdog does not guard this node; empty: it does, or there is none. */
  problem: string;
  budget: LeaseBudget;
  /** By then everything here has to be stopped, because a peer may take over; null: no such moment. */
  goneByMs: number | null;
  /** A reboot was asked for: the device is not fed any more, so that it comes even if the reboot fails. */
  abandoned: boolean;
  /** The device is to be fed at the end of this turn. */
  feedDue: boolean;
  /** Disks with poison pills; null: none is configured. */
  disks: DiskWatch | null;
}

export function newGuard(config: ClusterConfig): Guard {
  return {
    device: null,
    problem: '',
    budget: leaseBudget(config, null),
    goneByMs: null,
    abandoned: false,
    feedDue: false,
    disks: newDiskWatch(config.settings.sbdDevices ?? []),
  };
}
