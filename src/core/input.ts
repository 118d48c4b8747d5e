/** Everything that can happen to the core. Time is a number in the input: the core reads no clock. */
import type { FileDigests } from '../wire/extra.js';
import type { Message } from '../wire/message.js';
import type { DeviceReadiness, FenceResult } from './fencing/types.js';
import type { VrrpInputEvent } from './vrrp/input.js';

/** Stamped on each input by the loop (or the simulator). */
export interface Moment {
  /** CLOCK_BOOTTIME in ms, fractions allowed: monotonic, runs while the machine is suspended. */
  readonly nowMs: number;
  /** Unix time in whole seconds, for the `ts` field only. May jump. */
  readonly wallS: number;
}

/** A resource set of the R1 protocol, from the speaking node's point of view (heartbeat-protocol.md 10.1). */
export type ResourceSet = 'none' | 'local' | 'foreign' | 'all';

export type Command =
  /** hb_standby; `failback` has become `foreign` before it gets here. */
  | { readonly kind: 'standby'; readonly set: ResourceSet }
  /** hb_takeover, from the point of view of the node where it was typed. */
  | { readonly kind: 'takeover'; readonly set: ResourceSet }
  /** `heartbeat cleanup GROUP`: failures of the group are forgotten on both nodes. `group`: its key. */
  | { readonly kind: 'cleanup'; readonly group: string }
  /** `heartbeat maintenance on|off`. `force`: also when a stopped node may have left its services running. */
  | { readonly kind: 'maintenance'; readonly on: boolean; readonly force: boolean }
  /** An operator says that this node is off: what waits for its fencing goes on. */
  | { readonly kind: 'fenceConfirm'; readonly node: string }
  /** A message of a type that this program does not know itself, for every node (FIFO and API clients). */
  | { readonly kind: 'broadcast'; readonly type: string; readonly fields: Readonly<Record<string, string>> }
  /** Orderly end: release everything, hand over, then the `exit` effect. */
  | { readonly kind: 'shutdown' };

export type OperationResult =
  | {
      readonly ok: true;
      /** `start` only: nothing was done, because the resource was active already. */
      readonly alreadyActive?: true;
    }
  /** `detail`: a sentence for the log: exit code, signal, deadline, missing script. */
  | {
      readonly ok: false;
      readonly detail: string;
      /** There was nothing to run (no such script, no run bit): the step cannot have left anything behind. */
      readonly neverRan?: true;
    };

/** A group by its key, and its interface that has no carrier. */
export interface Carrier {
  readonly group: string;
  readonly device: string;
}

export type InputEvent =
  /** The first input of a run. */
  | { readonly kind: 'boot' }
  /** A message that parsed and whose signature is right, as it came from one link. */
  | { readonly kind: 'packet'; readonly link: string; readonly message: Message }
  /** A timer may be due. The caller has read every receive socket until it was empty (no verdict on stale evidence). */
  | { readonly kind: 'tick' }
  | { readonly kind: 'linkHealth'; readonly link: string; readonly up: boolean; readonly reason: string }
  /** Which groups have an address on an interface without a carrier (or that is not there); all others have none. */
  | { readonly kind: 'carriers'; readonly lost: readonly Carrier[] }
  /** A witness answered our echo request. */
  | { readonly kind: 'pong'; readonly witness: string }
  | { readonly kind: 'operationDone'; readonly operationId: number; readonly result: OperationResult }
  | { readonly kind: 'fenceDone'; readonly commandId: number; readonly result: FenceResult }
  /** Fencing devices were checked. */
  | { readonly kind: 'fencingReadiness'; readonly checked: readonly DeviceReadiness[] }
  | { readonly kind: 'command'; readonly commandId: number; readonly command: Command }
  /**
   * How this machine is guarded: the device that was armed and its timeout as the driver reads it back, or null and the
   * sentence that says why a configured one is not. Comes before the first turn.
   */
  | {
      readonly kind: 'watchdog';
      readonly device: string | null;
      readonly timeoutMs: number | null;
      readonly problem: string;
    }
  /** Times of a disk with poison pills, from its header; `disk`: index in `[sbd] device`. */
  | {
      readonly kind: 'diskTimes';
      readonly disk: number;
      readonly watchdogMs: number;
      readonly loopMs: number;
      readonly msgwaitMs: number;
    }
  /** Our slot was read and holds no sentence; `startedMs`: when that reading began (BOOTTIME). */
  | { readonly kind: 'diskRead'; readonly disk: number; readonly startedMs: number }
  /** The disk cannot be used; a whole sentence. */
  | { readonly kind: 'diskFailed'; readonly disk: number; readonly reason: string }
  /** /proc/loadavg without its line end, at most 63 characters (field `ld`). */
  | { readonly kind: 'loadAverage'; readonly text: string }
  /** Keyed digests of our configuration files: at the start of a run, and when one has changed. */
  | { readonly kind: 'fileDigests'; readonly files: FileDigests }
  /** Whether the time of the day is one at which groups may go back ([schedule] failback). */
  | { readonly kind: 'failbackWindow'; readonly open: boolean }
  | VrrpInputEvent;

export type Input = InputEvent & Moment;
