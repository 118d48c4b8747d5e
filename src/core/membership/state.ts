import type { Extra } from '../../wire/extra.js';
import type { Tracking } from '../heartbeat/state.js';
import type { LossCounts } from './loss.js';

/** What another node says of itself, or `dead` (heartbeat-protocol.md 8.2). */
export type NodeStatus = 'init' | 'up' | 'active' | 'dead';

/** One peer on one link. */
export interface PeerLink {
  up: boolean;
  heardMs: number;
  /** Highest sequence number of any message heard here in the peer's current run. */
  highestSeq: number;
  /** Highest sequence number of a status heard here in the peer's current run; 0: none. */
  statusSeq: number;
  readonly loss: LossCounts;
}

export interface Peer {
  readonly name: string;
  uuid: string | undefined;
  status: NodeStatus;
  /** Whether anything was heard since it was last declared dead (or since start). */
  heard: boolean;
  /** Arrival of the newest status; null before the first. */
  lastStatusMs: number | null;
  lastStatusSeq: number;
  /** The deadtime that the peer announced for itself (`dt`); null: never announced. */
  announcedDeadtimeMs: number | null;
  readonly tracking: Tracking;
  readonly links: Map<string, PeerLink>;
  /** The newest extra field; undefined: an original, or not heard. */
  extra: Extra | undefined;
  /** Sequence number of the status that carried `extra`. */
  extraSeq: number;
  /** Highest sequence number of ours that it acknowledged (NS_ackmsg). */
  ackedSeq: number;
  /** Sending time of the newest status of ours that the peer confirmed in this run; null: none yet. */
  confirmedSentMs: number | null;
  /** Number of its first status that named this run of ours, in its present run; null: none yet. */
  knowsUsSinceSeq: number | null;
  /** Since when a death verdict has been put off because this node was late itself; null: not. */
  verdictHeldSinceMs: number | null;
  /** It has announced an orderly end (shutdone) and not restarted since. */
  left: boolean;
  /** Returned from a partition and has not confirmed anything since: until when it may; null: it has, or never returned. */
  momentEndsMs: number | null;
  /** When this node had to be gone, as far as the loop process before this one knew; null: there was none, or the peer has begun anew since. */
  formerGoneByMs: number | null;
  /** `confirmedSentMs` while it is late; null: the peer's confirmations are punctual. */
  lateConfirmedMs: number | null;
  /** Its newest status was heard by this very loop process: what it holds is not older than that. */
  current: boolean;
  /** Our newest sequence number when its claims last changed: who confirms a later one knows that we know them. */
  claimsHeardAtSeq: number;
  /** It hears nothing from us although we hear it (said once). */
  deaf: boolean;
  /** Configuration files that differ from ours: `pending` a moment, then said (core/drift.ts). */
  drift: { pending: readonly string[]; said: readonly string[] };
}

export type OwnStatus = 'init' | 'up' | 'active';

export interface Membership {
  status: OwnStatus;
  /** Statuses up to "active" are done; resources may move. */
  communicationUp: boolean;
  /** Peer we last asked for the node list (originals only). */
  nodesAskedOf: string | null;
  nodesAnswered: boolean;
  /** Last extra status sent out of turn, to bound their rate. */
  lastStatusSentMs: number;
}

export function newPeer(name: string, tracking: Tracking): Peer {
  return {
    name,
    uuid: undefined,
    status: 'init',
    heard: false,
    lastStatusMs: null,
    lastStatusSeq: 0,
    announcedDeadtimeMs: null,
    tracking,
    links: new Map(),
    extra: undefined,
    extraSeq: 0,
    ackedSeq: 0,
    confirmedSentMs: null,
    knowsUsSinceSeq: null,
    verdictHeldSinceMs: null,
    left: false,
    momentEndsMs: null,
    formerGoneByMs: null,
    lateConfirmedMs: null,
    current: true,
    claimsHeardAtSeq: 0,
    deaf: false,
    drift: { pending: [], said: [] },
  };
}

/** Alive as far as this node knows: heard of and not declared dead. */
export function isAlive(peer: Peer): boolean {
  return peer.heard && peer.status !== 'dead';
}
