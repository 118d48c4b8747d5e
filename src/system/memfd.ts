/** A file that lives in memory only (memfd_create(2)): no disk can be full or read-only for it. */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const MFD_CLOEXEC = 1;

let create: ((name: string, flags: number) => number) | undefined;

/**
 * Opens a nameless file in memory for reading and appending; the caller closes the descriptor.
 * Throws when the kernel refuses (no memory, no descriptors).
 */
export function openMemoryFile(name: string): number {
  create ??= koffi.load(null).func('int memfd_create(const char *name, unsigned int flags)') as (
    name: string,
    flags: number,
  ) => number;
  const fd = create(name, MFD_CLOEXEC);
  if (fd < 0) throw new Error(`memfd_create failed with errno ${koffi.errno()}`);
  try {
    // The descriptor itself has no O_APPEND, which keeps writers in order after the file was cut.
    return openSync(`/proc/self/fd/${fd}`, 'a+');
  } finally {
    closeSync(fd);
  }
}
