/**
 * The watchdog device of ha.cf: armed at the start of the loop, fed when the core says so, stopped by the magic 'V' on
 * an orderly end only. Whoever dies or hangs leaves it running, and the kernel resets the machine.
 * Log lines are the original's where it has them (heartbeat-admin.md 7).
 */
import type { LogLevel } from '../core/effect.js';
import { type WatchdogKernel, watchdogKernel } from '../system/watchdog.js';

const FEED = 0;
const MAGIC_CLOSE = 0x56;

export interface WatchdogOptions {
  /** Path of the device. */
  readonly device: string;
  /** Wanted timeout in whole seconds, at least 1. */
  readonly timeoutS: number;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  readonly kernel?: WatchdogKernel;
}

export interface Watchdog {
  readonly device: string;
  /** As the driver reads it back: not always what was asked for. */
  readonly timeoutMs: number;
  /** Keeps the machine alive for another timeout; the sentence that says why it failed, or undefined. */
  feed(): string | undefined;
  /** Stops the timer and closes the device, as far as the driver lets it. For an orderly end only. */
  disarm(): void;
}

export type ArmedWatchdog =
  | { readonly ok: true; readonly watchdog: Watchdog }
  /** A whole sentence. */
  | { readonly ok: false; readonly problem: string };

/** Opens and arms the device. Never throws; what is worth knowing is logged, a failure is only returned. */
export function armWatchdog(options: WatchdogOptions): ArmedWatchdog {
  const { device, timeoutS, log } = options;
  const kernel = options.kernel ?? watchdogKernel;
  const opened = kernel.open(device);
  if (!opened.ok) return { ok: false, problem: openProblem(device, opened.code, opened.message) };
  const fd = opened.value;
  const set = kernel.setTimeout(fd, timeoutS);
  const got = kernel.getTimeout(fd);
  const effectiveS = got.ok ? got.value : set.ok ? set.value : 0;
  if (effectiveS <= 0) {
    kernel.write(fd, MAGIC_CLOSE);
    kernel.close(fd);
    const why = set.ok ? 'it does not tell its timeout' : set.message;
    const problem = `Cannot arm watchdog device: ${device} (${why}). This node is not guarded against its own hanging.`;
    return { ok: false, problem };
  }
  const support = kernel.support(fd);
  const identity = support.ok && support.value.identity !== '' ? ` (${support.value.identity})` : '';
  log('notice', 'watchdog-open', `Using watchdog device: ${device}`);
  sayTimeout(log, set.ok, timeoutS, effectiveS);
  const noWayOut = kernel.noWayOut(device) === true;
  const stoppable = !noWayOut && (!support.ok || support.value.magicClose);
  if (!stoppable) {
    const why = noWayOut ? 'has nowayout set' : 'cannot be stopped';
    const sentence = `Watchdog ${device}${identity} ${why}: even an orderly stop of heartbeat is followed by a reset after ${effectiveS} s.`;
    log('warn', 'watchdog-no-way-out', sentence);
  }
  return { ok: true, watchdog: handleOf(kernel, fd, { ...options, timeoutS: effectiveS }, stoppable) };
}

function openProblem(device: string, code: string, message: string): string {
  const why =
    code === 'EBUSY'
      ? 'another program has it open; systemd (RuntimeWatchdogSec), sbd or watchdogd may be the one'
      : code === 'ENOENT'
        ? 'there is no such device; load its driver, e.g. "modprobe softdog"'
        : message;
  return `Cannot open watchdog device: ${device} (${why}). This node is not guarded against its own hanging.`;
}

function sayTimeout(log: WatchdogOptions['log'], accepted: boolean, wantedS: number, gotS: number): void {
  if (!accepted) {
    const failed = `WDIOC_SETTIMEOUT: Failed to set watchdog timer to ${wantedS} seconds.`;
    log(
      'error',
      'watchdog-timeout',
      `${failed} The driver keeps ${gotS} s; the lease is reckoned with that.`,
    );
  } else if (gotS !== wantedS) {
    const sentence = `Set watchdog timer to ${gotS} seconds, the nearest to ${wantedS} that the driver has.`;
    log('warn', 'watchdog-timeout', sentence);
  } else {
    log('info', 'watchdog-timeout', `Set watchdog timer to ${gotS} seconds.`);
  }
}

function handleOf(
  kernel: WatchdogKernel,
  fd: number,
  { device, timeoutS, log }: WatchdogOptions,
  stoppable: boolean,
): Watchdog {
  let open = true;
  return {
    device,
    timeoutMs: timeoutS * 1000,
    feed() {
      if (!open) return undefined;
      const written = kernel.write(fd, FEED);
      if (written.ok) return undefined;
      return `Watchdog ${device} could not be fed: ${written.message}. This machine may be reset within ${timeoutS} s.`;
    },
    disarm() {
      if (!open) return;
      open = false;
      const written = kernel.write(fd, MAGIC_CLOSE);
      if (written.ok && stoppable) log('info', 'watchdog-stopped', "Successful watchdog 'V' write");
      kernel.close(fd);
      if (stoppable) log('info', 'watchdog-closed', 'Successful watchdog close');
      else {
        const sentence = `Watchdog ${device} goes on: this machine is reset in ${timeoutS} s unless heartbeat is started again.`;
        log('crit', 'watchdog-no-way-out', sentence);
      }
    },
  };
}
