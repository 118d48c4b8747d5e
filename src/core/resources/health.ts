/** What is remembered of a step's failures while it is watched. Plain data; it outlives the loop process. */
import type { MonitorRule, Settings } from '../../config/types.js';
import type { OperationTarget } from '../effect.js';

export interface StepHealth {
  /** The monitor under way, or null. */
  operationId: number | null;
  /** When the newest monitor began. */
  askedMs: number;
  /** Failed monitors since the last cleanup. */
  failures: number;
  /** Failures within the window since the last restart in place. */
  failedMs: readonly number[];
  /** Restarts in place within the window. */
  restartedMs: readonly number[];
  /** Why the newest failure was one; empty when there was none. */
  reason: string;
}

export function newHealth(): StepHealth {
  return { operationId: null, askedMs: 0, failures: 0, failedMs: [], restartedMs: [], reason: '' };
}

/** How this step is watched; undefined when it is not. Of several addresses side by side the keenest rule counts. */
export function ruleFor(settings: Settings, target: OperationTarget): MonitorRule | undefined {
  const { monitor, monitorOf = {} } = settings;
  const named = (name: string): MonitorRule | undefined =>
    Object.hasOwn(monitorOf, name) ? monitorOf[name] : undefined;
  const rules =
    target.kind === 'script'
      ? [named(target.resource.word) ?? named(target.resource.type) ?? monitor]
      : target.addresses.map(({ address }) => named(address) ?? monitor);
  let keenest: MonitorRule | undefined;
  for (const rule of rules) {
    if (rule === undefined || rule.intervalMs === 0) continue;
    if (keenest === undefined || rule.intervalMs < keenest.intervalMs) keenest = rule;
  }
  return keenest;
}

/** Those moments that lie within the window before now. */
export function within(momentsMs: readonly number[], windowMs: number, nowMs: number): readonly number[] {
  return momentsMs.filter((atMs) => nowMs - atMs < windowMs);
}
