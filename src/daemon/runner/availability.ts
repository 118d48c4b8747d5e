/**
 * Availability of each group, from the outages that this node has really seen: pure book-keeping. A group is served
 * while it runs on some node. Time in which this node did not look (heartbeat was stopped, the machine was off or
 * suspended) or could not know is counted neither as service nor as outage.
 */
import type { GroupSnapshot, StatusSnapshot } from '../../core/snapshot-types.js';

/** From here on the group was served by that node; null: by none. `seen` false: this node did not look or know. */
export interface ServiceSpan {
  readonly startWallMs: number;
  readonly server: string | null;
  readonly seen: boolean;
}

export interface Outage {
  readonly startWallMs: number;
  /** null: it lasts. */
  readonly endWallMs: number | null;
}

/** The account of one group; times in ms. */
export interface GroupAccount {
  /** When it was first seen served: before, there is nothing to be measured. */
  readonly sinceWallMs: number;
  readonly upMs: number;
  readonly downMs: number;
  readonly outages: number;
  /** undefined (absent in the file): not known. */
  readonly server?: string | null;
  readonly lastOutages: readonly Outage[];
  readonly spans: readonly ServiceSpan[];
}

export interface AvailabilityBook {
  readonly version: 1;
  /** When it was last looked, Unix time in ms. */
  readonly lookedWallMs: number;
  readonly groups: Readonly<Record<string, GroupAccount>>;
}

/** What `heartbeat status --json`, the page and the metrics say of a group. */
export interface GroupAvailability {
  readonly group: string;
  readonly sinceWallMs: number;
  /** Time that was looked at: service and outages together. */
  readonly observedMs: number;
  readonly downMs: number;
  readonly outages: number;
  /** MTBF / (MTBF + MTTR), 0..1. */
  readonly availability: number;
  /** Mean time between failures; null: there was none. */
  readonly mtbfMs: number | null;
  /** Mean time to repair; null: there was no outage. */
  readonly mttrMs: number | null;
  /** The newest, oldest first. */
  readonly lastOutages: readonly Outage[];
  readonly spans: readonly ServiceSpan[];
}

/** Longer pauses between two looks are time that nobody saw. */
export const GAP_MS = 15_000;
const OUTAGES_KEPT = 32;
const SPANS_KEPT = 64;
const GROUPS_KEPT = 2000;

export const EMPTY_BOOK: AvailabilityBook = { version: 1, lookedWallMs: 0, groups: {} };

/** Who serves a group: a node, nobody (null), or not known (undefined). */
export function serverOf(status: StatusSnapshot, group: GroupSnapshot): string | null | undefined {
  const partners = status.nodes.filter(({ kind, self }) => kind === 'normal' && !self);
  if (group.owner === status.self) return group.state === 'running' ? status.self : null;
  if (group.owner !== null) {
    const owner = partners.find(({ name }) => name === group.owner);
    return owner?.status === 'dead' ? null : group.owner;
  }
  // Before the nodes have talked, and of an original, it is not known what they hold.
  if (!status.communicationUp) return undefined;
  const silent = partners.some((node) => node.status !== 'dead' && node.program === null);
  return silent ? undefined : null;
}

/** The book after one look at the cluster. */
export function look(book: AvailabilityBook, status: StatusSnapshot, nowWallMs: number): AvailabilityBook {
  const passedMs = nowWallMs - book.lookedWallMs;
  const isGap = passedMs > GAP_MS || passedMs < 0;
  const groups: Record<string, GroupAccount> = { ...book.groups };
  for (const group of status.groups) {
    const account = Object.hasOwn(groups, group.key) ? groups[group.key] : undefined;
    const server = serverOf(status, group);
    if (account === undefined) {
      if (typeof server === 'string') groups[group.key] = opened(server, nowWallMs);
      continue;
    }
    const before = isGap ? afterGap(account, book.lookedWallMs) : passed(account, passedMs);
    groups[group.key] = changed(before, server, nowWallMs, silentSinceMs(status, before.server, nowWallMs));
  }
  return { version: 1, lookedWallMs: nowWallMs, groups: bounded(groups, status) };
}

