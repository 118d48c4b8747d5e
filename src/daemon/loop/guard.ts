/** The watchdog in the loop process: armed before the first turn, fed by the executor, disarmed at an orderly end. */
import { armWatchdog, type Watchdog } from '../../actions/watchdog.js';
import type { ClusterConfig } from '../../config/types.js';
import { watchdogTimeoutS } from '../../core/guard/budget.js';
import type { InputEvent } from '../../core/input.js';
import type { WatchdogKernel } from '../../system/watchdog.js';
import type { LoopLog } from './loop-log.js';

export interface LoopGuard {
  /** What the core has to know before its first turn; undefined: ha.cf names no watchdog. */
  readonly event: Extract<InputEvent, { kind: 'watchdog' }> | undefined;
  /** Why this process must not begin: `[watchdog] required = yes` and there is none. */
  readonly refusal: string | undefined;
  /** The timeout that is armed, or null. */
  readonly timeoutMs: number | null;
  /** Throws where a watchdog is required and the device has failed: the process ends, and its end is dealt with. */
  feed(): void;
  /** The orderly end. */
  disarm(): void;
}

/** Opens and arms what the configuration names. Never throws. */
export function createGuard(config: ClusterConfig, log: LoopLog, kernel?: WatchdogKernel): LoopGuard {
  const device = config.watchdog;
  const required = config.settings.watchdogRequired === true;
  if (device === undefined) return { ...UNGUARDED, refusal: required ? NOTHING_NAMED : undefined };
  const armed = armWatchdog({
    device,
    timeoutS: watchdogTimeoutS(config),
    log: (level, code, text) => log.write(level, code, text),
    ...(kernel === undefined ? {} : { kernel }),
  });
  if (!armed.ok) {
    log.write('error', 'watchdog-absent', armed.problem);
    const refusal = required
      ? `${armed.problem} [watchdog] required = yes: heartbeat does not run.`
      : undefined;
    return {
      ...UNGUARDED,
      event: { kind: 'watchdog', device: null, timeoutMs: null, problem: armed.problem },
      refusal,
    };
  }
  return guardOf(armed.watchdog, required, log);
}

const NOTHING_NAMED =
  '[watchdog] required = yes, but ha.cf names no watchdog device: heartbeat does not run.';

const UNGUARDED: LoopGuard = {
  event: undefined,
  refusal: undefined,
  timeoutMs: null,
  feed: () => undefined,
  disarm: () => undefined,
};

function guardOf(watchdog: Watchdog, required: boolean, log: LoopLog): LoopGuard {
  const { device, timeoutMs } = watchdog;
  return {
    event: { kind: 'watchdog', device, timeoutMs, problem: '' },
    refusal: undefined,
    timeoutMs,
    feed() {
      const problem = watchdog.feed();
      if (problem === undefined) return;
      if (required) throw new Error(problem);
      log.write('crit', 'watchdog-failed', problem);
    },
    disarm: () => watchdog.disarm(),
  };
}
