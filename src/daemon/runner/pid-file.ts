/**
 * `RUN_DIR/../heartbeat.pid` (`%10d` and newline, as the original's) and the question whether the process that it
 * names is really this daemon. RUN_DIR/daemon.json says when that process began, so that a number that went to
 * another program is not mistaken for us.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Paths, pidFilePath } from '../paths.js';
import { fileSentence, replaceFile, StateFileError } from './state-files.js';

export type DaemonState =
  | { readonly kind: 'running'; readonly pid: number }
  /** The pid file is there, the process is not. */
  | { readonly kind: 'stale'; readonly pid: number | undefined }
  | { readonly kind: 'never' };

interface DaemonRecord {
  readonly pid: number;
  readonly bootId: string;
  readonly startTicks: string;
}

/** Looks at the pid file and the process that it names. */
export function readDaemonState(paths: Paths): DaemonState {
  let text: string;
  try {
    text = readFileSync(pidFilePath(paths), 'latin1');
  } catch {
    return { kind: 'never' };
  }
  const pid = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
  if (pid === undefined) return { kind: 'stale', pid: undefined };
  const number = Number(pid);
  return isDaemon(number, paths) ? { kind: 'running', pid: number } : { kind: 'stale', pid: number };
}

/**
 * Creates RUN_DIR (0750) and writes the pid file for this process. False: another daemon was faster. With `takeOver`
 * the file of a dead runner of the same daemon is replaced. Throws StateFileError.
 */
export function writePidFile(paths: Paths, takeOver = false): boolean {
  try {
    mkdirSync(paths.runDir, { recursive: true, mode: 0o750 });
    if (!takeOver && !claim(pidFilePath(paths), paths)) return false;
    writeRecord(paths);
    if (takeOver) replaceFile(pidFilePath(paths), pidText(), 0o644);
    return true;
  } catch (error) {
    if (error instanceof StateFileError) throw error;
    throw new StateFileError(fileSentence('write', pidFilePath(paths), error));
  }
}

/** Creates the file for this process alone, in place of one that a dead daemon left. */
function claim(path: string, paths: Paths): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, pidText(), { mode: 0o644 });
  try {
    for (const lastTry of [false, true]) {
      try {
        linkSync(own, path);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (lastTry || readDaemonState(paths).kind === 'running') return false;
        rmSync(path, { force: true });
      }
    }
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function pidText(): string {
  return `${String(process.pid).padStart(10)}\n`;
}

function writeRecord(paths: Paths): void {
  const record: DaemonRecord = {
    pid: process.pid,
    bootId: bootId(),
    startTicks: startTicks(process.pid) ?? '',
  };
  replaceFile(recordPath(paths), `${JSON.stringify(record)}\n`);
}

/** Removes both files if they are ours. */
export function removePidFile(paths: Paths): void {
  if (readDaemonRecord(paths)?.pid !== process.pid) return;
  rmSync(pidFilePath(paths), { force: true });
  rmSync(recordPath(paths), { force: true });
}

function isDaemon(pid: number, paths: Paths): boolean {
  const ticks = startTicks(pid);
  if (ticks === undefined) return false;
  const record = readDaemonRecord(paths);
  if (record?.pid === pid) return record.bootId === bootId() && record.startTicks === ticks;
  // Without our record (an older version, or RUN_DIR was wiped) the name must do.
  try {
    return new RegExp(paths.daemonName ?? 'heartbeat').test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
}

function readDaemonRecord(paths: Paths): DaemonRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(recordPath(paths), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, bootId: boot, startTicks: ticks } = value as Partial<DaemonRecord>;
    if (typeof pid !== 'number' || typeof boot !== 'string' || typeof ticks !== 'string') return undefined;
    return { pid, bootId: boot, startTicks: ticks };
  } catch {
    return undefined;
  }
}

function recordPath(paths: Paths): string {
  return join(paths.runDir, 'daemon.json');
}

/** Start time of a live process in clock ticks since boot; undefined when it is gone or a zombie. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold blanks and parentheses: count from its end. Field 3 is the state, field 22 the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Names this boot of the machine; empty when the kernel does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
