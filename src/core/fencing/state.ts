/** What the core remembers about fencing: the node that is being made dead, what the devices are worth. Plain JSON. */
import type { ClusterConfig, StonithDevice } from '../../config/types.js';
import type { State } from '../state.js';
import type { DeviceReadiness, FencingRecord } from './types.js';

/** A run of a node: a restarted node is another run. */
export interface Run {
  /** 0: never heard. */
  readonly generation: number;
  /** null: an original, or never heard. */
  readonly nonce: string | null;
}

/** The node whose end is waited for before anything of it starts here. */
export interface FencingTarget {
  readonly node: string;
  readonly run: Run;
  /** Why it is taken for dead, as a sentence. */
  readonly why: string;
  /**
   * delay: the other side may shoot first; command: a device works; pause: before the next attempt;
   * operator: only the node itself or `fence-confirm` goes on; proof: a device said OK while the node was heard.
   */
  readonly phase: 'delay' | 'command' | 'pause' | 'operator' | 'proof';
  /** delay and pause: when the next attempt is due (BOOTTIME). */
  readonly dueMs: number;
  /** The command under way, else null. */
  readonly commandId: number | null;
  /** Index in ClusterConfig.stonith. */
  readonly device: number;
  /** 1.. with this device */
  readonly attempt: number;
  /** 1.. through all devices */
  readonly round: number;
  /** Some attempt of this round may have reset the node although it is not known to. */
  readonly doubtful: boolean;
  /** Why an operator is needed, as a sentence; empty in other phases. */
  readonly reason: string;
}

/** A device said OK for this run: if it is heard again, the device lied. */
export interface Fenced {
  readonly node: string;
  readonly run: Run;
  readonly atMs: number;
  readonly device: number;
}

export interface Fencing {
  target: FencingTarget | null;
  fenced: Fenced | null;
  /** Devices that said OK for a run that was heard afterwards. */
  distrusted: number[];
  record: FencingRecord;
  /** By how much the wall clock is ahead of the other one, as the record was last kept; null: not looked at yet. */
  wallOffsetS: number | null;
  nextCommandId: number;
  readiness: DeviceReadiness[];
  /** What the numbers of devices in `distrusted` and `readiness` mean. */
  devices: string;
}

export function newFencing(config: ClusterConfig, record: FencingRecord): Fencing {
  return {
    target: null,
    fenced: null,
    distrusted: [],
    record,
    wallOffsetS: Object.values(record).find(({ offsetS }) => offsetS !== undefined)?.offsetS ?? null,
    nextCommandId: 1,
    readiness: [],
    devices: namesOf(config),
  };
}

function namesOf(config: ClusterConfig): string {
  return devicesOf(config)
    .map(({ type, line }) => `${type} ${line}`)
    .join('\n');
}

/** What a loop process knew goes on; what it knew of devices only where these are still the same. */
export function restoreFencing(fencing: Fencing, saved: Fencing): void {
  const { devices } = fencing;
  Object.assign(fencing, saved, { devices });
  if (saved.devices === devices) return;
  fencing.distrusted = [];
  fencing.readiness = [];
  fencing.fenced = null;
}

/** [fencing] of heartbeat.ini with its defaults. */
export interface FencingSettings {
  readonly delayMs: number;
  readonly waitForPeer: boolean;
  readonly deadlineMs: number;
  readonly attempts: number;
  readonly retryMs: number;
  readonly roundPauseMs: number;
  readonly perHour: number;
}

export function fencingSettings({ settings }: ClusterConfig): FencingSettings {
  return {
    delayMs: settings.fencingDelayMs ?? 2000,
    waitForPeer: settings.fencingWaitForPeer ?? false,
    deadlineMs: settings.fencingDeadlineMs ?? 60_000,
    attempts: settings.fencingAttempts ?? 2,
    retryMs: settings.fencingRetryMs ?? 5000,
    roundPauseMs: settings.fencingRoundPauseMs ?? 60_000,
    perHour: settings.fencingPerHour ?? 3,
  };
}

/** The devices that this node may use, in the order in which they are tried. */
export function devicesOf(config: ClusterConfig): readonly StonithDevice[] {
  return config.stonith ?? [];
}

/** Nothing may be taken: a node is being made dead, or somebody has to say that it is. */
export function isFencing(state: State): boolean {
  return state.fencing.target !== null;
}
