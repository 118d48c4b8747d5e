/**
 * Keeps the program itself from being paged out. Never mlockall(2): V8 calls madvise(MADV_DONTNEED) on its own
 * anonymous memory, which fails on locked pages, and then aborts the process. So only file-backed mappings (code and
 * data of node and of the libraries), the main thread's stack and the C heap are locked; V8's memory is kept from swap
 * by the service's cgroup (MemorySwapMax=0).
 */
import { readFileSync } from 'node:fs';
import { bindFunction, lastError, type SystemError } from './libc.js';

export interface MemoryRange {
  /** Addresses are below 2^47, so a number holds them. */
  readonly start: number;
  readonly bytes: number;
}

export interface LockedMemory {
  readonly ranges: number;
  readonly bytes: number;
  /** The first range that the kernel refused (usually RLIMIT_MEMLOCK without CAP_IPC_LOCK). */
  readonly failure?: SystemError;
}

const mlockCall = bindFunction<(start: number, bytes: number) => number>(
  'int mlock(uintptr_t start, size_t bytes)',
);

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (.)(?:...) [0-9a-f]+ \S+ (\d+)\s*(.*)$/;

/** The ranges of a /proc/PID/maps text that may be locked: readable ones of files, [stack] and [heap]. */
export function lockableRanges(maps: string): MemoryRange[] {
  const ranges: MemoryRange[] = [];
  for (const line of maps.split('\n')) {
    const [, from = '', to = '', readable, inode = '0', name = ''] = LINE.exec(line) ?? [];
    if (readable !== 'r') continue;
    const ofFile = inode !== '0' && name.startsWith('/') && !name.startsWith('/dev/');
    if (!ofFile && name !== '[stack]' && name !== '[heap]') continue;
    const start = Number.parseInt(from, 16);
    ranges.push({ start, bytes: Number.parseInt(to, 16) - start });
  }
  return ranges;
}

/** Locks what can be locked safely. Reads /proc, so it belongs to the start of a process (15 to 25 ms). */
export function lockMemory(): LockedMemory {
  let ranges = 0;
  let bytes = 0;
  for (const range of lockableRanges(readFileSync('/proc/self/maps', 'latin1'))) {
    if (mlockCall(range.start, range.bytes) !== 0) return { ranges, bytes, failure: lastError('mlock') };
    ranges++;
    bytes += range.bytes;
  }
  return { ranges, bytes };
}
