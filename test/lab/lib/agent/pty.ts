import { checked, cIoctl, cOpen, libc } from './kernel.js';

const cTcgetattr: (fd: number, termios: Buffer) => number = libc.func(
  'int tcgetattr(int fd, _Out_ void *termios)',
);
const cTcsetattr: (fd: number, action: number, termios: Buffer) => number = libc.func(
  'int tcsetattr(int fd, int action, const void *termios)',
);
const cCfmakeraw: (termios: Buffer) => void = libc.func('void cfmakeraw(_Inout_ void *termios)');
const cTcflush: (fd: number, queue: number) => number = libc.func('int tcflush(int fd, int queue)');

const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;
const TCIOFLUSH = 2;
const O_RDWR_NOCTTY_NONBLOCK_CLOEXEC = 0o2 | 0o400 | 0o4000 | 0o2000000;

/** One pty: the hub's end (`master`) and its other end as a path. */
export interface Pty {
  readonly master: number;
  readonly number: number;
  /** Kept open by the hub, so that the master does not see a hang-up when nobody has the line open. */
  readonly slave: number;
}

/** Makes a pty in raw mode from the devpts mounted at `folder`. */
export function openPty(folder: string): Pty {
  const master = checked(cOpen(`${folder}/ptmx`, O_RDWR_NOCTTY_NONBLOCK_CLOEXEC), 'open ptmx');
  checked(cIoctl(master, TIOCSPTLCK, 'void *', Buffer.alloc(4)), 'unlock pty');
  const number = Buffer.alloc(4);
  checked(cIoctl(master, TIOCGPTN, 'void *', number), 'pty number');
  const slave = checked(
    cOpen(`${folder}/${number.readInt32LE(0)}`, O_RDWR_NOCTTY_NONBLOCK_CLOEXEC),
    'open pty',
  );
  const termios = Buffer.alloc(64);
  checked(cTcgetattr(slave, termios), 'tcgetattr');
  cCfmakeraw(termios);
  checked(cTcsetattr(slave, 0, termios), 'tcsetattr');
  return { master, number: number.readInt32LE(0), slave };
}

/** Throws away what waits in both directions of a terminal line. */
export function flushLine(fd: number): void {
  cTcflush(fd, TCIOFLUSH);
}
