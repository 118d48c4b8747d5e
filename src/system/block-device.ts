/**
 * Whole sectors of a disk, past the page cache (open(2) O_DIRECT, O_SYNC): what is read is what stands on the disk now,
 * what was written is on it. Every call may hang as long as the disk does: for a process of its own only.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { bindFunction } from './libc.js';

/** BLKSSZGET: the logical block size as an int. */
const BLKSSZGET = 0x1268;
/** Alignment of the memory; no disk has larger sectors. */
const ALIGNMENT_BYTES = 65_536;
const SMALLEST_SECTOR_BYTES = 512;

const ioctlCall = bindFunction<(fd: number, request: number, type: string, argument: Uint8Array) => number>(
  'int ioctl(int fd, unsigned long request, ...)',
);

export interface BlockDevice {
  readonly path: string;
  /** Logical block; 512 for a regular file. */
  readonly sectorBytes: number;
  /** False: a regular file on a file system without direct access. */
  readonly direct: boolean;
  /** A copy of `count` sectors. Throws a system error (EIO, ENXIO), or RangeError beyond the end. */
  read(sector: number, count?: number): Uint8Array;
  /** Writes whole sectors; they are on the disk when this returns. Throws as `read`. */
  write(sector: number, bytes: Uint8Array): void;
  close(): void;
}

/** Memory whose address is a multiple of what any disk wants. */
function alignedMemory(bytes: number): Uint8Array {
  const memory = new Uint8Array(new ArrayBuffer(bytes + ALIGNMENT_BYTES));
  const address = Number(koffi.address(memory) % BigInt(ALIGNMENT_BYTES));
  return memory.subarray(ALIGNMENT_BYTES - address, ALIGNMENT_BYTES - address + bytes);
}

function openFile(path: string): { fd: number; direct: boolean } {
  const flags = constants.O_RDWR | constants.O_SYNC;
  try {
    return { fd: openSync(path, flags | constants.O_DIRECT), direct: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    return { fd: openSync(path, flags), direct: false };
  }
}

function sectorBytesOf(fd: number): number {
  const argument = new Int32Array([0]);
  const known = ioctlCall(fd, BLKSSZGET, 'void *', new Uint8Array(argument.buffer)) === 0;
  return known ? (argument[0] ?? SMALLEST_SECTOR_BYTES) : SMALLEST_SECTOR_BYTES;
}

/**
 * Opens a block device, or a regular file in its place. Throws a system error; ENOTBLK for anything else, and for a
 * device that cannot be read past the cache.
 */
export function openBlockDevice(path: string): BlockDevice {
  const { fd, direct } = openFile(path);
  try {
    const status = fstatSync(fd);
    if (!status.isBlockDevice() && !status.isFile()) throw notBlock('is no block device');
    if (status.isBlockDevice() && !direct) throw notBlock('cannot be read past the cache');
    return device(path, fd, direct, sectorBytesOf(fd));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function notBlock(why: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`it ${why}`), { code: 'ENOTBLK' });
}

function device(path: string, fd: number, direct: boolean, sectorBytes: number): BlockDevice {
  let memory = alignedMemory(2 * sectorBytes);
  const room = (bytes: number): Uint8Array => {
    if (memory.length < bytes) memory = alignedMemory(bytes);
    return memory.subarray(0, bytes);
  };
  const whole = (done: number, bytes: number, sector: number): void => {
    if (done !== bytes) throw new RangeError(`${path} ends before sector ${sector + bytes / sectorBytes}`);
  };
  return {
    path,
    sectorBytes,
    direct,
    read(sector, count = 1) {
      const bytes = room(count * sectorBytes);
      whole(readSync(fd, bytes, 0, bytes.length, sector * sectorBytes), bytes.length, sector);
      return bytes.slice();
    },
    write(sector, content) {
      const bytes = room(content.length);
      bytes.set(content);
      whole(writeSync(fd, bytes, 0, bytes.length, sector * sectorBytes), bytes.length, sector);
    },
    close: () => closeSync(fd),
  };
}
