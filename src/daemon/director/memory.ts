/**
 * What outlives the director process, in the run directory: the services that it set (so that those of an older
 * configuration go), and the servers that had failed (so that a new process does not trust them before their check).
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface DirectorMemory {
  readonly owned: readonly string[];
  /** "SERVICE SERVER" */
  readonly failed: readonly string[];
}

const EMPTY: DirectorMemory = { owned: [], failed: [] };

/** Nothing where there is no file, or none that can be read. */
export function readMemory(path: string): DirectorMemory {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const { owned, failed } = value as Partial<Record<keyof DirectorMemory, unknown>>;
    return { owned: texts(owned), failed: texts(failed) };
  } catch {
    return EMPTY;
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Replaces the file as a whole. A full disk costs the memory, nothing else. */
export function writeMemory(path: string, memory: DirectorMemory): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(memory), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    rmSync(`${path}.new`, { force: true });
  }
}

export function forget(path: string): void {
  rmSync(path, { force: true });
}
