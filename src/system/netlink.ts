/**
 * A routing netlink socket (netlink(7)): requests that change something go out in one sendto and come back with one
 * outcome each; questions are answered at once. Nothing here waits: the kernel has answered when sendto returns.
 */

import { InterfaceTable } from './interface-table.js';
import {
  bindFunction,
  closeFd,
  ERRNO,
  lastErrno,
  lastError,
  type SystemError,
  type SystemResult,
  systemError,
} from './libc.js';
import {
  decodeAck,
  decodeAddress,
  decodeLink,
  decodeRoute,
  type NetlinkMessage,
  splitMessages,
} from './netlink-decode.js';
import {
  dumpAddressesMessage,
  dumpLinksMessage,
  NLM_F_ACK,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  routeMessage,
} from './netlink-messages.js';
import type { NetworkInterface, Route } from './network-types.js';
import { bindCall, recvCall, setsockoptCall, socketCall } from './socket-calls.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** The kernel's largest piece of a dump is 32 KiB. */
const READ_BYTES = 128 * 1024;
/** Per sendto, so that even a refusal of each message fits in the receive buffer. */
const MAX_BATCH_MESSAGES = 512;
const DUMP_ATTEMPTS = 5;

const sendCall = bindFunction<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'intptr_t send(int fd, const void *bytes, size_t length, int flags)',
);

/** struct sockaddr_nl with a set of groups (0: none). Returns the descriptor of a bound, non-blocking socket. */
export function openNetlinkFd(groups: number): SystemResult<number> {
  const fd = socketCall(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return lastError('netlink socket');
  const set = (level: number, name: number, value: number) =>
    setsockoptCall(fd, level, name, new Int32Array([value]), 4) === 0;
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES))
    set(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
  set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  if (bindCall(fd, address, address.length) === 0) return { ok: true, value: fd };
  const error = lastError('netlink bind');
  closeFd(fd);
  return error;
}

/** The messages of the next datagram; their payloads share `buffer`. EAGAIN when there is none. */
export function receiveMessages(fd: number, buffer: Buffer): SystemResult<NetlinkMessage[]> {
  const length = recvCall(fd, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC);
  if (length < 0) return lastError('netlink receive');
  if (length > buffer.length) return systemError(ERRNO.EMSGSIZE, 'netlink receive');
  return { ok: true, value: splitMessages(buffer.subarray(0, length)) };
}

/** One outcome per message, in their order: undefined where it was done. */
export type BatchResult = SystemResult<readonly (SystemError | undefined)[]>;

export class RouteSocket {
  #fd: number;
  #sequence = 0;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Gives EMFILE and the like. Works in the network namespace in which it was opened. */
  static open(): SystemResult<RouteSocket> {
    const fd = openNetlinkFd(0);
    return fd.ok ? { ok: true, value: new RouteSocket(fd.value) } : fd;
  }

  /**
   * Has the kernel carry out `messages` in their order; one that fails does not stop the next. Only the last of a
   * batch asks for an acknowledgement: failures are reported in any case.
   */
  execute(messages: readonly Uint8Array[]): BatchResult {
    const outcomes: (SystemError | undefined)[] = [];
    for (let from = 0; from < messages.length; from += MAX_BATCH_MESSAGES) {
      const result = this.#executeBatch(messages.slice(from, from + MAX_BATCH_MESSAGES));
      if (!result.ok) return result;
      outcomes.push(...result.value);
    }
    return { ok: true, value: outcomes };
  }

  #executeBatch(messages: readonly Uint8Array[]): BatchResult {
    const first = this.#sequence + 1;
    const last = this.#sequence + messages.length;
    this.#sequence = last;
    const bytes = Buffer.concat(messages);
    let offset = 0;
    for (const [i, message] of messages.entries()) {
      bytes.writeUInt32LE(first + i, offset + 8);
      if (first + i === last) bytes.writeUInt16LE(bytes.readUInt16LE(offset + 6) | NLM_F_ACK, offset + 6);
      offset += message.length;
    }
    const sent = this.#send(bytes);
    if (sent !== undefined) return sent;

