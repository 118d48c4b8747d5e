/**
 * One alarm on the clock that also runs during suspension, finer than Node's timers: they count whole milliseconds, and
 * an interval of 10 ms notices one (timerfd_create(2)).
 */
import koffi from 'koffi';
import { bindFunction, closeFd, lastError, type SystemResult } from './libc.js';

const CLOCK_BOOTTIME = 7;
const TFD_TIMER_ABSTIME = 1;
const TFD_NONBLOCK = 0x800;
const TFD_CLOEXEC = 0x80000;

const createCall = bindFunction<(clock: number, flags: number) => number>(
  'int timerfd_create(int clock, int flags)',
);
const settimeCall = bindFunction<(fd: number, flags: number, value: Uint8Array, old: null) => number>(
  'int timerfd_settime(int fd, int flags, const void *value, void *old)',
);
const readCall = bindFunction<(fd: number, bytes: Uint8Array, length: number) => number>(
  'intptr_t read(int fd, _Out_ void *bytes, size_t length)',
);

export interface WakeTimer {
  /** Rings once when the clock reads `atMs` (bootTimeMs), or at once if that is past. Replaces what was set before. */
  set(atMs: number): void;
  /** Idempotent; rings no more. */
  close(): void;
}

/** koffi's handle stops when it is garbage; these are still wanted. */
const openWatches = new Set<ReturnType<typeof koffi.node.poll>>();

/**
 * Does not keep the process alive. `onRing` is called from outside of Node's own callbacks: it has to go on in
 * `setImmediate`, before which no promise and no tick is run.
 */
export function openWakeTimer(onRing: () => void): SystemResult<WakeTimer> {
  let fd = createCall(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return lastError('timerfd_create');
  const expirations = Buffer.alloc(8);
  /** struct itimerspec: interval (seconds, nanoseconds), then the first expiration. */
  const value = Buffer.alloc(32);
  const watch = koffi.node.poll(fd, { readable: true }, () => {
    // Nothing to be read: it was set anew in the meantime.
    if (fd >= 0 && readCall(fd, expirations, 8) === 8) onRing();
  });
  watch.unref();
  openWatches.add(watch);
  return {
    ok: true,
    value: {
      set(atMs): void {
        if (fd < 0) return;
        const seconds = Math.floor(atMs / 1000);
        const nanoseconds = Math.ceil((atMs - seconds * 1000) * 1e6);
        // All zeros would disarm it.
        value.writeBigInt64LE(BigInt(Math.max(0, seconds) + (nanoseconds >= 1e9 ? 1 : 0)), 16);
        value.writeBigInt64LE(BigInt(seconds <= 0 ? 1 : nanoseconds % 1e9), 24);
        settimeCall(fd, TFD_TIMER_ABSTIME, value, null);
      },
      close(): void {
        if (fd < 0) return;
        openWatches.delete(watch);
        watch.close();
        closeFd(fd);
        fd = -1;
      },
    },
  };
}
