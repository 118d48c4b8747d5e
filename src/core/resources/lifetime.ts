import type { ClusterConfig } from '../../config/types.js';

/** Below this deadtime whole-second kernel lifetimes are too coarse; the runner removes the addresses instead. */
const LIFETIME_DEADTIME_MIN_MS = 3500;

/** The kernel counts whole seconds and looks up to a second late, so the lifetime ends this much before the deadtime. */
const LIFETIME_SLACK_MS = 1500;

/**
 * Lifetime in whole seconds (>= 2) that each punctual turn gives to our addresses, so that they vanish by themselves
 * before the peer takes over, even if this program hangs; undefined when the deadtime is too short for it.
 */
export function addressLifetimeS(config: ClusterConfig): number | undefined {
  if (config.deadtimeMs < LIFETIME_DEADTIME_MIN_MS) return undefined;
  return Math.floor((config.deadtimeMs - LIFETIME_SLACK_MS) / 1000);
}

/** How often the lifetime is renewed. */
export function renewIntervalMs(config: ClusterConfig): number {
  return Math.min(config.keepaliveMs, 500);
}