    const outcomes = new Array<SystemError | undefined>(messages.length).fill(undefined);
    for (;;) {
      const received = receiveMessages(this.#fd, this.#buffer);
      if (!received.ok) return received;
      for (const message of received.value) {
        const ack = decodeAck(message);
        if (ack === undefined || message.sequence < first || message.sequence > last) continue;
        if (ack.errno !== 0) {
          outcomes[message.sequence - first] = systemError(ack.errno, 'netlink', ack.words);
        }
        if (message.sequence === last) return { ok: true, value: outcomes };
      }
    }
  }

  /** All interfaces with their addresses. */
  interfaces(): SystemResult<NetworkInterface[]> {
    const table = new InterfaceTable();
    const filled = this.fill(table);
    return filled.ok ? { ok: true, value: table.all() } : filled;
  }

  /** Replaces what `table` holds by what the kernel says now. */
  fill(table: InterfaceTable): SystemResult<undefined> {
    const links: NonNullable<ReturnType<typeof decodeLink>>[] = [];
    const linkDump = this.#dump(
      dumpLinksMessage(),
      (message) => {
        const link = decodeLink(message);
        if (link !== undefined) links.push(link);
      },
      () => links.splice(0),
    );
    if (!linkDump.ok) return linkDump;
    const addresses: NonNullable<ReturnType<typeof decodeAddress>>[] = [];
    const addressDump = this.#dump(
      dumpAddressesMessage(),
      (message) => {
        const address = decodeAddress(message);
        if (address !== undefined) addresses.push(address);
      },
      () => addresses.splice(0),
    );
    if (!addressDump.ok) return addressDump;
    table.reset();
    for (const link of links) table.applyLink(link);
    for (const address of addresses) table.applyAddress(address);
    return { ok: true, value: undefined };
  }

  /** The routing entry for an address. ENETUNREACH when there is none. */
  route(address: string): SystemResult<Route> {
    const sequence = ++this.#sequence;
    const bytes = Buffer.from(routeMessage(address));
    bytes.writeUInt32LE(sequence, 8);
    const sent = this.#send(bytes);
    if (sent !== undefined) return sent;
    for (;;) {
      const received = receiveMessages(this.#fd, this.#buffer);
      if (!received.ok) return received;
      for (const message of received.value) {
        if (message.sequence !== sequence) continue;
        const ack = decodeAck(message);
        if (ack !== undefined) return systemError(ack.errno, `route to ${address}`, ack.words);
        const route = decodeRoute(message);
        if (route !== undefined) return { ok: true, value: route };
      }
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd >= 0) closeFd(this.#fd);
    this.#fd = -1;
  }

  /** Asks again (after `restart`) when the kernel says that something changed in the middle of its answer. */
  #dump(
    request: Uint8Array,
    each: (message: NetlinkMessage) => void,
    restart: () => void,
  ): SystemResult<undefined> {
    for (let attempt = 1; ; attempt++) {
      const result = this.#dumpOnce(request, each);
      if (!result.ok) return result;
      if (result.value === 'whole' || attempt >= DUMP_ATTEMPTS) return { ok: true, value: undefined };
      restart();
    }
  }

  #dumpOnce(request: Uint8Array, each: (message: NetlinkMessage) => void): SystemResult<'whole' | 'changed'> {
    const sequence = ++this.#sequence;
    const bytes = Buffer.from(request);
    bytes.writeUInt32LE(sequence, 8);
    const sent = this.#send(bytes);
    if (sent !== undefined) return sent;
    let changed = false;
    for (;;) {
      const received = receiveMessages(this.#fd, this.#buffer);
      if (!received.ok) return received;
      for (const message of received.value) {
        if (message.sequence !== sequence) continue;
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) changed = true;
        if (message.type === NLMSG_DONE) return { ok: true, value: changed ? 'changed' : 'whole' };
        if (message.type === NLMSG_ERROR) {
          return systemError(decodeAck(message)?.errno ?? ERRNO.EPROTO, 'netlink dump');
        }
        each(message);
      }
    }
  }

  #send(bytes: Uint8Array): SystemError | undefined {
    for (;;) {
      if (sendCall(this.#fd, bytes, bytes.length, 0) >= 0) return undefined;
      if (lastErrno() !== ERRNO.EINTR) return lastError('netlink send');
    }
  }
}
