/** Whole Ethernet frames, past the kernel's network layer (packet(7)): ARP, neighbour advertisements. */
import { watchFd } from './fd-watch.js';
import { bindFunction, closeFd, ERRNO, lastErrno, lastError, type SystemResult } from './libc.js';
import { bindCall, sendtoCall, socketCall } from './socket-calls.js';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const PACKET_OUTGOING = 4;
const MAX_FRAME_BYTES = 65_536;

/** Ethernet types for `openPacketReceiver`. */
export const ETHERTYPE = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd } as const;

const recvfromCall = bindFunction<
  (
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    from: Uint8Array,
    fromLength: Uint32Array,
  ) => number
>(
  'intptr_t recvfrom(int fd, _Out_ void *bytes, size_t length, int flags, _Out_ void *from, _Inout_ void *from_length)',
);

export interface PacketSender {
  /** Sends one whole frame (it begins with the Ethernet header) or drops it at once. 0, or the errno. */
  send(interfaceIndex: number, frame: Uint8Array): number;
  /** Idempotent. */
  close(): void;
}

/** Needs CAP_NET_RAW. The socket itself hears nothing. */
export function openPacketSender(): SystemResult<PacketSender> {
  let fd = socketCall(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return lastError('packet socket');
  return {
    ok: true,
    value: {
      send(interfaceIndex, frame): number {
        const to = linkAddress(0, interfaceIndex);
        return sendtoCall(fd, frame, frame.length, MSG_DONTWAIT, to, to.length) >= 0 ? 0 : lastErrno();
      },
      close(): void {
        if (fd >= 0) closeFd(fd);
        fd = -1;
      },
    },
  };
}

export interface PacketReceiver {
  /** Idempotent. */
  close(): void;
}

/**
 * Hears the frames of one Ethernet type that come in on one interface. The frame is valid only during the call. Does
 * not keep the process alive.
 */
export function openPacketReceiver(
  interfaceIndex: number,
  etherType: number,
  onFrame: (frame: Uint8Array) => void,
): SystemResult<PacketReceiver> {
  const protocol = ((etherType & 0xff) << 8) | (etherType >> 8);
  // Created deaf (protocol 0) and bound afterwards, so that nothing of another interface is ever queued.
  let fd = socketCall(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return lastError('packet socket');
  const address = linkAddress(protocol, interfaceIndex);
  if (bindCall(fd, address, address.length) !== 0) {
    const error = lastError(`packet socket on interface ${interfaceIndex}`);
    closeFd(fd);
    return error;
  }
  const buffer = Buffer.allocUnsafeSlow(MAX_FRAME_BYTES);
  const from = Buffer.alloc(20);
  const fromLength = new Uint32Array(1);

  function readAll(): void {
    while (fd >= 0) {
      fromLength[0] = from.length;
      const length = recvfromCall(fd, buffer, buffer.length, MSG_DONTWAIT, from, fromLength);
      if (length < 0) {
        // ENETDOWN is told once when the interface goes down; the socket hears again when it is back.
        if (lastErrno() === ERRNO.EINTR) continue;
        return;
      }
      if (from[10] !== PACKET_OUTGOING) onFrame(buffer.subarray(0, length));
    }
  }

  const watch = watchFd(fd, readAll);
  return {
    ok: true,
    value: {
      close(): void {
        if (fd < 0) return;
        watch.close();
        closeFd(fd);
        fd = -1;
      },
    },
  };
}

/** struct sockaddr_ll: family, protocol (network order, as given), interface index, rest zero. */
function linkAddress(protocol: number, interfaceIndex: number): Uint8Array {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16LE(protocol, 2);
  address.writeInt32LE(interfaceIndex, 4);
  return address;
}
