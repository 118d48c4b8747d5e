/**
 * UDP sockets with the options that Node's dgram does not offer: bound to a device before they are bound to a port
 * (no moment in which they hear other interfaces), a priority, joined groups. The receiving descriptor is then given
 * to dgram's public `bind({ fd })`; the sending one is used here, so that an error is known at once.
 */
import { addressBytes } from './ip-address.js';
import { closeFd, ERRNO, lastErrno, lastError, type SystemError, type SystemResult } from './libc.js';
import { bindCall, sendtoCall, setsockoptCall, socketCall } from './socket-calls.js';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;

const SO_REUSEADDR = 2;
const SO_DONTROUTE = 5;
const SO_BROADCAST = 6;
const SO_RCVBUF = 8;
const SO_PRIORITY = 12;
const SO_REUSEPORT = 15;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;
const IP_TOS = 1;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;
const IPV6_V6ONLY = 26;
const IPV6_MULTICAST_ALL = 29;
const IPV6_TCLASS = 67;

export interface UdpReceiverOptions {
  readonly family: 4 | 6;
  /** Only packets that came in on this interface are heard. */
  readonly device: string;
  /** 1..65535 */
  readonly port: number;
  /** Address to bind to; absent: any. A multicast link binds to its group, so that it hears nothing else. */
  readonly bindAddress?: string;
  /** SO_REUSEPORT besides SO_REUSEADDR (several ucast lines on one port). */
  readonly reusePort?: boolean;
  /** Join this group on the interface with that index. */
  readonly join?: { readonly group: string; readonly interfaceIndex: number };
  /** Wanted size of the kernel's queue in bytes. The kernel may give less. */
  readonly receiveBufferBytes?: number;
}

export interface UdpSenderOptions {
  readonly family: 4 | 6;
  readonly device: string;
  readonly broadcast?: boolean;
  /** Never through a gateway. */
  readonly dontRoute?: boolean;
  /** `hops`: TTL or hop limit, 0..255. `loop`: a copy comes back to this machine. */
  readonly multicast?: { readonly interfaceIndex: number; readonly hops: number; readonly loop: boolean };
  /** IP_TOS or IPV6_TCLASS, 0..255. */
  readonly typeOfService?: number;
  /** SO_PRIORITY, 0..6 without special rights. */
  readonly priority?: number;
}

/** Opens a bound, non-blocking receiver and returns its descriptor. The caller closes it, or dgram does. */
export function openUdpReceiver(options: UdpReceiverOptions): SystemResult<number> {
  const { family, device, port } = options;
  return build(family, (set) => {
    set.device(device);
    set.number(SOL_SOCKET, SO_REUSEADDR, 1, 'SO_REUSEADDR');
    if (options.reusePort === true) set.number(SOL_SOCKET, SO_REUSEPORT, 1, 'SO_REUSEPORT');
    if (family === 6) set.number(SOL_IPV6, IPV6_V6ONLY, 1, 'IPV6_V6ONLY');
    // A group that another socket of this machine joined is none of ours.
    if (family === 4) set.number(SOL_IP, IP_MULTICAST_ALL, 0, 'IP_MULTICAST_ALL');
    else set.number(SOL_IPV6, IPV6_MULTICAST_ALL, 0, 'IPV6_MULTICAST_ALL', true);
    const buffer = options.receiveBufferBytes;
    if (buffer !== undefined && !set.number(SOL_SOCKET, SO_RCVBUFFORCE, buffer, 'SO_RCVBUFFORCE', true)) {
      set.number(SOL_SOCKET, SO_RCVBUF, buffer, 'SO_RCVBUF', true);
    }
    const any = family === 4 ? '0.0.0.0' : '::';
    const scope = options.join?.interfaceIndex ?? 0;
    set.bind(socketAddress(options.bindAddress ?? any, port, scope), `bind to port ${port}`);
    if (options.join !== undefined) set.join(options.join.group, options.join.interfaceIndex);
  });
}

