/**
 * A link carries whole datagrams (UDP) or whole frames (serial) between this node and the others. One file per
 * medium; all pass the same compliance suite. A link never throws after `open`, never waits, and repairs itself.
 */
import type { Traffic } from './traffic.js';

export type LinkFormat = 'netstring' | 'classic';

export type LinkHealth =
  | { readonly up: true }
  /** `reason` is a whole sentence for the log: what happened and what is being done about it. */
  | { readonly up: false; readonly reason: string };

export interface LinkHandlers {
  /** One datagram or frame. The buffer is valid only during the call. */
  onPacket(bytes: Uint8Array, link: Link): void;
  /** The medium itself (not a peer on it) came up or went down. Called only on a change. */
  onHealth(health: LinkHealth, link: Link): void;
  /** Something is odd on the medium though it works. `code` is kebab-case, `sentence` is for the log; may repeat. */
  onNotice?(code: string, sentence: string, link: Link): void;
}

export interface LinkCounters {
  sentPackets: number;
  sendErrors: number;
  receivedPackets: number;
  /** Too long, or outside the medium's own framing. */
  droppedPackets: number;
  /** Left out because the line is too slow for them (serial only). */
  thinnedPackets?: number;
}

export interface Link {
  /** What nodes call it: the interface ("eth0") or device path ("/dev/ttyS0"). Media on one interface share it. */
  readonly name: string;
  /** For the log: "bcast eth0", "mcast eth1", "ucast eth0 10.0.0.2", "serial /dev/ttyS0". */
  readonly description: string;
  /** Which of the two encodings this medium carries outward. */
  readonly format: LinkFormat;
  readonly counters: Readonly<LinkCounters>;
  /** Starts the link; problems are reported through onHealth and retried, never thrown. */
  open(handlers: LinkHandlers): void;
  /** Sends, queues within a bound, or drops, at once. `traffic` tells a slow line what may be left out. */
  send(bytes: Uint8Array, traffic?: Traffic): void;
  /** True while the kernel holds datagrams that onPacket has not been given yet (poll with zero timeout). */
  hasUnread(): boolean;
  /** Idempotent; afterwards no handler is called. */
  close(): void;
}
