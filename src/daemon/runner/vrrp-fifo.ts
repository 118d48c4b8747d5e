/**
 * `notify_fifo` and `vrrp_notify_fifo`: every change as a line into a named pipe, for programs that want all of them
 * (vrrp-lvs.md 3.3): `INSTANCE "VI_1" MASTER 100`. Nobody is waited for: what a reader does not take is lost, and said.
 */
import { execFile } from 'node:child_process';
import { close, constants, open, unlink, write } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';

const makePipe = promisify(execFile);
const openFile = promisify(open);
const MODE = 0o600;

export interface NotifyFifo {
  /** One line, without its end; in order. Never throws. */
  write(line: string): void;
  /** Another list of paths (a reload): pipes that are no longer named are closed, and removed if they were made here. */
  use(paths: readonly string[]): void;
}

interface Pipe {
  readonly path: string;
  fd: number | undefined;
  made: boolean;
  closed: boolean;
  readonly waiting: string[];
}

/** Lines that wait while a pipe is being made. */
const WAITING_MAX = 100;

/** @param problem told a whole sentence */
export function createNotifyFifo(problem: (sentence: string) => void): NotifyFifo {
  let pipes: Pipe[] = [];

  const put = (pipe: Pipe, line: string): void => {
    if (pipe.fd === undefined) {
      if (pipe.waiting.length < WAITING_MAX) pipe.waiting.push(line);
      return;
    }
    write(pipe.fd, `${line}\n`, (error) => {
      if (error !== null)
        problem(
          `${pipe.path} takes no more (${error.code ?? error.message}): "${line}" is lost; let something read it.`,
        );
    });
  };
  const drop = (pipe: Pipe): void => {
    pipe.closed = true;
    if (pipe.fd !== undefined) close(pipe.fd);
    if (pipe.made) unlink(pipe.path, () => undefined);
  };
  const prepare = async (pipe: Pipe): Promise<void> => {
    const there = await lstat(pipe.path).catch(() => undefined);
    if (there === undefined) {
      await makePipe('mkfifo', ['-m', MODE.toString(8), pipe.path]);
      pipe.made = true;
    } else if (!there.isFIFO()) throw new Error('it is there and is no named pipe');
    // Read and write: opening does not wait for a reader, and lines stay until one comes.
    const fd = await openFile(pipe.path, constants.O_RDWR | constants.O_NONBLOCK);
    pipe.fd = fd;
    if (pipe.closed) drop(pipe);
    else for (const line of pipe.waiting.splice(0)) put(pipe, line);
  };
  return {
    write(line) {
      for (const pipe of pipes) put(pipe, line);
    },
    use(paths) {
      const wanted = [...new Set(paths)];
      for (const pipe of pipes) if (!wanted.includes(pipe.path)) drop(pipe);
      pipes = wanted.map((path) => {
        const known = pipes.find((pipe) => pipe.path === path);
        if (known !== undefined) return known;
        const pipe: Pipe = { path, fd: undefined, made: false, closed: false, waiting: [] };
        prepare(pipe).catch((error: unknown) => {
          const reason = error instanceof Error ? error.message.trim() : String(error);
          problem(`The named pipe ${path} cannot be used: ${reason}. Changes are not written to it.`);
        });
        return pipe;
      });
    },
  };
}
