/** What Node does not offer of local sockets and named pipes: who is at the other end, and making a FIFO. */
import { bindFunction, lastError, type SystemResult } from './libc.js';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred: pid, uid, gid, 32 bit each. */
const UCRED_BYTES = 12;

const getsockoptCall = bindFunction<
  (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number
>('int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ void *length)');
const mkfifoCall = bindFunction<(path: string, mode: number) => number>(
  'int mkfifo(const char *path, uint32_t mode)',
);

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Who connected to a local stream socket, as the kernel noted it then (unix(7), SO_PEERCRED). */
export function peerCredentials(fd: number): SystemResult<PeerCredentials> {
  const value = Buffer.alloc(UCRED_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(UCRED_BYTES);
  if (getsockoptCall(fd, SOL_SOCKET, SO_PEERCRED, value, length) !== 0) return lastError('SO_PEERCRED');
  const [pid, uid, gid] = [value.readInt32LE(0), value.readUInt32LE(4), value.readUInt32LE(8)];
  return { ok: true, value: { pid, uid, gid } };
}

/** Makes a named pipe; fails with EEXIST when the name is taken. */
export function makeFifo(path: string, mode: number): SystemResult<undefined> {
  return mkfifoCall(path, mode) === 0 ? { ok: true, value: undefined } : lastError(`mkfifo ${path}`);
}
