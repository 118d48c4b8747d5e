/** The whole state of the core. Plain data, owned by the caller of `step` and changed only by it. */
import type { ClusterConfig } from '../config/types.js';
import type { FileDigests } from '../wire/extra.js';
import { type Fencing, newFencing } from './fencing/state.js';
import type { FencingRecord } from './fencing/types.js';
import { type Guard, newGuard } from './guard/state.js';
import { newOutgoing, newTracking, type Outgoing } from './heartbeat/state.js';
import { type Membership, newPeer, type Peer } from './membership/state.js';
import { Random } from './random.js';
import { newResources, type Resources } from './resources/state.js';
import { Timers } from './timers.js';
import { newVrrp, type Vrrp } from './vrrp/state.js';
import { newWitnesses, type Witnesses } from './witness/state.js';

/** What the core must be told about this run (no clock, no file, no randomness of its own). */
export interface Identity {
  readonly program: string;
  readonly generation: number;
  /** 32 hex digits */
  readonly uuid: string;
  /** 16 hex digits, new for each run. */
  readonly nonce: string;
  /** 32 bit */
  readonly seed: number;
  /** Highest generation ever heard of each peer: older ones are replays even after our restart. */
  readonly peerGenerations: Readonly<Record<string, number>>;
  /** As stored on the disk: see State. Absent: 0. */
  readonly maintenanceEpoch?: number;
  /** Fencings of the last hour, from the disk; absent: none. */
  readonly fencingRecord?: FencingRecord;
}

export interface Shutdown {
  /** The command that waits for the end; null: a self-restart. */
  readonly commandId: number | null;
  /** Everything is released, and this message said so. */
  readonly shutdoneSeq: number | null;
  /** Not an end but a new run (resources/self-restart.ts): `silent` sends nothing any more. */
  readonly restart: 'releasing' | 'silent' | null;
}

export interface State {
  readonly config: ClusterConfig;
  readonly identity: Identity;
  readonly timers: Timers;
  readonly random: Random;
  loadAverage: string;
  readonly outgoing: Outgoing;
  readonly membership: Membership;
  readonly peers: Map<string, Peer>;
  /** Health of our own media by link name; reason only while down. */
  readonly media: Map<string, { up: boolean; reason: string }>;
  readonly resources: Resources;
  readonly fencing: Fencing;
  readonly witnesses: Witnesses;
  /** Counts the changes of maintenance in the cluster: odd is on, even is off; the highest number heard counts. */
  maintenanceEpoch: number;
  readonly guard: Guard;
  /** Digests of our configuration files, as the runner told them; null: not told. */
  files: FileDigests | null;
  /** Groups do not go back to their preferred node now: it is not the time of the day for it. */
  failbackClosed: boolean;
  /** null: none is configured. */
  vrrp: Vrrp | null;
  /** Something changed that a restarted loop process must know. */
  checkpointDue: boolean;
  /** Claims or own status changed: the next status must not wait for the keepalive. */
  statusDue: boolean;
  lastTurnMs: number;
  /** When this process last ran more than a keepalive late: what it reads then may be old. */
  lateAtMs: number;
  /** How late it was then. */
  lateForMs: number;
  /** `shutdown` was asked for, or a self-restart is under way: set until the end. */
  shutdown: Shutdown | null;
  exited: boolean;
}

export function createState(config: ClusterConfig, identity: Identity): State {
  const random = new Random(identity.seed);
  const peers = new Map<string, Peer>();
  for (const name of config.nodes) {
    if (name === config.self || peers.has(name)) continue;
    const peer = newPeer(name, newTracking(random.between(0, 9)));
    peer.tracking.generation = identity.peerGenerations[name] ?? 0;
    peers.set(name, peer);
  }
  return {
    config,
    identity,
    timers: new Timers(),
    random,
    loadAverage: 'n/a',
    outgoing: newOutgoing(),
    membership: {
      status: 'init',
      communicationUp: false,
      nodesAskedOf: null,
      nodesAnswered: false,
      lastStatusSentMs: Number.NEGATIVE_INFINITY,
    },
    peers,
    media: new Map(),
    resources: newResources(config),
    maintenanceEpoch: identity.maintenanceEpoch ?? 0,
    guard: newGuard(config),
    files: null,
    // Until the time is told.
    failbackClosed: (config.settings.failbackWindow ?? '') !== '',
    vrrp: config.vrrp === undefined ? null : newVrrp(config.vrrp),
    fencing: newFencing(config, identity.fencingRecord ?? {}),
    witnesses: newWitnesses(config),
    checkpointDue: false,
    statusDue: false,
    lastTurnMs: Number.NEGATIVE_INFINITY,
    lateAtMs: Number.NEGATIVE_INFINITY,
    lateForMs: 0,
    shutdown: null,
    exited: false,
  };
}
