import { closeSync } from 'node:fs';
import koffi from 'koffi';

/**
 * The few kernel calls of the lab's helper processes that Node has no function for. (In src/ only src/system/ may do
 * this; the lab stays independent of it, so that it can judge it.)
 */
export const libc = koffi.load(null);

export const cSocket: (domain: number, type: number, protocol: number) => number = libc.func(
  'int socket(int domain, int type, int protocol)',
);
export const cBind: (fd: number, address: Buffer, length: number) => number = libc.func(
  'int bind(int fd, const void *address, uint32_t length)',
);
export const cSetsockopt: (fd: number, level: number, name: number, value: Buffer, length: number) => number =
  libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');
export const cIoctl: (fd: number, request: number, kind: 'void *', data: Buffer) => number = libc.func(
  'int ioctl(int fd, unsigned long request, ...)',
);
const cSetns: (fd: number, kind: number) => number = libc.func('int setns(int fd, int kind)');
export const cOpen: (path: string, flags: number) => number = libc.func(
  'int open(const char *path, int flags)',
);
export const cIfNametoindex: (name: string) => number = libc.func(
  'unsigned int if_nametoindex(const char *name)',
);
const uvDefaultLoop: () => bigint = libc.func('void *uv_default_loop()');
const uvHandleSize: (type: number) => number = libc.func('size_t uv_handle_size(int type)');
const uvPollInit: (loop: bigint, handle: bigint, fd: number) => number = libc.func(
  'int uv_poll_init(void *loop, void *handle, int fd)',
);
const uvPollStart: (handle: bigint, events: number, callback: bigint) => number = libc.func(
  'int uv_poll_start(void *handle, int events, void *callback)',
);
const uvPollStop: (handle: bigint) => number = libc.func('int uv_poll_stop(void *handle)');
const pollCallback = koffi.proto('void labPollCallback(void *handle, int status, int events)');

const AF_INET = 2;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
const CLONE_NEWNET = 0x40000000;
export const MSG_DONTWAIT = 0x40;
const UV_POLL = 8;
const UV_READABLE = 1;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCETHTOOL = 0x8946;
const SIOCBRADDIF = 0x89a2;
const SIOCBRDELIF = 0x89a3;
const IFF_UP = 1;
const ETHTOOL_STXCSUM = 0x17;

/** The result of a call, or an error that says what failed when the call gave a negative one. */
export function checked(result: number, what: string): number {
  if (result < 0) throw new Error(`${what}: kernel error ${koffi.errno()}`);
  return result;
}

const controlSocket = checked(cSocket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'control socket');

function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  return request;
}

/** Sets an interface of this network namespace up or down. Throws when it does not exist. */
export function setInterfaceUp(name: string, up: boolean): void {
  const request = interfaceRequest(name);
  // The kernel writes into the request: give it the memory itself, not a copy.
  checked(cIoctl(controlSocket, SIOCGIFFLAGS, 'void *', request), `flags of ${name}`);
  const flags = request.readUInt16LE(16);
  request.writeUInt16LE(up ? flags | IFF_UP : flags & ~IFF_UP, 16);
  checked(cIoctl(controlSocket, SIOCSIFFLAGS, 'void *', request), `set ${name} ${up ? 'up' : 'down'}`);
}

/** Plugs a port into a bridge or pulls it out; its carrier does not change. Already being so is no error. */
export function setBridgePort(bridge: string, port: string, inside: boolean): void {
  const request = interfaceRequest(bridge);
  request.writeInt32LE(cIfNametoindex(port), 16);
  cIoctl(controlSocket, inside ? SIOCBRADDIF : SIOCBRDELIF, 'void *', request);
}

/** Makes the sender compute checksums itself, so that a copied or corrupted frame carries an honest one. */
export function computeChecksumsInSoftware(name: string): void {
  const socket = checked(cSocket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'control socket');
  const value = koffi.alloc('uint32_t', 2) as bigint;
  koffi.encode(value, koffi.array('uint32_t', 2), [ETHTOOL_STXCSUM, 0]);
  const request = interfaceRequest(name);
  request.writeBigUInt64LE(value, 16);
  const result = cIoctl(socket, SIOCETHTOOL, 'void *', request);
  koffi.free(value);
  closeSync(socket);
  checked(result, `checksums of ${name}`);
}

/** Calls `onReadable` whenever the descriptor can be read. The descriptor stays the caller's to close. */
export class Poller {
  readonly #handle: bigint;
  readonly #callback: bigint;

  constructor(fd: number, onReadable: () => void) {
    this.#handle = koffi.alloc('uint8_t', uvHandleSize(UV_POLL)) as bigint;
    checked(uvPollInit(uvDefaultLoop(), this.#handle, fd), 'uv_poll_init');
    this.#callback = koffi.register(() => onReadable(), koffi.pointer(pollCallback));
    checked(uvPollStart(this.#handle, UV_READABLE, this.#callback), 'uv_poll_start');
  }

  /** Stops for a while; `start` goes on. */
  stop(): void {
    uvPollStop(this.#handle);
  }

  /** Goes on after `stop`. */
  start(): void {
    uvPollStart(this.#handle, UV_READABLE, this.#callback);
  }
}

/** Runs `action` in the network namespace of a process: sockets made by it stay there. Synchronous. */
export function inNetworkOf<T>(pid: number, action: () => T): T {
  const home = checked(cOpen('/proc/thread-self/ns/net', 0o2000000), 'own network namespace');
  const there = checked(cOpen(`/proc/${pid}/ns/net`, 0o2000000), `network namespace of ${pid}`);
  try {
    checked(cSetns(there, CLONE_NEWNET), 'setns');
    try {
      return action();
    } finally {
      checked(cSetns(home, CLONE_NEWNET), 'setns back');
    }
  } finally {
    closeSync(there);
    closeSync(home);
  }
}
