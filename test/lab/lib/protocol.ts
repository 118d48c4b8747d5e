/**
 * What the test and the lab's helper processes (hub, client) say to each other: one JSON object a line. A call is
 * `{id, op, args}`, its answer `{id, value}` or `{id, error}`; an event is `{event, ...}`.
 */

/** A machine of the lab: its host name, its number (last part of its addresses) and the links it is plugged into. */
export interface MachinePlan {
  readonly name: string;
  readonly index: number;
  readonly links: readonly string[];
}

/** in = what the machine receives, out = what it sends. */
export type Direction = 'in' | 'out' | 'both';

/** What a relay does to the frames of one port. All percentages are 0 to 100, of the frames passing. */
export interface Impairment {
  /** Default both. */
  readonly direction?: Direction;
  /** Each frame is held for this long (default 0). */
  readonly delayMs?: number;
  /** ... and up to this much longer, at random (default 0); frames may overtake each other then. */
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  /** These are held back for `reorderByMs` (default 20) more, so that later ones overtake them. */
  readonly reorderPercent?: number;
  readonly reorderByMs?: number;
  readonly duplicatePercent?: number;
  /** One bit of these is turned over, behind the Ethernet header. */
  readonly corruptPercent?: number;
  /** The damaged bit lies in the payload of a UDP datagram, whose checksum is taken off so that it is delivered. */
  readonly corruptPassesChecksum?: boolean;
  /** Start of the random sequence; the same seed and the same frames give the same faults. */
  readonly seed?: number;
}

/** Loss of one port in one direction. */
export interface LossRule {
  readonly machine: string;
  readonly link: string;
  readonly direction: 'in' | 'out';
  readonly percent: number;
}

export interface SerialEnd {
  readonly machine: string;
  readonly path: string;
}

/** One answer to the observer's question: when, for which address, by which hardware address, to which question. */
export interface RawAnswer {
  readonly atMs: number;
  readonly address: string;
  readonly mac: string;
  readonly request: number;
}

/** A gratuitous ARP or other unasked announcement seen on the link. */
export interface RawAnnouncement {
  readonly atMs: number;
  readonly address: string;
  readonly mac: string;
}

/** How a machine ended: by powerOff, by reboot(2) of a process inside, or because its init was killed. */
export type EndReason = 'power-off' | 'reboot' | 'halt' | 'killed';

export interface HubCalls {
  build: { args: { links: string[]; machines: MachinePlan[]; visible: string }; result: null };
  powerOn: { args: { machine: string }; result: { testPid: number; hubPid: number } };
  powerOff: { args: { machine: string }; result: { atMs: number } };
  cable: { args: { machine: string; link: string; plugged: boolean }; result: { atMs: number } };
  silence: { args: { machine: string; link: string; silent: boolean }; result: { atMs: number } };
  loss: { args: { rules: LossRule[] }; result: { by: 'filter' | 'relay' } };
  relay: { args: { machine: string; link: string; impairments: Impairment[] }; result: null };
  serial: { args: { ends: SerialEnd[]; bytesPerSecond: number | null }; result: { cable: number } };
  serialConnected: { args: { cable: number; connected: boolean }; result: null };
  observe: { args: { link: string; addresses: string[]; everyMs: number }; result: { observer: number } };
  observed: {
    args: { observer: number; answersFrom: number; announcementsFrom: number };
    result: { answers: RawAnswer[]; announcements: RawAnnouncement[]; requests: number };
  };
  unobserve: { args: { observer: number }; result: null };
}

export interface ClientTarget {
  /** `udp://ADDRESS[:PORT]` (the lab's echo server) or `http://...`. */
  readonly url: string;
  readonly everyMs: number;
  /** An answer that comes later than this counts as none. */
  readonly timeoutMs: number;
}

/** One question of the client. Times are CLOCK_MONOTONIC in milliseconds. */
export interface ClientEntry {
  readonly sentAtMs: number;
  /** Absent: no answer in time. */
  readonly receivedAtMs?: number;
  /** The machine that answered (UDP: its echo server; HTTP: the machine whose name stands in the page). */
  readonly from?: string;
  /** HTTP status, 200 for UDP. */
  readonly status?: number;
  /** HTTP: the page's first 200 characters. */
  readonly body?: string;
  /** What went wrong, e.g. ECONNREFUSED or timeout. */
  readonly error?: string;
}

export interface ClientCalls {
  start: { args: { target: ClientTarget; machines: string[] }; result: { client: number } };
  log: { args: { client: number }; result: { entries: ClientEntry[] } };
  /** The newest question that was answered. */
  newest: { args: { client: number }; result: { entry: ClientEntry | null } };
  stop: { args: { client: number }; result: null };
}

export type HubEvent =
  | { readonly event: 'ready'; readonly testPid: number }
  | { readonly event: 'ended'; readonly machine: string; readonly reason: EndReason; readonly atMs: number };

/** The UDP port of the echo server of every machine. */
export const ECHO_PORT = 7;

/** First part of a link's addresses: 10.77.0.0/24 and fd77::/64 for the first link, 78 for the second, ... */
export const FIRST_NETWORK = 77;

/** The hardware address of a machine on a link; it stays the same over power cycles. */
export function macOf(machineIndex: number, linkIndex: number): string {
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return `02:77:00:${byte(linkIndex)}:00:${byte(machineIndex)}`;
}

/** The IPv4 address of a machine on a link. */
export function ipv4Of(machineIndex: number, linkIndex: number): string {
  return `10.${FIRST_NETWORK + linkIndex}.0.${machineIndex}`;
}

/** The IPv6 address of a machine on a link. */
export function ipv6Of(machineIndex: number, linkIndex: number): string {
  return `fd${FIRST_NETWORK + linkIndex}::${machineIndex.toString(16)}`;
}
