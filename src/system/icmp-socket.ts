/** Raw ICMP sockets (raw(7)): echo requests out, whatever ICMP comes in to the caller. */
import { watchFd } from './fd-watch.js';
import { closeFd, ERRNO, lastErrno, lastError, type SystemResult } from './libc.js';
import { hasUnread } from './poll.js';
import { sendDatagram, socketAddress } from './socket.js';
import { recvCall, setsockoptCall, socketCall } from './socket-calls.js';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const MSG_DONTWAIT = 0x40;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMPV6_FILTER = 1;
const ICMP_ECHO_REPLY = 0;
const ICMPV6_ECHO_REPLY = 129;
const MAX_PACKET_BYTES = 65_536;

export interface IcmpSocket {
  /** Sends to an address of the socket's family, or drops at once. 0, or the errno. */
  send(address: string, bytes: Uint8Array): number;
  /** True while the kernel holds packets that were not given out yet. */
  hasUnread(): boolean;
  /** Idempotent. */
  close(): void;
}

/** Hears echo replies to this host. The bytes are valid only during the call. Needs CAP_NET_RAW. */
export function openIcmpSocket(
  family: 4 | 6,
  onPacket: (bytes: Uint8Array) => void,
): SystemResult<IcmpSocket> {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  let fd = socketCall(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) return lastError('ICMP socket');
  // Everything but echo replies is none of our business; the filter is a convenience, so its failure is no error.
  const filter = family === 4 ? onlyType4(ICMP_ECHO_REPLY) : onlyType6(ICMPV6_ECHO_REPLY);
  const level = family === 4 ? SOL_RAW : IPPROTO_ICMPV6;
  setsockoptCall(fd, level, family === 4 ? ICMP_FILTER : ICMPV6_FILTER, filter, filter.length);
  const buffer = Buffer.allocUnsafeSlow(MAX_PACKET_BYTES);
  const watch = watchFd(fd, () => {
    while (fd >= 0) {
      const length = recvCall(fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length < 0) {
        if (lastErrno() === ERRNO.EINTR) continue;
        return;
      }
      onPacket(buffer.subarray(0, length));
    }
  });
  return {
    ok: true,
    value: {
      send: (address, bytes) => sendDatagram(fd, bytes, socketAddress(address, 0)),
      hasUnread: () => fd >= 0 && hasUnread(fd),
      close(): void {
        if (fd < 0) return;
        watch.close();
        closeFd(fd);
        fd = -1;
      },
    },
  };
}

/** struct icmp_filter: a set bit blocks its type. */
function onlyType4(type: number): Uint8Array {
  const mask = Buffer.alloc(4);
  mask.writeUInt32LE(~(1 << type) >>> 0, 0);
  return mask;
}

/** struct icmp6_filter: a set bit blocks its type. */
function onlyType6(type: number): Uint8Array {
  const words = new Uint32Array(8).fill(0xffffffff);
  const word = type >> 5;
  words[word] = (words[word] ?? 0) & ~(1 << (type & 31));
  return new Uint8Array(words.buffer);
}
