import { isIPv6, SocketAddress } from 'node:net';
import { nowMs } from '../clock.js';
import { FIRST_NETWORK, macOf, type RawAnnouncement, type RawAnswer } from '../protocol.js';
import {
  arpRequest,
  ETH_P_ARP,
  ETH_P_IPV6,
  type Heard,
  neighbourSolicitation,
  readAdvertisement,
  readArp,
} from './arp.js';
import { PacketSocket } from './packet-socket.js';

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

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** The 16 bytes of an IPv6 address in text. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill('0');
  return Buffer.from([...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = bytes.toString('hex').replace(/(....)(?=.)/g, '$1:');
  return new SocketAddress({ address: groups, family: 'ipv6' }).address;
}

/** Asks for addresses on one link, from the switch, and records every hardware address that answers. */
export class Observer {
  readonly answers: RawAnswer[] = [];
  readonly announcements: RawAnnouncement[] = [];
  /** How many answers were forgotten at the front. */
  answersForgotten = 0;
  requests = 0;
  readonly #sockets: PacketSocket[] = [];
  readonly #timer: NodeJS.Timeout;
  /** The text that each address was given in, by its bytes. */
  readonly #asked = new Map<string, string>();

  constructor(bridge: string, linkIndex: number, addresses: string[], everyMs: number) {
    const mac = Buffer.from(macOf(BRIDGE_INDEX, linkIndex).replaceAll(':', ''), 'hex');
    const network = FIRST_NETWORK + linkIndex;
    const arp = new PacketSocket(bridge, ETH_P_ARP, (frame) => this.#heard(readArp(frame)));
    this.#sockets.push(arp);
    let discovery: PacketSocket | null = null;
    if (addresses.some((address) => isIPv6(address))) {
      discovery = new PacketSocket(bridge, ETH_P_IPV6, (frame) => this.#heard(readAdvertisement(frame)));
      this.#sockets.push(discovery);
    }
    const turns = Array.from({ length: SENDERS }, (_, turn) => {
      const sender4 = Buffer.from([10, network, 0, FIRST_SENDER + turn]);
      const sender6 = ipv6Bytes(`fd${network}::${(FIRST_SENDER + turn).toString(16)}`);
      return addresses.map((address) => {
        const target = isIPv6(address) ? ipv6Bytes(address) : ipv4Bytes(address);
        this.#asked.set(target.toString('hex'), address);
        return isIPv6(address)
          ? { socket: discovery ?? arp, frame: neighbourSolicitation(mac, sender6, target) }
          : { socket: arp, frame: arpRequest(mac, sender4, target) };
      });
    });
    this.#timer = setInterval(() => {
      for (const { socket, frame } of turns[this.requests % SENDERS] ?? []) socket.send(frame);
      this.requests += 1;
    }, everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  #heard(heard: Heard | null): void {
    if (heard === null) return;
    const atMs = nowMs();
    const asked = this.#asked.get(heard.address.toString('hex'));
    if (heard.kind === 'announcement') {
      this.announcements.push({ atMs, address: asked ?? addressText(heard.address), mac: heard.mac });
      return;
    }
    const turn = (heard.asker.at(-1) ?? 0) - FIRST_SENDER;
    if (asked === undefined || turn < 0 || turn >= SENDERS) return;
    const newest = this.requests - 1;
    const request = newest - ((((newest - turn) % SENDERS) + SENDERS) % SENDERS);
    this.answers.push({ atMs, address: asked, mac: heard.mac, request });
    if (this.answers.length > 2 * KEPT) {
      this.answers.splice(0, KEPT);
      this.answersForgotten += KEPT;
    }
  }
}