/** Opens a non-blocking sender and returns its descriptor. The caller closes it with `closeFd`. */
export function openUdpSender(options: UdpSenderOptions): SystemResult<number> {
  const { family } = options;
  return build(family, (set) => {
    set.device(options.device);
    if (options.broadcast === true) set.number(SOL_SOCKET, SO_BROADCAST, 1, 'SO_BROADCAST');
    if (options.dontRoute === true) set.number(SOL_SOCKET, SO_DONTROUTE, 1, 'SO_DONTROUTE');
    const multicast = options.multicast;
    if (multicast !== undefined && family === 4) {
      set.bytes(SOL_IP, IP_MULTICAST_IF, membership4('0.0.0.0', multicast.interfaceIndex), 'IP_MULTICAST_IF');
      set.number(SOL_IP, IP_MULTICAST_TTL, multicast.hops, 'IP_MULTICAST_TTL');
      set.number(SOL_IP, IP_MULTICAST_LOOP, multicast.loop ? 1 : 0, 'IP_MULTICAST_LOOP');
    } else if (multicast !== undefined) {
      set.number(SOL_IPV6, IPV6_MULTICAST_IF, multicast.interfaceIndex, 'IPV6_MULTICAST_IF');
      set.number(SOL_IPV6, IPV6_MULTICAST_HOPS, multicast.hops, 'IPV6_MULTICAST_HOPS');
      set.number(SOL_IPV6, IPV6_MULTICAST_LOOP, multicast.loop ? 1 : 0, 'IPV6_MULTICAST_LOOP');
    }
    if (options.typeOfService !== undefined) {
      const [level, name] = family === 4 ? [SOL_IP, IP_TOS] : [SOL_IPV6, IPV6_TCLASS];
      set.number(level, name, options.typeOfService, 'IP_TOS');
    }
    // After IP_TOS, which sets a priority of its own.
    if (options.priority !== undefined) set.number(SOL_SOCKET, SO_PRIORITY, options.priority, 'SO_PRIORITY');
  });
}

/** struct sockaddr_in or sockaddr_in6. `scope`: interface index for link-local and multicast IPv6 addresses. */
export function socketAddress(address: string, port: number, scope = 0): Uint8Array {
  const bytes = addressBytes(address) ?? new Uint8Array(4);
  const four = bytes.length === 4;
  const result = Buffer.alloc(four ? 16 : 28);
  result.writeUInt16LE(four ? AF_INET : AF_INET6, 0);
  result.writeUInt16BE(port, 2);
  result.set(bytes, four ? 4 : 8);
  if (!four) result.writeUInt32LE(scope, 24);
  return result;
}

/** Sends one datagram without waiting. Returns 0, or the errno. */
export function sendDatagram(fd: number, bytes: Uint8Array, to: Uint8Array): number {
  for (;;) {
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (sendtoCall(fd, bytes, bytes.length, flags, to, to.length) >= 0) return 0;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) return errno;
  }
}

/** struct ip_mreqn */
function membership4(group: string, interfaceIndex: number): Uint8Array {
  const request = Buffer.alloc(12);
  request.set(addressBytes(group) ?? [], 0);
  request.writeInt32LE(interfaceIndex, 8);
  return request;
}

/** struct ipv6_mreq */
function membership6(group: string, interfaceIndex: number): Uint8Array {
  const request = Buffer.alloc(20);
  request.set(addressBytes(group) ?? [], 0);
  request.writeInt32LE(interfaceIndex, 16);
  return request;
}

/** Sets options one after the other and remembers the first that failed; the rest is then skipped. */
class SocketBuilder {
  failure: SystemError | undefined;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  device(name: string): void {
    this.bytes(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`), `SO_BINDTODEVICE ${name}`);
  }

  /** False when it failed or was skipped. An optional one that fails does not end the building. */
  number(level: number, name: number, value: number, what: string, optional = false): boolean {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return this.bytes(level, name, bytes, what, optional);
  }

  bytes(level: number, name: number, value: Uint8Array, what: string, optional = false): boolean {
    if (this.failure !== undefined) return false;
    if (setsockoptCall(this.#fd, level, name, value, value.length) === 0) return true;
    if (!optional) this.failure = lastError(what);
    return false;
  }

  bind(address: Uint8Array, what: string): void {
    if (this.failure !== undefined) return;
    if (bindCall(this.#fd, address, address.length) !== 0) this.failure = lastError(what);
  }

  join(group: string, interfaceIndex: number): void {
    const four = addressBytes(group)?.length === 4;
    const request = four ? membership4(group, interfaceIndex) : membership6(group, interfaceIndex);
    this.bytes(
      four ? SOL_IP : SOL_IPV6,
      four ? IP_ADD_MEMBERSHIP : IPV6_JOIN_GROUP,
      request,
      `join ${group}`,
    );
  }
}

function build(family: 4 | 6, steps: (set: SocketBuilder) => void): SystemResult<number> {
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = socketCall(family === 4 ? AF_INET : AF_INET6, type, 0);
  if (fd < 0) return lastError('socket');
  const set = new SocketBuilder(fd);
  steps(set);
  if (set.failure === undefined) return { ok: true, value: fd };
  closeFd(fd);
  return set.failure;
}
