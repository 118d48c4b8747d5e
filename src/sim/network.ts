/**
 * The virtual network: every link joins all nodes; each direction between two nodes on it has its own condition.
 * A condition is the base (`setPath`) with every impairment in force on top of it, so that two faults at once are both
 * felt, and the end of one does not end the other.
 */
import type { EventQueue } from './event-queue.js';
import type { Dice } from './random.js';

/** How one direction between two nodes on one link behaves. Rates are 0..1. */
export interface PathCondition {
  readonly delayMs: number;
  /** Added to the delay, evenly spread: packets overtake each other when it is larger than their distance. */
  readonly jitterMs: number;
  readonly lossRate: number;
  readonly duplicateRate: number;
  /** Share of packets with one flipped bit. */
  readonly corruptRate: number;
  readonly cut: boolean;
  /** What the sender's side of the link carries; 0: no limit. A serial line carries baud / 10. */
  readonly bytesPerSecond: number;
}

export const HEALTHY: PathCondition = {
  delayMs: 0.2,
  jitterMs: 0,
  lossRate: 0,
  duplicateRate: 0,
  corruptRate: 0,
  cut: false,
  bytesPerSecond: 0,
};

/** A packet on the wire. Copies of one sending share the object, so that what was decoded once need not be again. */
export interface Packet {
  readonly bytes: Uint8Array;
}

/** Which paths an impairment concerns; what is absent means all. */
export interface Where {
  readonly link?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export type Deliver = (to: string, link: string, packet: Packet) => void;

interface Impairment {
  readonly where: Where;
  readonly change: Partial<PathCondition>;
}

interface Path {
  readonly to: string;
  readonly condition: PathCondition;
}

/** A limited link refuses what would wait longer than this in its queue. */
const QUEUE_MAX_MS = 5000;
/** The newest sendings that `archive` keeps. */
const ARCHIVE_MAX = 20_000;

/** The worse of two conditions, value by value. */
function worse(base: PathCondition, change: Partial<PathCondition>): PathCondition {
  const rate = change.bytesPerSecond ?? 0;
  const limited = base.bytesPerSecond === 0 || (rate > 0 && rate < base.bytesPerSecond);
  return {
    delayMs: Math.max(base.delayMs, change.delayMs ?? 0),
    jitterMs: Math.max(base.jitterMs, change.jitterMs ?? 0),
    lossRate: Math.max(base.lossRate, change.lossRate ?? 0),
    duplicateRate: Math.max(base.duplicateRate, change.duplicateRate ?? 0),
    corruptRate: Math.max(base.corruptRate, change.corruptRate ?? 0),
    cut: base.cut || change.cut === true,
    bytesPerSecond: limited ? rate : base.bytesPerSecond,
  };
}

export class Network {
  readonly links: readonly string[];
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #deliver: Deliver;
  readonly #nodes: readonly string[];
  /** `NODE WITNESS`; `NODE ` stands for every witness. */
  readonly #unreachable = new Set<string>();
  readonly #base = new Map<string, PathCondition>();
  #impairments: Impairment[] = [];
  /** "link from" -> its paths as they are now; emptied by every change. */
  readonly #paths = new Map<string, readonly Path[]>();
  /** "link from" -> until when a limited link is busy with what was given to it. */
  readonly #busyUntilMs = new Map<string, number>();
  /** The newest sendings, when `record` is on. */
  readonly archive: { readonly from: string; readonly link: string; readonly packet: Packet }[] = [];
  record = false;
  /** Packets that a limited link refused because its queue was full. */
  refused = 0;
  /** Called after every change of a condition. */
  onChange: () => void = () => {};

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

  /** The condition now: the base with all impairments. */
  condition(link: string, from: string, to: string): PathCondition {
    let condition = this.#base.get(`${link} ${from} ${to}`) ?? HEALTHY;
    for (const { where, change } of this.#impairments) {
      if (where.link !== undefined && where.link !== link) continue;
      if (where.from !== undefined && where.from !== from) continue;
      if (where.to !== undefined && where.to !== to) continue;
      condition = worse(condition, change);
    }
    return condition;
  }

