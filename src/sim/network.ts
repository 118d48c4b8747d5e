/** The virtual network: every link joins all nodes; each direction between two nodes on it has its own condition. */
import type { EventQueue } from './event-queue.js';
import type { Dice } from './random.js';

/** How one direction between two nodes on one link behaves. Rates are 0..1. */
export interface PathCondition {
  readonly delayMs: number;
  /** Added to the delay, evenly spread: packets overtake each other when it is larger than their distance. */
  readonly jitterMs: number;
  readonly lossRate: number;
  readonly duplicateRate: number;
  /** Share of packets with one changed byte. */
  readonly corruptRate: number;
  readonly cut: boolean;
}

export const HEALTHY: PathCondition = {
  delayMs: 0.2,
  jitterMs: 0,
  lossRate: 0,
  duplicateRate: 0,
  corruptRate: 0,
  cut: false,
};

/** A packet on the wire. Copies of one sending share the object, so that what was decoded once need not be again. */
export interface Packet {
  readonly bytes: Uint8Array;
}

export type Deliver = (to: string, link: string, packet: Packet) => void;

export class Network {
  readonly links: readonly string[];
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #deliver: Deliver;
  readonly #nodes: readonly string[];
  readonly #conditions = new Map<string, PathCondition>();
  /** Everything that was ever sent, when `record` is on. */
  readonly archive: { readonly from: string; readonly link: string; readonly packet: Packet }[] = [];
  record = false;

  constructor(
    queue: EventQueue,
    dice: Dice,
    nodes: readonly string[],
    links: readonly string[],
    deliver: Deliver,
  ) {
    this.#queue = queue;
    this.#dice = dice;
    this.#nodes = nodes;
    this.links = links;
    this.#deliver = deliver;
  }

  condition(link: string, from: string, to: string): PathCondition {
    return this.#conditions.get(`${link} ${from} ${to}`) ?? HEALTHY;
  }

  /** Changes one direction on one link. */
  setPath(link: string, from: string, to: string, change: Partial<PathCondition>): void {
    this.#conditions.set(`${link} ${from} ${to}`, { ...this.condition(link, from, to), ...change });
  }

  /** Changes one link (undefined: all) in all directions. */
  setLink(link: string | undefined, change: Partial<PathCondition>): void {
    for (const name of link === undefined ? this.links : [link]) {
      for (const from of this.#nodes) {
        for (const to of this.#nodes) if (from !== to) this.setPath(name, from, to, change);
      }
    }
  }

  /** Changes the way from one node to another on all links. */
  setDirection(from: string, to: string, change: Partial<PathCondition>): void {
    for (const link of this.links) this.setPath(link, from, to, change);
  }

  /** Every path as new. */
  heal(): void {
    this.#conditions.clear();
  }

  /** Whether no packet can come from one to the other. */
  isCut(from: string, to: string): boolean {
    return this.links.every((link) => this.condition(link, from, to).cut);
  }

  send(from: string, link: string, packet: Packet): void {
    if (this.record) this.archive.push({ from, link, packet });
    for (const to of this.#nodes) if (to !== from) this.#sendTo(from, to, link, packet);
  }

  #sendTo(from: string, to: string, link: string, packet: Packet): void {
    const path = this.condition(link, from, to);
    if (path.cut || this.#dice.chance(path.lossRate)) return;
    const copies = this.#dice.chance(path.duplicateRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arriving = this.#dice.chance(path.corruptRate) ? this.#corrupted(packet) : packet;
      const jitterMs = path.jitterMs > 0 ? this.#dice.next() * path.jitterMs : 0;
      this.#queue.after(path.delayMs + jitterMs, () => this.#deliver(to, link, arriving));
    }
  }

  #corrupted(packet: Packet): Packet {
    const bytes = Uint8Array.from(packet.bytes);
    const at = this.#dice.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#dice.between(0, 7));
    return { bytes };
  }
}
