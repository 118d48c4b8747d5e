/**
 * A null-modem cable between two ptys, as a process of its own: `node null-modem.js` prints the two device paths, one a
 * line, and copies bytes until its standard input ends. Stopped (SIGSTOP), it holds the line; killed, both devices
 * disappear.
 */
import { readSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { watchFd } from '../../../src/system/fd-watch.js';

const libc = koffi.load(null);
const openpty = libc.func(
  'int openpty(_Out_ int *master, _Out_ int *slave, _Out_ char *name, const void *termios, const void *size)',
) as unknown as (m: Int32Array, s: Int32Array, name: Buffer, termios: null, size: null) => number;
const cfmakeraw = libc.func('void cfmakeraw(_Inout_ void *termios)') as unknown as (termios: Buffer) => void;
const tcgetattr = libc.func('int tcgetattr(int fd, _Out_ void *termios)') as unknown as (
  fd: number,
  termios: Buffer,
) => number;
const tcsetattr = libc.func('int tcsetattr(int fd, int action, const void *termios)') as unknown as (
  fd: number,
  action: number,
  termios: Buffer,
) => number;

/** Its other end stays open here too, so that the master does not hang up while nobody uses the line. */
function openEnd(): { master: number; path: string } {
  const [master, slave, name] = [new Int32Array(1), new Int32Array(1), Buffer.alloc(128)];
  if (openpty(master, slave, name, null, null) !== 0) throw new Error(`openpty: errno ${koffi.errno()}`);
  const termios = Buffer.alloc(64);
  tcgetattr(slave[0] ?? -1, termios);
  cfmakeraw(termios);
  tcsetattr(slave[0] ?? -1, 0, termios);
  return { master: master[0] ?? -1, path: name.toString('latin1', 0, name.indexOf(0)) };
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A line that is full makes the sender wait, as hardware flow control does. */
function writeSome(to: number, buffer: Buffer, start: number, length: number): number {
  try {
    return writeSync(to, buffer, start, length);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EAGAIN') throw error;
    Atomics.wait(pause, 0, 0, 1);
    return 0;
  }
}

function copy(from: number, to: number): void {
  const buffer = Buffer.alloc(4096);
  watchFd(from, () => {
    const length = readSync(from, buffer);
    for (let done = 0; done < length; ) done += writeSome(to, buffer, done, length - done);
  });
}

const left = openEnd();
const right = openEnd();
copy(left.master, right.master);
copy(right.master, left.master);
process.stdout.write(`${left.path}\n${right.path}\n`);
process.stdin.on('end', () => process.exit());
process.stdin.resume();
