/** Links inside one process, for tests: the same behaviour as on a wire, without one. */
import type { Link, LinkCounters, LinkFormat, LinkHandlers } from './link.js';

/** What a UDP datagram holds at most (heartbeat-protocol.md 2.1). */
const MAX_DATAGRAM_BYTES = 65_507;

/** A segment: what one attached link sends, every other one hears. */
export class MemorySegment {
  readonly #links = new Set<MemoryLink>();

  /** A new link on this segment. `name` is the link name of the cluster, "eth0". */
  attach(name: string, format: LinkFormat = 'netstring'): MemoryLink {
    const link = new MemoryLink(this, name, format);
    this.#links.add(link);
    return link;
  }

  /** Gives `bytes` to every other attached link. */
  deliver(bytes: Uint8Array, from: MemoryLink): void {
    for (const link of this.#links) if (link !== from) link.receive(bytes);
  }

  /** A link that is not attached hears nothing. */
  detach(link: MemoryLink): void {
    this.#links.delete(link);
  }
}

export class MemoryLink implements Link {
  readonly name: string;
  readonly description: string;
  readonly format: LinkFormat;
  readonly counters: LinkCounters = { sentPackets: 0, sendErrors: 0, receivedPackets: 0, droppedPackets: 0 };
  readonly #segment: MemorySegment;
  readonly #unread: Uint8Array[] = [];
  #handlers: LinkHandlers | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #up = true;

  constructor(segment: MemorySegment, name: string, format: LinkFormat) {
    this.#segment = segment;
    this.name = name;
    this.format = format;
    this.description = `memory ${name}`;
  }

  open(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) return;
    this.#handlers = handlers;
    this.#report();
  }

  send(bytes: Uint8Array): void {
    if (this.#handlers === undefined || !this.#up || bytes.length > MAX_DATAGRAM_BYTES) {
      this.counters.sendErrors++;
      return;
    }
    this.counters.sentPackets++;
    this.#segment.deliver(Uint8Array.from(bytes), this);
  }

  hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  close(): void {
    this.#handlers = undefined;
    this.#unread.length = 0;
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#segment.detach(this);
  }

  /** Pulls the cable (`false`) or plugs it in. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    if (this.#handlers !== undefined) this.#report();
  }

  /** What the segment gives; read in a later turn, as from a socket. */
  receive(bytes: Uint8Array): void {
    if (this.#handlers === undefined || !this.#up) return;
    this.#unread.push(bytes);
    this.#scheduled ??= setImmediate(() => this.#readAll());
  }

  #readAll(): void {
    this.#scheduled = undefined;
    for (let bytes = this.#unread.shift(); bytes !== undefined; bytes = this.#unread.shift()) {
      this.counters.receivedPackets++;
      this.#handlers?.onPacket(bytes, this);
    }
  }

  #report(): void {
    const reason = `${this.description}: the segment is unplugged; waiting until it is plugged in.`;
    this.#handlers?.onHealth(this.#up ? { up: true } : { up: false, reason }, this);
  }
}
