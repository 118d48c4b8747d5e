/** Book-keeping for the check of deliveries: which messages (no heartbeats) were sent, and who heard them. */
import { type Message, textOf } from '../wire/message.js';

interface Letter {
  readonly atMs: number;
  readonly from: string;
  /** Tells the runs of the sender apart. */
  readonly run: number;
  readonly seq: number;
  readonly type: string;
  /** Absent: for everybody. */
  readonly dest: string | undefined;
  readonly heardBy: Set<string>;
}

/** One receiver's acquaintance with one run of a sender, from one status to whatever ends it. */
interface Acquaintance {
  readonly run: number;
  readonly sinceSeq: number;
  readonly sinceMs: number;
}

export interface Undelivered {
  readonly from: string;
  readonly to: string;
  readonly seq: number;
  readonly type: string;
  readonly atMs: number;
}

const LETTERS_MAX = 20_000;

export class Post {
  readonly #letters: Letter[] = [];
  readonly #byKey = new Map<string, Letter>();
  /** "receiver sender" -> the acquaintance that lasts still. */
  readonly #known = new Map<string, Acquaintance>();
  readonly #runs = new Map<string, number>();
  /** Directions between two nodes. */
  readonly #pairs: number;

  constructor(nodes: number) {
    this.#pairs = nodes * (nodes - 1);
  }

  /** The program of a node began, ended, or lost what it had in mind: nothing sent before counts for it. */
  runChanged(node: string): void {
    this.#runs.set(node, (this.#runs.get(node) ?? 0) + 1);
    for (const key of [...this.#known.keys()]) {
      const [to, from] = key.split(' ');
      if (to === node || from === node) this.#known.delete(key);
    }
  }

  /** A receiver forgot the numbering of a sender, by the rule: it declared it dead, or missed too much. */
  forgotten(to: string, from: string): void {
    this.#known.delete(`${to} ${from}`);
  }

  /** By the rule a receiver will not get that number. */
  givenUp(to: string, from: string, seq: number): void {
    this.#byKey.get(this.#key(from, seq))?.heardBy.add(to);
  }

  sent(atMs: number, from: string, message: Message): void {
    const type = textOf(message, 't') ?? '';
    if (type === 'status' || type.startsWith('NS_')) return;
    const seq = Number.parseInt(textOf(message, 'seq') ?? '', 16);
    const key = this.#key(from, seq);
    if (Number.isNaN(seq) || this.#byKey.has(key) || this.#letters.length >= LETTERS_MAX) return;
    const run = this.#runs.get(from) ?? 0;
    const letter = { atMs, from, run, seq, type, dest: textOf(message, 'dest'), heardBy: new Set<string>() };
    this.#letters.push(letter);
    this.#byKey.set(key, letter);
  }

  heard(atMs: number, to: string, message: Message): void {
    const type = message.fields[0];
    const isStatus = type?.type === 0 && type.value === 'status';
    // Nearly all is this: one more heartbeat of a pair that knows each other.
    if (isStatus && this.#known.size === this.#pairs) return;
    const from = textOf(message, 'src') ?? '';
    const run = this.#runs.get(from) ?? 0;
    const known = this.#known.get(`${to} ${from}`);
    if (isStatus) {
      if (known !== undefined) return;
      const seq = Number.parseInt(textOf(message, 'seq') ?? '', 16);
      this.#known.set(`${to} ${from}`, { run, sinceSeq: seq, sinceMs: atMs });
      return;
    }
    const seq = Number.parseInt(textOf(message, 'seq') ?? '', 16);
    this.#byKey.get(this.#key(from, seq))?.heardBy.add(to);
  }

  /** Messages sent before `untilMs` that somebody who should have heard them has not. */
  undelivered(untilMs: number): Undelivered[] {
    const found: Undelivered[] = [];
    for (const [key, { run, sinceSeq, sinceMs }] of this.#known) {
      const [to = '', from = ''] = key.split(' ');
      for (const letter of this.#letters) {
        if (letter.from !== from || letter.run !== run || letter.atMs > untilMs) continue;
        if (letter.seq < sinceSeq || letter.atMs < sinceMs || letter.heardBy.has(to)) continue;
        found.push({ from, to, seq: letter.seq, type: letter.type, atMs: letter.atMs });
      }
    }
    return found;
  }

  #key(from: string, seq: number): string {
    return `${from} ${this.#runs.get(from) ?? 0} ${seq}`;
  }
}
