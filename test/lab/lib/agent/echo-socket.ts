import { closeSync } from 'node:fs';
import koffi from 'koffi';
import {
  cBind,
  checked,
  cSetsockopt,
  cSocket,
  inNetworkOf,
  libc,
  MSG_DONTWAIT,
  Poller,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from './kernel.js';

const cRecvmsg: (fd: number, message: bigint, flags: number) => number = libc.func(
  'intptr_t recvmsg(int fd, void *message, int flags)',
);
const cSendmsg: (fd: number, message: bigint, flags: number) => number = libc.func(
  'intptr_t sendmsg(int fd, void *message, int flags)',
);

const AF_INET6 = 10;
const IPPROTO_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;

/** The layout of the one message buffer that the echo server reuses for receiving and for the answer. */
const ECHO = { bytes: 2048, header: 0, vector: 64, name: 96, nameBytes: 28, control: 128, controlBytes: 64 };
const ECHO_DATA = 256;

/**
 * A UDP socket for IPv4 and IPv6 on all addresses of a machine. What arrives is answered from the address that it was
 * sent to, whatever address that was.
 */
export class EchoSocket {
  readonly #fd: number;
  readonly #poller: Poller;
  readonly #memory: Buffer;
  readonly #base: bigint;
  #closed = false;

  /** `answer` gets the datagram and gives what to send back. */
  constructor(pid: number, port: number, answer: (datagram: Buffer) => Buffer) {
    this.#base = koffi.alloc('uint8_t', ECHO.bytes) as bigint;
    this.#memory = Buffer.from(koffi.view(this.#base, ECHO.bytes));
    this.#fd = inNetworkOf(pid, () => {
      const fd = checked(cSocket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'echo socket');
      checked(cSetsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, Buffer.from([1, 0, 0, 0]), 4), 'packet info');
      const address = Buffer.alloc(28);
      address.writeUInt16LE(AF_INET6, 0);
      address.writeUInt16BE(port, 2);
      checked(cBind(fd, address, 28), `bind to port ${port}`);
      return fd;
    });
    this.#poller = new Poller(this.#fd, () => this.#drain(answer));
  }

  /** Closes the socket, which lets the machine's network namespace go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#poller.stop();
    closeSync(this.#fd);
  }

  #describe(dataBytes: number, controlBytes: number): void {
    const memory = this.#memory;
    memory.writeBigUInt64LE(this.#base + BigInt(ECHO.name), ECHO.header);
    memory.writeUInt32LE(ECHO.nameBytes, ECHO.header + 8);
    memory.writeBigUInt64LE(this.#base + BigInt(ECHO.vector), ECHO.header + 16);
    memory.writeBigUInt64LE(1n, ECHO.header + 24);
    memory.writeBigUInt64LE(this.#base + BigInt(ECHO.control), ECHO.header + 32);
    memory.writeBigUInt64LE(BigInt(controlBytes), ECHO.header + 40);
    memory.writeInt32LE(0, ECHO.header + 48);
    memory.writeBigUInt64LE(this.#base + BigInt(ECHO_DATA), ECHO.vector);
    memory.writeBigUInt64LE(BigInt(dataBytes), ECHO.vector + 8);
  }

  #drain(answer: (datagram: Buffer) => Buffer): void {
    for (let taken = 0; taken < 256 && !this.#closed; taken += 1) {
      this.#describe(ECHO.bytes - ECHO_DATA, ECHO.controlBytes);
      const length = cRecvmsg(this.#fd, this.#base, MSG_DONTWAIT);
      if (length < 0) return;
      const controlBytes = Number(this.#memory.readBigUInt64LE(ECHO.header + 40));
      const reply = answer(Buffer.from(this.#memory.subarray(ECHO_DATA, ECHO_DATA + length)));
      const replyBytes = reply.copy(this.#memory, ECHO_DATA);
      this.#describe(replyBytes, controlBytes);
      cSendmsg(this.#fd, this.#base, MSG_DONTWAIT);
    }
  }
}
