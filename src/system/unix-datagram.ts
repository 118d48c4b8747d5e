/**
 * Datagrams to a local socket by name, without waiting: syslog's /dev/log and systemd's NOTIFY_SOCKET. Node's dgram has
 * no local datagrams.
 */
import { closeFd, ERRNO, lastErrno, lastError, type SystemResult } from './libc.js';
import { sendtoCall, socketCall } from './socket-calls.js';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** sizeof(sun_path) */
const MAX_PATH_BYTES = 108;

export interface UnixDatagramSender {
  /**
   * Sends or drops at once. 0, or the errno: EAGAIN when the reader is slow, ENOENT or ECONNREFUSED when it is away
   * (it may come back: the name is looked up for each datagram).
   */
  send(bytes: Uint8Array): number;
  /** Idempotent. */
  close(): void;
}

/** `path` as a file name, or "@name" for the abstract space (as NOTIFY_SOCKET writes it). At most 107 bytes. */
export function openUnixDatagramSender(path: string): SystemResult<UnixDatagramSender> {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length >= MAX_PATH_BYTES) {
    return { ok: false, errno: ERRNO.EINVAL, code: 'EINVAL', message: `${path}: no name for a local socket` };
  }
  const abstract = name[0] === 0x40;
  if (abstract) name[0] = 0;
  const address = Buffer.alloc(2 + name.length + (abstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  address.set(name, 2);

  let fd = socketCall(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return lastError('socket');
  return {
    ok: true,
    value: {
      send(bytes): number {
        if (fd < 0) return ERRNO.EINVAL;
        const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        return sendtoCall(fd, bytes, bytes.length, flags, address, address.length) >= 0 ? 0 : lastErrno();
      },
      close(): void {
        if (fd >= 0) closeFd(fd);
        fd = -1;
      },
    },
  };
}
