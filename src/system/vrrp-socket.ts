/**
 * Raw sockets of IP protocol 112 (raw(7), ipv6(7)). For IPv4 whole packets go in and out, header included; for IPv6 the
 * kernel keeps the header, and tells source, destination and hop limit beside the payload.
 */
import koffi from 'koffi';
import { watchFd } from './fd-watch.js';
import { addressBytes, addressText } from './ip-address.js';
import {
  bindFunction,
  closeFd,
  ERRNO,
  lastErrno,
  lastError,
  type SystemError,
  type SystemResult,
} from './libc.js';
import { hasUnread } from './poll.js';
import { sendDatagram, socketAddress } from './socket.js';
import { bindCall, recvCall, setsockoptCall, socketCall } from './socket-calls.js';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const IPPROTO_VRRP = 112;
const MSG_DONTWAIT = 0x40;

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;
const SO_RCVBUF = 8;
const SO_PRIORITY = 12;
const SO_BINDTODEVICE = 25;
const IP_HDRINCL = 3;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;
const IPV6_MULTICAST_ALL = 29;
const IPV6_RECVPKTINFO = 49;
const IPV6_PKTINFO = 50;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_HOPLIMIT = 52;
const IPV6_TCLASS = 67;

const SIOCGSTAMPNS = 0x8907;
const CLOCK_REALTIME = 0;

const INTERNETWORK_CONTROL = 0xc0;
/** TC_PRIO_CONTROL */
const CONTROL_PRIORITY = 7;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** An advert of 255 IPv6 addresses has 4088 bytes. */
const MAX_PACKET_BYTES = 8192;
const CONTROL_BYTES = 256;

const recvmsgCall = bindFunction<(fd: number, header: Uint8Array, flags: number) => number>(
  'intptr_t recvmsg(int fd, _Inout_ void *header, int flags)',
);

const ioctlCall = bindFunction<(fd: number, request: number, type: string, value: Uint8Array) => number>(
  'int ioctl(int fd, unsigned long request, ...)',
);
const clockGettime = bindFunction<(clock: number, timespec: Uint8Array) => number>(
  'int clock_gettime(int clock, _Out_ void *timespec)',
);

export interface VrrpReceiverOptions {
  readonly family: 4 | 6;
  readonly device: string;
  readonly interfaceIndex: number;
  /** Multicast groups to join; none for unicast alone. */
  readonly groups: readonly string[];
}

/** `ageMs`: how long it has waited since the kernel took it in. */
export type RawPacket = { readonly ageMs: number } /** With its IP header. */ & (
  | { readonly family: 4; readonly bytes: Uint8Array }
  | {
      readonly family: 6;
      readonly bytes: Uint8Array;
      readonly source: string;
      readonly destination: string;
      readonly hopLimit: number;
    }
);

export interface VrrpReceiver {
  /** True while the kernel holds packets that were not given out yet. */
  hasUnread(): boolean;
  /** Idempotent. */
  close(): void;
}

