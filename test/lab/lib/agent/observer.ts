import { nowMs } from '../clock.js';
import { FIRST_NETWORK, macOf, type RawAnnouncement, type RawAnswer } from '../protocol.js';
import { ETH_P_ARP, PacketSocket } from './packet-socket.js';

/**
 * The questions are sent from 32 addresses in turn (.192 to .223, which no machine of a lab has), so that an answer
 * says by its target address which question it answers, even when it is up to 31 questions late.
 */
const FIRST_SENDER = 192;
const SENDERS = 32;
/** The last part of the bridge's own hardware address. */
export const BRIDGE_INDEX = 254;
/** Older answers are forgotten beyond this many. */
const KEPT = 400_000;

const ARP_REQUEST = 1;
const ARP_REPLY = 2;

/** ARP for Ethernet and IPv4, RFC 826, as a whole frame of 42 bytes. */
function arpRequest(sourceMac: Buffer, sender: Buffer, target: Buffer): Buffer {
  const frame = Buffer.alloc(42);
  frame.fill(0xff, 0, 6);
  sourceMac.copy(frame, 6);
  frame.writeUInt16BE(ETH_P_ARP, 12);
  frame.writeUInt16BE(1, 14);
  frame.writeUInt16BE(0x0800, 16);
  frame.writeUInt8(6, 18);
  frame.writeUInt8(4, 19);
  frame.writeUInt16BE(ARP_REQUEST, 20);
  sourceMac.copy(frame, 22);
  sender.copy(frame, 28);
  target.copy(frame, 38);
  return frame;
}

function addressBytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function macText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
}

/** Asks for addresses by ARP on one link, from the switch, and records every hardware address that answers. */
export class Observer {
  readonly answers: RawAnswer[] = [];
  readonly announcements: RawAnnouncement[] = [];
  /** How many answers were forgotten at the front. */
  answersForgotten = 0;
  requests = 0;
  readonly #socket: PacketSocket;
  readonly #timer: NodeJS.Timeout;
  readonly #mac: string;
  readonly #senders: Buffer[];

  constructor(bridge: string, linkIndex: number, addresses: string[], everyMs: number) {
    this.#mac = macOf(BRIDGE_INDEX, linkIndex);
    this.#senders = Array.from({ length: SENDERS }, (_, turn) =>
      Buffer.from([10, FIRST_NETWORK + linkIndex, 0, FIRST_SENDER + turn]),
    );
    const mac = Buffer.from(this.#mac.replaceAll(':', ''), 'hex');
    const frames = this.#senders.map((sender) =>
      addresses.map((address) => arpRequest(mac, sender, addressBytes(address))),
    );
    this.#socket = new PacketSocket(bridge, ETH_P_ARP, (frame) => this.#heard(frame));
    this.#timer = setInterval(() => {
      for (const frame of frames[this.requests % SENDERS] ?? []) this.#socket.send(frame);
      this.requests += 1;
    }, everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #heard(frame: Buffer): void {
    if (frame.length < 42 || frame.readUInt16BE(12) !== ETH_P_ARP) return;
    const atMs = nowMs();
    const mac = macText(frame.subarray(22, 28));
    const sender = frame.subarray(28, 32);
    const target = frame.subarray(38, 42);
    const address = sender.join('.');
    if (sender.equals(target)) {
      this.announcements.push({ atMs, address, mac });
      return;
    }
    if (frame.readUInt16BE(20) !== ARP_REPLY || macText(frame.subarray(0, 6)) !== this.#mac) return;
    const turn = (target[3] ?? 0) - FIRST_SENDER;
    if (turn < 0 || turn >= SENDERS) return;
    const newest = this.requests - 1;
    const request = newest - ((((newest - turn) % SENDERS) + SENDERS) % SENDERS);
    this.answers.push({ atMs, address, mac, request });
    if (this.answers.length > 2 * KEPT) {
      this.answers.splice(0, KEPT);
      this.answersForgotten += KEPT;
    }
  }
}
