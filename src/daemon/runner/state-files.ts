/** The small files that outlive a run (heartbeat-admin.md 9), replaced whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of the state directory cannot be read or written; `message` is the sentence for the user. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

/** Writes PATH.tmp, syncs it, renames it over PATH and syncs the folder. Throws StateFileError. */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const temporary = `${path}.tmp`;
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      let written = 0;
      while (written < bytes.length) written += writeSync(fd, bytes, written);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new StateFileError(fileSentence('write', path, error));
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates the state directory and the working directory of scripts below it. Throws StateFileError. */
export function prepareStateDirectory(stateDir: string): { readonly coresDir: string } {
  const coresDir = join(stateDir, 'cores', 'root');
  try {
    mkdirSync(coresDir, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new StateFileError(fileSentence('create', coresDir, error));
  }
  return { coresDir };
}

/**
 * The generation of this start, already on the disk when this returns: the stored number plus one; the Unix time
 * when there is none that can be read, or with `method` "time". Throws StateFileError when it cannot be stored.
 */
export function nextGeneration(stateDir: string, method: 'file' | 'time', nowS: number): number {
  const path = join(stateDir, 'hb_generation');
  const stored = method === 'time' ? undefined : storedGeneration(path);
  const next = stored === undefined ? nowS : stored + 1;
  replaceFile(path, `${String(next).padEnd(15)}\n`);
  return next;
}

/** Undefined: absent or not a number. */
function storedGeneration(path: string): number | undefined {
  const text = readIfThere(path)?.toString('latin1').trim();
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** The node's identity as 32 hex digits, from hb_uuid (16 raw bytes), made once. Throws StateFileError. */
export function nodeUuid(stateDir: string): string {
  const path = join(stateDir, 'hb_uuid');
  const stored = readIfThere(path);
  if (stored?.length === 16) return stored.toString('hex');
  const fresh = randomBytes(16);
  // Version 4, variant 1 (RFC 9562 5.4).
  fresh.writeUInt8((fresh.readUInt8(6) & 0x0f) | 0x40, 6);
  fresh.writeUInt8((fresh.readUInt8(8) & 0x3f) | 0x80, 8);
  replaceFile(path, fresh);
  return fresh.toString('hex');
}

/** Highest generation heard of each peer; an unreadable file counts as empty. */
export function readPeerGenerations(stateDir: string): Record<string, number> {
  const generations: Record<string, number> = {};
  try {
    const stored: unknown = JSON.parse(readIfThere(peerFile(stateDir))?.toString('utf8') ?? '{}');
    if (typeof stored !== 'object' || stored === null) return generations;
    for (const [node, generation] of Object.entries(stored)) {
      if (Number.isSafeInteger(generation) && generation >= 0) generations[node] = Number(generation);
    }
  } catch {
    // a damaged file only costs the protection against replayed old generations until the peers speak
  }
  return generations;
}

/** Throws StateFileError. */
export function writePeerGenerations(stateDir: string, generations: Readonly<Record<string, number>>): void {
  replaceFile(peerFile(stateDir), `${JSON.stringify(generations)}\n`);
}

/** Changes of maintenance so far (odd: it is on); 0 when nothing was stored or it cannot be read. */
export function readMaintenance(stateDir: string): number {
  try {
    const text = readIfThere(maintenanceFile(stateDir))?.toString('latin1').trim() ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}

/** Throws StateFileError. */
export function writeMaintenance(stateDir: string, epoch: number): void {
  replaceFile(maintenanceFile(stateDir), `${epoch}\n`);
}

/** Writes it; undefined when it is kept, otherwise the sentence that says why not. */
export function keptMaintenance(stateDir: string, epoch: number): string | undefined {
  try {
    writeMaintenance(stateDir, epoch);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function maintenanceFile(stateDir: string): string {
  return join(stateDir, 'maintenance');
}

function peerFile(stateDir: string): string {
  return join(stateDir, 'peer_generations');
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StateFileError(fileSentence('read', path, error));
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; make room there',
  EDQUOT: 'the quota is used up; make room there',
  EROFS: 'the file system is read-only; mount it writable or name another directory with --state-dir',
  EACCES: 'permission denied; heartbeat has to run as root and own that directory',
  EPERM: 'not permitted; heartbeat has to run as root and own that directory',
};

/** `Cannot write PATH: the disk is full; make room there.` */
export function fileSentence(verb: string, path: string, error: unknown): string {
  const failed = error as NodeJS.ErrnoException;
  return `Cannot ${verb} ${path}: ${ADVICE[failed.code ?? ''] ?? failed.message}.`;
}
