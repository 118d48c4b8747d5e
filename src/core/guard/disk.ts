/**
 * Disks with poison pills ([sbd] device): a node that may have been sentenced without knowing it must not live.
 *
 * A sender writes to a majority of the disks and takes the node for dead `msgwait` later. Enough disks were read, each
 * begun at or after a moment K, with no sentence in them: so no sentence was complete before K. Whoever is not fed any
 * more from K + limit on is reset a watchdog timeout after that, and
 *
 *     limit + watchdog timeout + margin  <=  msgwait
 */
import { disksToRead } from '../../wire/sbd.js';
import { inMaintenance } from '../resources/maintenance.js';
import type { StatusSnapshot } from '../snapshot-types.js';
import { announceEvent, log, type Turn } from '../turn.js';
import type { Guard } from './state.js';

const TIMER = 'disk';
const MARGIN_MS = 1000;
/** From the end of the feeding to the end of the machine without a watchdog: this process may only have been late. */
const GRACE_MS = 1000;
/** Until a watcher has told the times of its disk: those of a disk that `create` made without options. */
const USUAL_MSGWAIT_MS = 10_000;
const USUAL_LOOP_MS = 1000;
/** A disk is read every loop timeout; this many in a row may be slow before anything follows. */
const LOOPS_MIN = 3;

/** Plain JSON. One for each disk of `[sbd] device`. */
export interface WatchedDisk {
  readonly device: string;
  /** null: its header was not read yet. */
  times: { readonly watchdogMs: number; readonly loopMs: number; readonly msgwaitMs: number } | null;
  /** When the newest reading that found no sentence began (BOOTTIME); null: never. */
  readMs: number | null;
  /** Why it cannot be used; empty: it can, or nothing is known. */
  problem: string;
}

export interface DiskWatch {
  readonly disks: readonly WatchedDisk[];
  /** First turn of this process; null: there was none. */
  sinceMs: number | null;
  /** Since when too few disks are known; null: enough are. */
  overdueMs: number | null;
}

/** null: none is configured. */
export function newDiskWatch(devices: readonly string[]): DiskWatch | null {
  if (devices.length === 0) return null;
  const disks = devices.map((device): WatchedDisk => ({ device, times: null, readMs: null, problem: '' }));
  return { disks, sinceMs: null, overdueMs: null };
}

/** K: no sentence was complete before it. */
function knownMs({ disks, sinceMs }: DiskWatch): number {
  const readings = disks.map(({ readMs }) => readMs ?? Number.NEGATIVE_INFINITY).sort((a, b) => b - a);
  const atMs = readings[disksToRead(disks.length) - 1] ?? Number.NEGATIVE_INFINITY;
  return Number.isFinite(atMs) ? atMs : (sinceMs ?? Number.NEGATIVE_INFINITY);
}

const smallest = (values: readonly number[], otherwise: number): number =>
  values.length === 0 ? otherwise : Math.min(...values);

/** How long this node may live without knowing; `missingMs` more than 0: what the rule above lacks. */
export function diskLimit(
  watch: DiskWatch,
  watchdogMs: number | null,
): { limitMs: number; missingMs: number } {
  const times = watch.disks.flatMap((disk) => disk.times ?? []);
  const msgwaitMs = smallest(
    times.map((time) => time.msgwaitMs),
    USUAL_MSGWAIT_MS,
  );
  const loopMs = Math.max(...times.map((time) => time.loopMs), USUAL_LOOP_MS);
  const fittingMs = msgwaitMs - (watchdogMs ?? GRACE_MS) - MARGIN_MS;
  const limitMs = Math.max(fittingMs, LOOPS_MIN * loopMs);
  return { limitMs, missingMs: limitMs - fittingMs };
}

function endMs(guard: Guard, watch: DiskWatch): number {
  return knownMs(watch) + diskLimit(watch, guard.budget.watchdogMs).limitMs;
}

/** At the beginning of each turn: the first one of this process begins to count. */
export function beginDisks(turn: Turn): void {
  const { disks } = turn.state.guard;
  if (disks === null || disks.sinceMs !== null) return;
  disks.sinceMs = turn.nowMs;
  plan(turn, disks);
}

