/**
 * Appends lines to one log file without ever making the program wait or fail: writes go one at a time through the
 * thread pool, what cannot be written is dropped and reported once. A file that was renamed or removed (logrotate)
 * is noticed by its inode and opened anew, so no signal is needed; `reopen` does it at once.
 */
import { close, fstat, open, stat, write } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write) as (fd: number, data: string) => Promise<unknown>;
const statPath = promisify(stat);
const statFile = promisify(fstat);

const MAX_QUEUED_CHARACTERS = 1024 * 1024;
const CHECK_INTERVAL_MS = 1000;

export interface FileSink {
  /** Queues one line (without newline). Never throws. */
  write(line: string): void;
  /** The next line opens the file by its name again. */
  reopen(): void;
  /** Writes what is queued and closes; resolves after `deadlineMs` at the latest. */
  close(deadlineMs: number): Promise<void>;
}

export interface FileSinkOptions {
  readonly path: string;
  /** Called for each failed batch: a whole sentence, with the number of lines lost. The caller throttles. */
  readonly onTrouble: (sentence: string) => void;
}

/** A sink for `path`, created with mode 0600 on the first line. */
export function createFileSink(options: FileSinkOptions): FileSink {
  let queue: string[] = [];
  let queued = 0;
  let dropped = 0;
  let fd: number | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  const closeNow = async (): Promise<void> => {
    const old = fd;
    fd = undefined;
    if (old !== undefined) await closeFile(old).catch(() => undefined);
  };

  const sameFile = async (current: number): Promise<boolean> => {
    const nowMs = performance.now();
    if (nowMs - checkedMs < CHECK_INTERVAL_MS) return true;
    checkedMs = nowMs;
    const [byName, byFd] = await Promise.all([statPath(options.path), statFile(current)]);
    return byName.ino === byFd.ino && byName.dev === byFd.dev;
  };

  const opened = async (): Promise<number> => {
    if (fd !== undefined && !(await sameFile(fd).catch(() => false))) await closeNow();
    fd ??= await openFile(options.path, 'a', 0o600);
    return fd;
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      queued = 0;
      try {
        await writeFile(await opened(), `${batch.join('\n')}\n`);
      } catch (error) {
        const lost = batch.length + dropped;
        dropped = 0;
        await closeNow();
        const reason = error instanceof Error ? error.message : String(error);
        options.onTrouble(
          `Cannot write the log file ${options.path} (${lost} lines lost): ${reason}. Heartbeat goes on without it.`,
        );
      }
    }
    running = undefined;
  };

  return {
    write(line) {
      if (queued + line.length > MAX_QUEUED_CHARACTERS) {
        dropped += 1;
        return;
      }
      queue.push(line);
      queued += line.length;
      running ??= drain();
    },
    reopen() {
      checkedMs = Number.NEGATIVE_INFINITY;
    },
    async close(deadlineMs) {
      const deadline = new Promise<void>((resolve) => {
        setTimeout(resolve, deadlineMs).unref();
      });
      await Promise.race([running ?? Promise.resolve(), deadline]);
      if (running === undefined) await closeNow();
    },
  };
}
