/**
 * The lease in numbers: how long this node may go on without being heard, and by when it has to be gone
 * (README "Two rules about time"). The rule, with everything counted from the newest heartbeat that reached the peer:
 *
 *     lease + stop deadline + watchdog timeout + margin  <=  silence before the peer takes over
 *
 * With a watchdog the rule holds whatever the scripts do: when the lease has ended, the device is not fed any more
 * until everything is stopped, so a stop that takes longer than the watchdog's timeout ends in a reset. Without one,
 * scripts that stop too slowly run on into the peer's takeover, and `heartbeat check` says by how much.
 */
import type { ClusterConfig, ResourceGroup } from '../../config/types.js';
import { addressLifetimeS } from '../resources/lifetime.js';

export interface LeaseBudget {
  /** The `dt` that this node announces: what the others wait before they take over. Never below deadtime. */
  readonly silenceMs: number;
  /** Left over for what is late: a quarter of the deadtime, at most a second. */
  readonly marginMs: number;
  /** Services are given up when the peer has confirmed nothing for this long although it is heard. */
  readonly leaseMs: number;
  /** Longest stop of the scripts by their deadlines; 0 when all resources are built-in addresses. */
  readonly stopMs: number;
  /** Timeout of the armed watchdog; null: none. */
  readonly watchdogMs: number | null;
  /** Kernel lifetime of our addresses; null: the deadtime is too short for it, or there are none. */
  readonly addressLifetimeMs: number | null;
  /** What is missing in the rule above; 0 or less: it holds. */
  readonly excessMs: number;
}

const MARGIN_MAX_MS = 1000;
/** A lease shorter than this many keepalives would end by two lost packets. */
const LEASE_KEEPALIVES = 3;
const SECOND_MS = 1000;
/** No peer waits longer, whatever is announced. */
export const SILENCE_MAX_MS = 3_600_000;

/** How long before the peer's verdict we have to be gone. */
export function leaseMarginMs(deadtimeMs: number): number {
  return Math.min(deadtimeMs / 4, MARGIN_MAX_MS);
}

/** The shortest lease that is worth having: half a deadtime, but no less than some keepalives. */
function shortestLeaseMs(config: ClusterConfig): number {
  const { deadtimeMs, keepaliveMs } = config;
  const marginMs = leaseMarginMs(deadtimeMs);
  const half = Math.min(deadtimeMs / 2, deadtimeMs - marginMs - SECOND_MS);
  return Math.max(half, Math.min(LEASE_KEEPALIVES * keepaliveMs, deadtimeMs - marginMs));
}

/**
 * The timeout in whole seconds, at least 1, that a watchdog is armed with: `[watchdog] timeout`, else the longest that
 * fits into the deadtime. (The original takes deadtime + 10 ms, heartbeat-admin.md 7: later than the takeover.)
 */
export function watchdogTimeoutS(config: ClusterConfig): number {
  const given = config.settings.watchdogTimeoutMs ?? 0;
  const fitting = config.deadtimeMs - leaseMarginMs(config.deadtimeMs) - shortestLeaseMs(config);
  const wholeS = given > 0 ? Math.ceil(given / SECOND_MS) : Math.floor(fitting / SECOND_MS);
  return Math.max(1, wholeS);
}

/** How often the device is fed: often enough that one late turn does not matter. */
export function feedIntervalMs(config: ClusterConfig, watchdogMs: number): number {
  return Math.min(config.keepaliveMs, watchdogMs / 3);
}

/** Longest time that the scripts of all groups have for their stop, several groups at once. */
function longestStopMs(config: ClusterConfig): number {
  const scripts = (group: ResourceGroup): number =>
    group.resources.filter((resource) => resource.address === undefined).length;
  const times = config.groups.map((group) => scripts(group) * config.settings.stopDeadlineMs);
  const longestMs = Math.max(0, ...times);
  if (times.length <= config.settings.parallelGroups) return longestMs;
  return longestMs + times.reduce((sum, timeMs) => sum + timeMs, 0) / config.settings.parallelGroups;
}

/** The numbers for a configuration and the watchdog that is armed (its timeout as the driver reads it back, or null). */
export function leaseBudget(config: ClusterConfig, watchdogMs: number | null): LeaseBudget {
  const marginMs = leaseMarginMs(config.deadtimeMs);
  const shortestMs = shortestLeaseMs(config);
  const stopMs = longestStopMs(config);
  const endMs = (watchdogMs ?? 0) + marginMs;
  const announcedStopMs = config.settings.announcedSilence === 'stops' ? stopMs : 0;
  const needsMs = watchdogMs === null && announcedStopMs === 0 ? 0 : shortestMs + announcedStopMs + endMs;
  const silenceMs = Math.max(config.deadtimeMs, Math.min(needsMs, SILENCE_MAX_MS));
  const leaseMs = Math.max(shortestMs, silenceMs - endMs - announcedStopMs);
  const lifetimeS = config.groups.some((group) => group.resources.some((one) => one.address !== undefined))
    ? addressLifetimeS(config)
    : undefined;
  return {
    silenceMs,
    marginMs,
    leaseMs,
    stopMs,
    watchdogMs,
    addressLifetimeMs: lifetimeS === undefined ? null : lifetimeS * SECOND_MS,
    excessMs: leaseMs + stopMs + endMs - silenceMs,
  };
}
