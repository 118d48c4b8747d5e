/**
 * The messages between loop and runner: JSON lines over a socket pair (file descriptor 3 of the child). Both sides
 * trust each other: they are one program; what strangers send never travels here undecoded.
 */
import type { AuthKeys, ClusterConfig } from '../config/types.js';
import type { VrrpRoute } from '../config/vrrp-types.js';
import type { Checkpoint } from '../core/checkpoint.js';
import type { Effect, EventSubject, LogLevel, Operation } from '../core/effect.js';
import type { DeviceReadiness, FenceCommand, FenceResult, FencingRecord } from '../core/fencing/types.js';
import type { Command, InputEvent, OperationResult } from '../core/input.js';
import type { StatusSnapshot } from '../core/snapshot-types.js';
import type { VrrpEffect } from '../core/vrrp/effect.js';
import type { VrrpInputEvent } from '../core/vrrp/input.js';
import type { LatenessSnapshot } from './loop/lateness.js';
import type { Recorded, SegmentHead } from './recorder/format.js';

/** Everything a loop process needs to begin, or to go on where a killed one stopped. */
export interface Boot {
  readonly config: ClusterConfig;
  readonly authKeys: AuthKeys;
  /** Program version. */
  readonly program: string;
  readonly generation: number;
  /** 32 hex digits */
  readonly uuid: string;
  /** 16 hex digits, new for each run of the daemon. */
  readonly nonce: string;
  /** Seed of the core's own random numbers, 32 bit. */
  readonly seed: number;
  /** Highest generation ever heard of each peer, from disk. */
  readonly peerGenerations: Readonly<Record<string, number>>;
  /** Changes of maintenance so far (odd: it is on), from disk. Absent: none. */
  readonly maintenanceEpoch?: number;
  /** Fencings of the last hour, from disk. */
  readonly fencingRecord?: FencingRecord;
  /** Present when an earlier loop of this run died: adopt, do not start anew. */
  readonly checkpoint?: Checkpoint;
  /** False with `-l` or `realtime off`. */
  readonly realtime: boolean;
  /** Pid of the runner, so that the loop can tell a log line from its death. */
  readonly runnerPid: number;
}

export type ToLoop =
  | { readonly kind: 'boot'; readonly boot: Boot }
  | { readonly kind: 'operationDone'; readonly operationId: number; readonly result: OperationResult }
  /** The script of a running operation has this process group (so that a new runner can end it). */
  | { readonly kind: 'operationStarted'; readonly operationId: number; readonly processGroup: number }
  | { readonly kind: 'fenceDone'; readonly commandId: number; readonly result: FenceResult }
  | { readonly kind: 'fencingReadiness'; readonly checked: readonly DeviceReadiness[] }
  | { readonly kind: 'command'; readonly commandId: number; readonly command: Command }
  | { readonly kind: 'loadAverage'; readonly text: string }
  | Extract<
      InputEvent,
      { readonly kind: 'fileDigests' | 'failbackWindow' | 'diskTimes' | 'diskRead' | 'diskFailed' }
    >
  | { readonly kind: 'authKeys'; readonly authKeys: AuthKeys }
  | { readonly kind: 'snapshot'; readonly requestId: number }
  /** A reload of keepalived.conf, and the outcome of a check that was asked for. */
  | Extract<VrrpInputEvent, { readonly kind: 'vrrpConfig' | 'vrrpCheckDone' }>
  /** Stop the watchdog in order, because the next loop has another one or none; answered by `disarmed`. */
  | { readonly kind: 'disarmWatchdog' }
  /** The runner ends on purpose: a new one (of a newer version, say) is to take its place. */
  | { readonly kind: 'runnerLeaves' }
  /** Asked about once a second; answered by `alive`, so that a hung loop is noticed. */
  | { readonly kind: 'ping' };

/** From a loop whose runner died to the new runner that it started (`runner/main.js --adopt`, channel on its fd 3). */
export interface AdoptRunner {
  /** The boot message that this loop got, with the configuration and keys in force now. */
  readonly boot: Boot;
  readonly checkpoint?: Checkpoint;
  readonly loopPid: number;
  /** The old runner left on purpose; absent: it died. */
  readonly planned?: boolean;
  /** Handed to the old runner and not answered: their scripts are ended and run again. */
  readonly operations: readonly { readonly operation: Operation; readonly processGroup?: number }[];
  /** A fencing that was handed to the old runner and not answered: it is made again. */
  readonly fence?: FenceCommand;
}

export interface LoopSnapshot {
  readonly status: StatusSnapshot;
  /** How late turns of the loop were, since start and in the last minute. The last two are absent from older loops. */
  readonly lateness: Pick<LatenessSnapshot, 'turns' | 'maxMs' | 'over10ms'> & Partial<LatenessSnapshot>;
  readonly links: readonly {
    readonly description: string;
    readonly up: boolean;
    readonly reason: string;
    readonly sentPackets: number;
    readonly sendErrors: number;
    /** Heartbeats and acknowledgements left out because the line is too slow for all of them. */
    readonly thinnedPackets: number;
    readonly receivedPackets: number;
    readonly rejectedPackets: number;
  }[];
}

export type ToRunner =
  /** The first message to a runner that was started with `--adopt`, and only then. */
  | { readonly kind: 'adopt'; readonly adopt: AdoptRunner }
  /** The loop can be spoken to. `watchdogMs`: what its armed watchdog is set to; null or absent: there is none. */
  /** Clients of `respawn` may start. */
  | { readonly kind: 'communicationUp' }
  | { readonly kind: 'ready'; readonly watchdogMs?: number | null }
  | { readonly kind: 'alive' }
  | { readonly kind: 'disarmed' }
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'cancelOperation'; readonly operationId: number }
  | { readonly kind: 'fence'; readonly command: FenceCommand }
  | { readonly kind: 'cancelFence'; readonly commandId: number }
  | { readonly kind: 'fencingRecord'; readonly record: FencingRecord }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly code: string;
      readonly text: string;
      /** Unix time in ms when it was said. */
      readonly wallMs: number;
    }
  | {
      readonly kind: 'event';
      readonly code: string;
      readonly text: string;
      readonly about?: EventSubject;
      readonly wallMs: number;
    }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** Maintenance changed: to be kept on the disk, and obeyed when the loop is lost. */
  | { readonly kind: 'maintenance'; readonly epoch: number }
  | { readonly kind: 'peerGeneration'; readonly node: string; readonly generation: number }
  /** The flight recorder: a file begins; further inputs of the core. */
  | { readonly kind: 'recorderSegment'; readonly head: SegmentHead }
  | { readonly kind: 'recorded'; readonly inputs: readonly Recorded[] }
  | { readonly kind: 'reply'; readonly commandId: number; readonly ok: boolean; readonly text: string }
  | { readonly kind: 'snapshot'; readonly requestId: number; readonly snapshot: LoopSnapshot }
  | { readonly kind: 'exit'; readonly code: number; readonly reason: string }
  /** Everything is released: a loop process of a new run is wanted. */
  | { readonly kind: 'restartSelf'; readonly reason: string }
  | { readonly kind: 'rebootSelf'; readonly reason: string }
  | Extract<Effect, { readonly kind: 'clientMessage' }>
  | Extract<VrrpEffect, { readonly kind: 'vrrpNotify' | 'vrrpCheck' }>
  | {
      readonly kind: 'vrrpRoutes';
      readonly verb: 'add' | 'delete';
      readonly routes: readonly VrrpRoute[];
      readonly rules: readonly VrrpRoute[];
    };