/** Hears what comes in on one interface. The bytes are valid only during the call. Needs CAP_NET_RAW. */
export function openVrrpReceiver(
  options: VrrpReceiverOptions,
  onPacket: (packet: RawPacket) => void,
): SystemResult<VrrpReceiver> {
  const { family, device, interfaceIndex, groups } = options;
  const opened = build(family, device, (set) => {
    set(SOL_SOCKET, SO_RCVBUF, int(RECEIVE_BUFFER_BYTES), '');
    if (family === 4) set(SOL_IP, IP_MULTICAST_ALL, int(0), 'IP_MULTICAST_ALL');
    else {
      set(SOL_IPV6, IPV6_MULTICAST_ALL, int(0), '');
      set(SOL_IPV6, IPV6_RECVPKTINFO, int(1), 'IPV6_RECVPKTINFO');
      set(SOL_IPV6, IPV6_RECVHOPLIMIT, int(1), 'IPV6_RECVHOPLIMIT');
    }
    for (const group of groups) join(set, family, group, interfaceIndex);
    return undefined;
  });
  if (!opened.ok) return opened;
  let fd = opened.value;
  const read = family === 4 ? reader4() : reader6();
  const readAll = (): void => {
    while (fd >= 0) {
      const packet = read(fd);
      if (packet === 'again') continue;
      if (packet === undefined) return;
      onPacket(packet);
    }
  };
  const watch = watchFd(fd, readAll);
  return {
    ok: true,
    value: {
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

export interface VrrpSenderOptions {
  readonly family: 4 | 6;
  readonly device: string;
  readonly interfaceIndex: number;
  /** IPv6: sent from this address; IPv4 packets bring it along. */
  readonly source: string;
  /** Hop limit of IPv6 unicast; 255 for groups. */
  readonly hopLimit: number;
}

export interface VrrpSender {
  /** One packet (IPv4: with its header), sent or dropped at once. 0, or the errno. */
  send(packet: Uint8Array, destination: string): number;
  /** Idempotent. */
  close(): void;
}

/** Sends through one interface; nothing comes back to this machine. Needs CAP_NET_RAW. */
export function openVrrpSender(options: VrrpSenderOptions): SystemResult<VrrpSender> {
  const { family, device, interfaceIndex, source } = options;
  const opened = build(family, device, (set, fd) => {
    // It hears nothing: the smallest buffer that there is.
    set(SOL_SOCKET, SO_RCVBUF, int(1), '');
    if (family === 4) {
      set(SOL_IP, IP_HDRINCL, int(1), 'IP_HDRINCL');
      const request = Buffer.alloc(12);
      request.writeInt32LE(interfaceIndex, 8);
      set(SOL_IP, IP_MULTICAST_IF, request, 'IP_MULTICAST_IF');
      set(SOL_IP, IP_MULTICAST_LOOP, int(0), 'IP_MULTICAST_LOOP');
      set(SOL_IP, IP_MULTICAST_ALL, int(0), '');
    } else {
      set(SOL_IPV6, IPV6_MULTICAST_IF, int(interfaceIndex), 'IPV6_MULTICAST_IF');
      set(SOL_IPV6, IPV6_MULTICAST_HOPS, int(255), 'IPV6_MULTICAST_HOPS');
      set(SOL_IPV6, IPV6_MULTICAST_LOOP, int(0), 'IPV6_MULTICAST_LOOP');
      set(SOL_IPV6, IPV6_UNICAST_HOPS, int(options.hopLimit), 'IPV6_UNICAST_HOPS');
      set(SOL_IPV6, IPV6_TCLASS, int(INTERNETWORK_CONTROL), 'IPV6_TCLASS');
      const address = socketAddress(source, 0, interfaceIndex);
      if (bindCall(fd, address, address.length) !== 0) return lastError(`bind to ${source}`);
    }
    set(SOL_SOCKET, SO_PRIORITY, int(CONTROL_PRIORITY), '');
    return undefined;
  });
  if (!opened.ok) return opened;
  let fd = opened.value;
  return {
    ok: true,
    value: {
      send: (packet, destination) =>
        fd < 0 ? ERRNO.EINVAL : sendDatagram(fd, packet, socketAddress(destination, 0, interfaceIndex)),
      close(): void {
        if (fd >= 0) closeFd(fd);
        fd = -1;
      },
    },
  };
}

/** Sets one option. An empty name: its failure does not matter. */
type SetOption = (level: number, name: number, value: Uint8Array, what: string) => void;

function build(
  family: 4 | 6,
  device: string,
  steps: (set: SetOption, fd: number) => SystemError | undefined,
): SystemResult<number> {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = socketCall(family === 4 ? AF_INET : AF_INET6, type, IPPROTO_VRRP);
  if (fd < 0) return lastError('raw socket');
  let failure: SystemError | undefined;
  const set: SetOption = (level, name, value, what) => {
    if (failure !== undefined) return;
    if (setsockoptCall(fd, level, name, value, value.length) !== 0 && what !== '') failure = lastError(what);
  };
  set(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`), `SO_BINDTODEVICE ${device}`);
  const problem = failure ?? steps(set, fd) ?? failure;
  if (problem === undefined) return { ok: true, value: fd };
  closeFd(fd);
  return problem;
}

function join(set: SetOption, family: 4 | 6, group: string, interfaceIndex: number): void {
  const address = addressBytes(group) ?? new Uint8Array(family === 4 ? 4 : 16);
  // struct ip_mreqn and struct ipv6_mreq
  const request = Buffer.alloc(family === 4 ? 12 : 20);
  request.set(address, 0);
  request.writeInt32LE(interfaceIndex, family === 4 ? 8 : 16);
  if (family === 4) set(SOL_IP, IP_ADD_MEMBERSHIP, request, `join ${group}`);
  else set(SOL_IPV6, IPV6_JOIN_GROUP, request, `join ${group}`);
}

function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const stamp = Buffer.alloc(16);
const now = Buffer.alloc(16);

/** From the kernel's receive time of the packet that was just read until now; 0 where it does not say. */
function waitedMs(fd: number): number {
  if (ioctlCall(fd, SIOCGSTAMPNS, '_Out_ void *', stamp) !== 0) return 0;
  clockGettime(CLOCK_REALTIME, now);
  const seconds = Number(now.readBigInt64LE(0) - stamp.readBigInt64LE(0));
  const waited = seconds * 1000 + Number(now.readBigInt64LE(8) - stamp.readBigInt64LE(8)) / 1e6;
  return Math.max(0, waited);
}

/** undefined: nothing more to be read. */
type Reader = (fd: number) => RawPacket | 'again' | undefined;

function reader4(): Reader {
  const buffer = Buffer.allocUnsafeSlow(MAX_PACKET_BYTES);
  return (fd) => {
    const length = recvCall(fd, buffer, buffer.length, MSG_DONTWAIT);
    if (length >= 0) return { family: 4, bytes: buffer.subarray(0, length), ageMs: waitedMs(fd) };
    return lastErrno() === ERRNO.EINTR || lastErrno() === ERRNO.ENETDOWN ? 'again' : undefined;
  };
}

/** struct msghdr with one buffer; the kernel writes through the addresses in it. */
function reader6(): Reader {
  const payload = Buffer.allocUnsafeSlow(MAX_PACKET_BYTES);
  const control = Buffer.allocUnsafeSlow(CONTROL_BYTES);
  const from = Buffer.allocUnsafeSlow(28);
  const vector = Buffer.allocUnsafeSlow(16);
  vector.writeBigUInt64LE(koffi.address(payload), 0);
  vector.writeBigUInt64LE(BigInt(payload.length), 8);
  const header = Buffer.allocUnsafeSlow(56);
  return (fd) => {
    header.fill(0);
    header.writeBigUInt64LE(koffi.address(from), 0);
    header.writeUInt32LE(from.length, 8);
    header.writeBigUInt64LE(koffi.address(vector), 16);
    header.writeBigUInt64LE(1n, 24);
    header.writeBigUInt64LE(koffi.address(control), 32);
    header.writeBigUInt64LE(BigInt(control.length), 40);
    const length = recvmsgCall(fd, header, MSG_DONTWAIT);
    if (length < 0)
      return lastErrno() === ERRNO.EINTR || lastErrno() === ERRNO.ENETDOWN ? 'again' : undefined;
    const ends = readControl(control.subarray(0, Number(header.readBigUInt64LE(40))));
    if (ends === undefined) return 'again';
    return {
      family: 6,
      bytes: payload.subarray(0, length),
      ageMs: waitedMs(fd),
      source: addressText(from.subarray(8, 24)),
      ...ends,
    };
  };
}

/** struct cmsghdr: length (8), level (4), type (4), data, padded to 8. */
function readControl(control: Buffer): { destination: string; hopLimit: number } | undefined {
  let destination: string | undefined;
  let hopLimit: number | undefined;
  for (let at = 0; at + 16 <= control.length; ) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < 16 || at + length > control.length) break;
    const type = control.readInt32LE(at + 12);
    if (control.readInt32LE(at + 8) === SOL_IPV6) {
      if (type === IPV6_PKTINFO && length >= 16 + 20)
        destination = addressText(control.subarray(at + 16, at + 32));
      if (type === IPV6_HOPLIMIT && length >= 16 + 4) hopLimit = control.readInt32LE(at + 16);
    }
    at += (length + 7) & ~7;
  }
  return destination === undefined || hopLimit === undefined ? undefined : { destination, hopLimit };
}
