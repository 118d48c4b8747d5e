import { closeSync } from 'node:fs';
import {
  cBind,
  checked,
  cIfNametoindex,
  cSetsockopt,
  cSocket,
  libc,
  MSG_DONTWAIT,
  Poller,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from './kernel.js';

const cSend: (fd: number, data: Buffer, length: number, flags: number) => number = libc.func(
  'intptr_t send(int fd, const void *data, size_t length, int flags)',
);
const cRecv: (fd: number, data: Buffer, length: number, flags: number) => number = libc.func(
  'intptr_t recv(int fd, _Out_ void *data, size_t length, int flags)',
);

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;

export const ETH_P_ALL = 0x0003;

/** The most bytes that one frame of the lab can have. */
const FRAME_BYTES = 65_600;

/** A raw packet socket on one interface, promiscuous, that does not hear what this host sends. */
export class PacketSocket {
  readonly #fd: number;
  readonly #poller: Poller;
  readonly #buffer = Buffer.alloc(FRAME_BYTES);
  #closed = false;

  constructor(name: string, protocol: number, onFrame: (frame: Buffer) => void) {
    const order = ((protocol & 0xff) << 8) | (protocol >> 8);
    this.#fd = checked(cSocket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'packet socket');
    const index = cIfNametoindex(name);
    if (index === 0) throw new Error(`no interface ${name}`);
    const yes = Buffer.from([1, 0, 0, 0]);
    checked(cSetsockopt(this.#fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, yes, 4), 'ignore outgoing');
    const promiscuous = Buffer.alloc(16);
    promiscuous.writeInt32LE(index, 0);
    promiscuous.writeUInt16LE(PACKET_MR_PROMISC, 4);
    checked(cSetsockopt(this.#fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous, 16), 'promiscuous');
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16LE(order, 2);
    address.writeInt32LE(index, 4);
    checked(cBind(this.#fd, address, 20), `bind to ${name}`);
    this.#poller = new Poller(this.#fd, () => this.#drain(onFrame));
  }

  /** Sends a whole Ethernet frame; false when the interface does not take it (it is down, or gone). */
  send(frame: Buffer): boolean {
    return !this.#closed && cSend(this.#fd, frame, frame.length, MSG_DONTWAIT) >= 0;
  }

  /** Stops receiving and closes the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#poller.stop();
    closeSync(this.#fd);
  }

  #drain(onFrame: (frame: Buffer) => void): void {
    for (let taken = 0; taken < 256 && !this.#closed; taken += 1) {
      const length = cRecv(this.#fd, this.#buffer, FRAME_BYTES, MSG_DONTWAIT);
      if (length <= 0) return;
      onFrame(Buffer.from(this.#buffer.subarray(0, length)));
    }
  }
}