  /** Makes paths worse until the returned function is called (a second call does nothing). */
  impair(where: Where, change: Partial<PathCondition>): () => void {
    const entry = { where, change };
    this.#impairments.push(entry);
    this.#changed();
    return () => {
      this.#impairments = this.#impairments.filter((other) => other !== entry);
      this.#changed();
    };
  }

  /** Changes the base of one direction on one link. */
  setPath(link: string, from: string, to: string, change: Partial<PathCondition>): void {
    const key = `${link} ${from} ${to}`;
    this.#base.set(key, { ...(this.#base.get(key) ?? HEALTHY), ...change });
    this.#changed();
  }

  /** Changes the base of one link (undefined: all) in all directions. */
  setLink(link: string | undefined, change: Partial<PathCondition>): void {
    for (const name of link === undefined ? this.links : [link]) {
      for (const from of this.#nodes) {
        for (const to of this.#nodes) if (from !== to) this.setPath(name, from, to, change);
      }
    }
  }

  /** Changes the base of the way from one node to another on all links. */
  setDirection(from: string, to: string, change: Partial<PathCondition>): void {
    for (const link of this.links) this.setPath(link, from, to, change);
  }

  /** Takes the way between a node and a witness (undefined: all witnesses) away, or gives it back. */
  setWitness(node: string, witness: string | undefined, reachable: boolean): void {
    const key = `${node} ${witness ?? ''}`;
    if (reachable) this.#unreachable.delete(key);
    else this.#unreachable.add(key);
    this.onChange();
  }

  /** Whether a witness answers that node now. */
  reaches(node: string, witness: string): boolean {
    return !this.#unreachable.has(`${node} ${witness}`) && !this.#unreachable.has(`${node} `);
  }

  /** Every path as new, without any impairment. */
  heal(): void {
    this.#unreachable.clear();
    this.#base.clear();
    this.#impairments = [];
    this.#changed();
  }

  /** Whether no packet can come from one to the other. */
  isCut(from: string, to: string): boolean {
    return this.links.every((link) => this.condition(link, from, to).cut);
  }

  send(from: string, link: string, packet: Packet): void {
    if (this.record) {
      this.archive.push({ from, link, packet });
      if (this.archive.length > 2 * ARCHIVE_MAX) this.archive.splice(0, ARCHIVE_MAX);
    }
    const key = `${link} ${from}`;
    let paths = this.#paths.get(key);
    if (paths === undefined) {
      paths = this.#nodes
        .filter((to) => to !== from)
        .map((to) => ({ to, condition: this.condition(link, from, to) }));
      this.#paths.set(key, paths);
    }
    for (const { to, condition } of paths) this.#sendTo(key, to, link, packet, condition);
  }

  #changed(): void {
    this.#paths.clear();
    this.onChange();
  }

  #sendTo(key: string, to: string, link: string, packet: Packet, path: PathCondition): void {
    const waitMs = path.bytesPerSecond > 0 ? this.#lineTime(`${key} ${to}`, packet, path) : 0;
    if (waitMs === undefined) return;
    if (path.cut || this.#dice.chance(path.lossRate)) return;
    const copies = this.#dice.chance(path.duplicateRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arriving = this.#dice.chance(path.corruptRate) ? this.#corrupted(packet) : packet;
      const jitterMs = path.jitterMs > 0 ? this.#dice.next() * path.jitterMs : 0;
      this.#queue.after(waitMs + path.delayMs + jitterMs, () => this.#deliver(to, link, arriving));
    }
  }

  /** How long a limited link takes until the packet is through, behind what waits; undefined: its queue is full. */
  #lineTime(line: string, packet: Packet, { bytesPerSecond }: PathCondition): number | undefined {
    const nowMs = this.#queue.nowMs;
    const busyMs = Math.max(nowMs, this.#busyUntilMs.get(line) ?? 0);
    if (busyMs - nowMs > QUEUE_MAX_MS) {
      this.refused += 1;
      return undefined;
    }
    const untilMs = busyMs + (packet.bytes.length * 1000) / bytesPerSecond;
    this.#busyUntilMs.set(line, untilMs);
    return untilMs - nowMs;
  }

  #corrupted(packet: Packet): Packet {
    const bytes = Uint8Array.from(packet.bytes);
    const at = this.#dice.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#dice.between(0, 7));
    return { bytes };
  }
}
