/** Is something to be read right now? poll(2) with a timeout of zero. */
import { bindFunction } from './libc.js';

const POLLIN = 1;

const pollCall = bindFunction<(fds: Int32Array, count: number, timeoutMs: number) => number>(
  'int poll(_Inout_ void *fds, unsigned long count, int timeout_ms)',
);

/** struct pollfd { int fd; short events; short revents } */
const one = new Int32Array(2);

/** True when a datagram or bytes wait in this descriptor. False for a closed one. About 0.4 microseconds. */
export function hasUnread(fd: number): boolean {
  if (fd < 0) return false;
  one[0] = fd;
  one[1] = POLLIN;
  return pollCall(one, 1, 0) > 0 && (((one[1] ?? 0) >> 16) & POLLIN) !== 0;
}

/** True when any of the descriptors has something to be read. */
export function anyUnread(fds: readonly number[]): boolean {
  if (fds.length === 0) return false;
  const list = new Int32Array(fds.length * 2);
  for (const [i, fd] of fds.entries()) {
    list[i * 2] = fd;
    list[i * 2 + 1] = POLLIN;
  }
  if (pollCall(list, fds.length, 0) <= 0) return false;
  return fds.some((_, i) => (((list[i * 2 + 1] ?? 0) >> 16) & POLLIN) !== 0);
}