/** When the node that served it was last heard, if it is dead now. */
function silentSinceMs(
  status: StatusSnapshot,
  server: string | null | undefined,
  nowWallMs: number,
): number | undefined {
  const node = status.nodes.find(({ name, self }) => name === server && !self);
  if (node?.status !== 'dead' || node.statusAgeMs === null) return undefined;
  return nowWallMs - Math.round(node.statusAgeMs);
}

function opened(server: string, nowWallMs: number): GroupAccount {
  return {
    sinceWallMs: nowWallMs,
    upMs: 0,
    downMs: 0,
    outages: 0,
    server,
    lastOutages: [],
    spans: [{ startWallMs: nowWallMs, server, seen: true }],
  };
}

function passed(account: GroupAccount, passedMs: number): GroupAccount {
  if (account.server === undefined) return account;
  return account.server === null
    ? { ...account, downMs: account.downMs + passedMs }
    : { ...account, upMs: account.upMs + passedMs };
}

/** Nobody looked since then: an outage that lasted then ends there as far as it was seen. */
function afterGap(account: GroupAccount, lookedWallMs: number): GroupAccount {
  const { server: _server, ...rest } = account;
  return { ...rest, ...closed(account, lookedWallMs), spans: withSpan(account, lookedWallMs, null, false) };
}

function changed(
  account: GroupAccount,
  server: string | null | undefined,
  nowWallMs: number,
  silentMs: number | undefined,
): GroupAccount {
  if (server === account.server) return account;
  const { server: before, ...rest } = account;
  if (server === undefined) {
    return { ...rest, ...closed(account, nowWallMs), spans: withSpan(account, nowWallMs, null, false) };
  }
  // The service of a node that died ended when it was last heard, not when that was noticed.
  const lostMs =
    typeof before === 'string' && silentMs !== undefined ? Math.min(silentMs, nowWallMs) : undefined;
  const hidden = lostMs === undefined ? 0 : Math.min(nowWallMs - lostMs, rest.upMs);
  if (server === null || lostMs !== undefined) {
    const startWallMs = nowWallMs - hidden;
    const down: GroupAccount = {
      ...rest,
      upMs: rest.upMs - hidden,
      downMs: rest.downMs + hidden,
      outages: rest.outages + 1,
      server: null,
      lastOutages: [...rest.lastOutages, { startWallMs, endWallMs: null }].slice(-OUTAGES_KEPT),
      spans: withSpan(account, startWallMs, null, true),
    };
    return server === null ? down : changed(down, server, nowWallMs, undefined);
  }
  return {
    ...rest,
    ...closed(account, nowWallMs),
    server,
    spans: withSpan(account, nowWallMs, server, true),
  };
}

function closed({ lastOutages }: GroupAccount, endWallMs: number): Pick<GroupAccount, 'lastOutages'> {
  return {
    lastOutages: lastOutages.map((one) => (one.endWallMs === null ? { ...one, endWallMs } : one)),
  };
}

function withSpan(
  { spans }: GroupAccount,
  startWallMs: number,
  server: string | null,
  seen: boolean,
): readonly ServiceSpan[] {
  return [...spans, { startWallMs, server, seen }].slice(-SPANS_KEPT);
}

function bounded(
  groups: Readonly<Record<string, GroupAccount>>,
  status: StatusSnapshot,
): Readonly<Record<string, GroupAccount>> {
  const entries = Object.entries(groups);
  if (entries.length <= GROUPS_KEPT) return groups;
  const present = new Set(status.groups.map(({ key }) => key));
  return Object.fromEntries(entries.filter(([key]) => present.has(key)).slice(0, GROUPS_KEPT));
}

/** The figures of the groups of a configuration, in its order; groups that were never seen served are left out. */
export function availabilityOf(book: AvailabilityBook, keys: readonly string[]): GroupAvailability[] {
  return keys.flatMap((group) => {
    const account = Object.hasOwn(book.groups, group) ? book.groups[group] : undefined;
    if (account === undefined) return [];
    const { sinceWallMs, upMs, downMs, outages, lastOutages, spans } = account;
    const observedMs = upMs + downMs;
    return [
      {
        group,
        sinceWallMs,
        observedMs,
        downMs,
        outages,
        availability: observedMs === 0 ? 1 : upMs / observedMs,
        mtbfMs: outages === 0 ? null : upMs / outages,
        mttrMs: outages === 0 ? null : downMs / outages,
        lastOutages,
        spans,
      },
    ];
  });
}
