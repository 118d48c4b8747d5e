/** The output side of a terminal line (termios(3)), which the serial library leaves out. */
import { bindFunction } from './libc.js';

const TCOFLUSH = 1;
const TIOCOUTQ = 0x5411;

const tcflushCall = bindFunction<(fd: number, queue: number) => number>('int tcflush(int fd, int queue)');
const ioctlCall = bindFunction<(fd: number, request: number, type: string, value: Int32Array) => number>(
  'int ioctl(int fd, unsigned long request, ...)',
);

/** Throws away what waits to be sent; what has come in stays. */
export function discardOutput(fd: number): void {
  tcflushCall(fd, TCOFLUSH);
}

/** Bytes that the driver has not sent yet; 0 where the driver cannot tell. */
export function unsentBytes(fd: number): number {
  const value = new Int32Array(1);
  return ioctlCall(fd, TIOCOUTQ, '_Out_ void *', value) === 0 ? (value[0] ?? 0) : 0;
}
