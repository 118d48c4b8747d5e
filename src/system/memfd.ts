/** A file that lives in memory only (memfd_create(2)): no disk can be full or read-only for it. */
import { openSync } from 'node:fs';
import { bindFunction, closeFd, lastError } from './libc.js';

const MFD_CLOEXEC = 1;

const create = bindFunction<(name: string, flags: number) => number>(
  'int memfd_create(const char *name, unsigned int flags)',
);

/**
 * Opens a nameless file in memory for reading and appending; the caller closes the descriptor.
 * Throws when the kernel refuses (no memory, no descriptors).
 */
export function openMemoryFile(name: string): number {
  const fd = create(name, MFD_CLOEXEC);
  if (fd < 0) throw new Error(lastError('memfd_create').message);
  try {
    // The descriptor itself has no O_APPEND, which keeps writers in order after the file was cut.
    return openSync(`/proc/self/fd/${fd}`, 'a+');
  } finally {
    closeFd(fd);
  }
}
