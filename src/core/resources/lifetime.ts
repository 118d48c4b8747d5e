import type { ClusterConfig } from '../../config/types.js';

/** Below this deadtime whole-second kernel lifetimes are too coarse; the runner removes the addresses instead. */
const LIFETIME_DEADTIME_MIN_MS = 3500;

/** The kernel counts whole seconds and looks up to a second late, so the lifetime ends this much before the deadtime. */
const LIFETIME_SLACK_MS = 1500;

/**
 * Lifetime in whole seconds (>= 2) that each punctual turn gives to our addresses, so that they vanish by themselves
 * before the peer takes over, even if this program hangs; undefined when the deadtime is too short for it.
 */
export function addressLifetimeS(config: Pick<ClusterConfig, 'deadtimeMs'>): number | undefined {
  if (config.deadtimeMs < LIFETIME_DEADTIME_MIN_MS) return undefined;
  return Math.floor((config.deadtimeMs - LIFETIME_SLACK_MS) / 1000);
}

/** A lifetime is renewed at least this often, and at least this many times while it lasts. */
const RENEW_MAX_MS = 1000;
const RENEWALS_PER_LIFETIME = 4;

/** How often the lifetime is renewed: one late turn, or a few, must not let an address vanish. */
export function renewIntervalMs(config: ClusterConfig): number {
  const lifetimeS = addressLifetimeS(config);
  const dueMs = Math.min(config.keepaliveMs, RENEW_MAX_MS);
  return lifetimeS === undefined ? dueMs : Math.min(dueMs, (lifetimeS * 1000) / RENEWALS_PER_LIFETIME);
}