function plan(turn: Turn, watch: DiskWatch): void {
  turn.state.timers.set(TIMER, Math.max(turn.nowMs, endMs(turn.state.guard, watch)));
}

/** The header of a disk was read. */
export function noteDiskTimes(turn: Turn, index: number, times: NonNullable<WatchedDisk['times']>): void {
  const { guard } = turn.state;
  const disk = guard.disks?.disks[index];
  if (guard.disks === null || disk === undefined) return;
  const { watchdogMs, loopMs, msgwaitMs } = times;
  disk.times = { watchdogMs, loopMs, msgwaitMs };
  plan(turn, guard.disks);
}

/** Our slot on this disk was read and holds no sentence. */
export function noteDiskRead(turn: Turn, index: number, startedMs: number): void {
  const { guard } = turn.state;
  const disk = guard.disks?.disks[index];
  if (guard.disks === null || disk === undefined) return;
  disk.readMs = Math.max(disk.readMs ?? Number.NEGATIVE_INFINITY, Math.min(startedMs, turn.nowMs));
  disk.problem = '';
  if (turn.nowMs < endMs(guard, guard.disks)) guard.disks.overdueMs = null;
  plan(turn, guard.disks);
}

/** The disk cannot be used at present. */
export function noteDiskFailed(turn: Turn, index: number, reason: string): void {
  const disk = turn.state.guard.disks?.disks[index];
  if (disk === undefined) return;
  if (disk.problem === '') announceEvent(turn, 'error', 'disk-lost', reason);
  disk.problem = reason;
}

/** True while this node does not know whether it was sentenced: the watchdog is not fed then. */
export function isDiskOverdue(turn: Turn): boolean {
  const { guard } = turn.state;
  if (guard.disks === null || inMaintenance(turn.state)) return false;
  return turn.nowMs > endMs(guard, guard.disks);
}

/** The moment from which the other node may take this one for dead. */
export function fireDisk(turn: Turn): void {
  const { guard, timers } = turn.state;
  const watch = guard.disks;
  if (watch === null || guard.abandoned) return;
  const lastMs = endMs(guard, watch);
  if (turn.nowMs < lastMs) {
    plan(turn, watch);
    return;
  }
  timers.set(TIMER, turn.nowMs + GRACE_MS);
  if (inMaintenance(turn.state)) return;
  if (watch.overdueMs === null) {
    watch.overdueMs = turn.nowMs;
    log(turn, 'crit', 'disk-overdue', `${lostSentence(watch)} The watchdog is not fed any more.`);
  } else if (turn.nowMs - watch.overdueMs >= GRACE_MS) {
    const sentence = `${lostSentence(watch)} This machine ends.`;
    announceEvent(turn, 'crit', 'disk-self-fencing', sentence);
    turn.effects.push({
      kind: 'rebootSelf',
      reason: 'this node may have been sentenced on a disk that it cannot read',
    });
  }
}

function lostSentence({ disks }: DiskWatch): string {
  const names = disks.map(({ device }) => device).join(', ');
  return `This node has not read its slot on ${names} in time, so the other node may take it for dead.`;
}

/** For `heartbeat status`. */
export function disksSnapshot({ disks }: DiskWatch, nowMs: number): NonNullable<StatusSnapshot['disks']> {
  return disks.map(({ device, times, readMs, problem }) => ({
    device,
    state: problem !== '' ? 'failed' : readMs === null ? 'unread' : 'read',
    readAgeMs: readMs === null ? null : Math.max(0, nowMs - readMs),
    msgwaitMs: times?.msgwaitMs ?? null,
    detail: problem,
  }));
}

/** Warnings that hold now. */
export function diskWarnings(guard: Guard): string[] {
  const watch = guard.disks;
  if (watch === null) return [];
  const warnings = watch.disks.flatMap(({ device, problem }) =>
    problem === '' ? [] : [`the disk ${device} is lost for fencing: ${problem}`],
  );
  const { missingMs } = diskLimit(watch, guard.budget.watchdogMs);
  if (guard.budget.watchdogMs === null)
    warnings.push('[sbd] device without a watchdog: a node that hangs does not obey the disk.');
  else if (missingMs > 0)
    warnings.push(
      `the msgwait of the disk is ${missingMs / 1000} s too short for this watchdog: a node that lost the disk may outlive it.`,
    );
  return warnings;
}
