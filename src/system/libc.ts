/**
 * The door to the C library: binds functions of the running process through koffi and turns errno into a typed
 * result. 64-bit little-endian Linux (x86-64, arm64) is assumed by every struct in this folder.
 */
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

export interface SystemError {
  readonly ok: false;
  /** Positive, as in errno(3). */
  readonly errno: number;
  /** "ENODEV" */
  readonly code: string;
  /** The call and the kernel's words: "SO_BINDTODEVICE eth9: No such device". */
  readonly message: string;
}

export type SystemResult<T> = { readonly ok: true; readonly value: T } | SystemError;

/** errno values that the code compares with (asm-generic numbers, the same on x86-64 and arm64). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EMSGSIZE: 90,
  EPROTO: 71,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
} as const;

const library = koffi.load(null);

/** Binds one C function by its prototype; the caller states the JavaScript signature that belongs to it. */
export function bindFunction<F extends (...args: never[]) => unknown>(prototype: string): F {
  return library.func(prototype) as unknown as F;
}

const strerror = bindFunction<(errno: number) => string>('const char *strerror(int errnum)');

/** The error of the call that has just failed on this thread. `what` says which call it was. */
export function lastError(what: string): SystemError {
  return systemError(koffi.errno(), what);
}

/** A typed error from an errno that came another way (a netlink message, say). `words` replaces strerror's. */
export function systemError(errno: number, what: string, words?: string): SystemError {
  return {
    ok: false,
    errno,
    code: getSystemErrorName(-errno),
    message: `${what}: ${words ?? strerror(errno)}`,
  };
}

/** errno of the last failed call on this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

const closeCall = bindFunction<(fd: number) => number>('int close(int fd)');

/** Closes a descriptor that Node does not own. Errors are of no use to anybody here. */
export function closeFd(fd: number): void {
  closeCall(fd);
}
