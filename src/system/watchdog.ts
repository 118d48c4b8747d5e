/** The kernel's watchdog interface (Documentation/watchdog/watchdog-api): open, ioctls, the bytes that are written. */
import { readFileSync, statSync } from 'node:fs';
import { bindFunction, closeFd, lastError, type SystemResult } from './libc.js';

const O_WRONLY_CLOEXEC = 0x80001;

const WDIOC_GETSUPPORT = 0x80285700;
const WDIOC_SETTIMEOUT = 0xc0045706;
const WDIOC_GETTIMEOUT = 0x80045707;

/** Bits of the driver's options. */
const WDIOF_MAGICCLOSE = 0x0100;

const openCall = bindFunction<(path: string, flags: number) => number>(
  'int open(const char *path, int flags)',
);
const writeCall = bindFunction<(fd: number, bytes: Uint8Array, size: number) => number>(
  'intptr_t write(int fd, const void *bytes, size_t size)',
);
const ioctlCall = bindFunction<(fd: number, request: number, type: string, argument: Uint8Array) => number>(
  'int ioctl(int fd, unsigned long request, ...)',
);

export interface WatchdogSupport {
  /** The driver's name for itself, e.g. "i6300ESB timer". */
  readonly identity: string;
  /** Writing "V" before the close stops the timer (unless nowayout is set). */
  readonly magicClose: boolean;
}

/** What the watchdog adapter needs of the kernel; tests put another in its place. Nothing here blocks. */
export interface WatchdogKernel {
  /** Opening arms the device. EBUSY when another process has it open. */
  open(path: string): SystemResult<number>;
  /** ENOTTY when the file is no watchdog. */
  support(fd: number): SystemResult<WatchdogSupport>;
  /** Whole seconds; gives the timeout that the driver chose. EINVAL outside of its range. */
  setTimeout(fd: number, timeoutS: number): SystemResult<number>;
  /** Whole seconds. */
  getTimeout(fd: number): SystemResult<number>;
  /** Any byte feeds; 'V' (86) also lets the next close stop the timer. */
  write(fd: number, byte: number): SystemResult<undefined>;
  close(fd: number): void;
  /** Whether the timer can be stopped at all once it runs; undefined when the kernel does not tell. */
  noWayOut(path: string): boolean | undefined;
}

function int32(fd: number, request: number, name: string, valueS: number): SystemResult<number> {
  const argument = new Int32Array([valueS]);
  const bytes = new Uint8Array(argument.buffer);
  if (ioctlCall(fd, request, 'void *', bytes) < 0) return lastError(name);
  return { ok: true, value: argument[0] ?? 0 };
}

const oneByte = new Uint8Array(1);

/** The running kernel. */
export const watchdogKernel: WatchdogKernel = {
  open(path) {
    const fd = openCall(path, O_WRONLY_CLOEXEC);
    return fd < 0 ? lastError(path) : { ok: true, value: fd };
  },
  support(fd) {
    // struct watchdog_info { u32 options; u32 firmware_version; u8 identity[32] }
    const info = new Uint8Array(40);
    if (ioctlCall(fd, WDIOC_GETSUPPORT, 'void *', info) < 0) return lastError('WDIOC_GETSUPPORT');
    const identity = Buffer.from(info.subarray(8)).toString('latin1').split('\0')[0] ?? '';
    const options = new DataView(info.buffer).getUint32(0, true);
    return { ok: true, value: { identity, magicClose: (options & WDIOF_MAGICCLOSE) !== 0 } };
  },
  setTimeout: (fd, timeoutS) => int32(fd, WDIOC_SETTIMEOUT, 'WDIOC_SETTIMEOUT', timeoutS),
  getTimeout: (fd) => int32(fd, WDIOC_GETTIMEOUT, 'WDIOC_GETTIMEOUT', 0),
  write(fd, byte) {
    oneByte[0] = byte;
    return writeCall(fd, oneByte, 1) === 1 ? { ok: true, value: undefined } : lastError('write');
  },
  close: closeFd,
  noWayOut(path) {
    try {
      const { rdev } = statSync(path);
      const major = (rdev >> 8) & 0xfff;
      const minor = (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
      // The old name /dev/watchdog is a miscellaneous device without a folder of its own: it is the first watchdog.
      const folder =
        major === 10 && minor === 130 ? '/sys/class/watchdog/watchdog0' : `/sys/dev/char/${major}:${minor}`;
      return readFileSync(`${folder}/nowayout`, 'latin1').trim() === '1';
    } catch {
      return undefined;
    }
  },
};
