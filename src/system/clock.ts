/** The clock that also runs while the machine is suspended (clock_gettime(2), CLOCK_BOOTTIME). */
import { bindFunction } from './libc.js';

const CLOCK_BOOTTIME = 7;

const clockGettime = bindFunction<(clock: number, timespec: Uint32Array) => number>(
  'int clock_gettime(int clock, _Out_ void *timespec)',
);

/** struct timespec as four halves of its two 64-bit words; kept for all calls, so that reading allocates nothing. */
const timespec = new Uint32Array(4);

/** Milliseconds since boot, suspension included, with the fraction that the kernel gives (1 ns). */
export function bootTimeMs(): number {
  clockGettime(CLOCK_BOOTTIME, timespec);
  const seconds = (timespec[0] ?? 0) + (timespec[1] ?? 0) * 0x1_0000_0000;
  return seconds * 1000 + (timespec[2] ?? 0) / 1e6;
}
