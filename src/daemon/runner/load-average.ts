import { readFileSync } from 'node:fs';

/** /proc/loadavg as the field `ld` of a status holds it, at most 63 characters; undefined without /proc. */
export function loadAverage(): string | undefined {
  try {
    return readFileSync('/proc/loadavg', 'latin1').trim().slice(0, 63);
  } catch {
    return undefined;
  }
}
