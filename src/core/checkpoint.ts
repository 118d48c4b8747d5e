/**
 * What outlives the loop process (it is kept by the runner in memory): enough to go on in the same generation,
 * without a takeover. Plain JSON; the runner does not look inside.
 */
import type { ClusterConfig } from '../config/types.js';
import type { Extra } from '../wire/extra.js';
import { type Fencing, restoreFencing } from './fencing/state.js';
import type { SendingMark } from './heartbeat/schedule.js';
import { SEQ_GAP_AFTER_RESTART } from './heartbeat/send.js';
import { armDeath } from './membership/death.js';
import { resumeLease, toBeGoneByMs } from './membership/lease.js';
import type { NodeStatus, OwnStatus, Peer } from './membership/state.js';
import { planOffer } from './resources/failures.js';
import { beginAnnouncing } from './resources/groups.js';
import { newHealth } from './resources/health.js';
import { armMonitors } from './resources/monitor.js';
import { resumeProbes } from './resources/probe.js';
import { resumeSelfRestart } from './resources/self-restart.js';
import type { Group, Resources } from './resources/state.js';
import { createState, type Identity, type State } from './state.js';
import { makeVrrpCheckpoint, restoreVrrp, type VrrpCheckpoint } from './vrrp/checkpoint.js';
import { resumeWitnesses } from './witness/ping.js';

export interface PeerCheckpoint {
  readonly node: string;
  readonly uuid?: string;
  readonly generation: number;
  readonly status: NodeStatus;
  readonly heard: boolean;
  readonly left: boolean;
  readonly lastStatusSeq: number;
  readonly deadtimeMs: number | null;
  readonly extra?: Extra;
  readonly extraSeq: number;
  /** Its first status that named this run of ours; absent: none, or not told. */
  readonly knowsUsSinceSeq?: number;
  /** By then this node has to be gone unless the peer confirms something newer (monotonic); absent: it is punctual. */
  readonly goneByMs?: number;
  /** Its files that were said to differ from ours; absent: none. */
  readonly differing?: readonly string[];
}

type GroupCheckpoint = Pick<
  Group,
  | 'key'
  | 'wanted'
  | 'phase'
  | 'position'
  | 'operationId'
  | 'dropped'
  | 'reached'
  | 'stopFailures'
  | 'failed'
  | 'failedBy'
  | 'offered'
  | 'restartFrom'
  | 'probe'
  | 'health'
  | 'taken'
  | 'contested'
  | 'epoch'
  | 'peerClaimsIgnoredUpTo'
  | 'given'
>;

type ResourcesCheckpoint = Omit<Resources, 'groups' | 'partner' | 'digest'> & {
  readonly groups: readonly GroupCheckpoint[];
};

export interface Checkpoint {
  readonly generation: number;
  readonly nonce: string;
  /** No sequence number at or above this one has been used. */
  readonly seqLimit: number;
  /** When heartbeats were sent; absent: made by a version that did not say it. */
  readonly marks?: readonly SendingMark[];
  readonly ownStatus: OwnStatus;
  readonly communicationUp: boolean;
  readonly maintenanceEpoch: number;
  readonly peers: readonly PeerCheckpoint[];
  readonly resources: ResourcesCheckpoint;
  readonly vrrp?: VrrpCheckpoint;
  readonly fencing: Fencing;
  /** Cut off from the partner and every witness. */
  readonly isolated: boolean;
}

function goneByOf(state: State, peer: Peer): { goneByMs?: number } {
  const goneByMs = toBeGoneByMs(state, peer);
  return goneByMs === null ? {} : { goneByMs };
}

/** The present state as the next loop process needs it. */
export function makeCheckpoint(state: State): Checkpoint {
  const { partner: _partner, digest: _digest, groups, ...resources } = state.resources;
  return {
    generation: state.identity.generation,
    nonce: state.identity.nonce,
    seqLimit: state.outgoing.seqLimit,
    marks: [...state.outgoing.marks],
    ownStatus: state.membership.status,
    communicationUp: state.membership.communicationUp,
    maintenanceEpoch: state.maintenanceEpoch,
    peers: [...state.peers.values()].map((peer) => ({
      node: peer.name,
      ...(peer.uuid === undefined ? {} : { uuid: peer.uuid }),
      generation: peer.tracking.generation,
      status: peer.status,
      heard: peer.heard,
      left: peer.left,
      lastStatusSeq: peer.lastStatusSeq,
      deadtimeMs: peer.announcedDeadtimeMs,
      ...(peer.extra === undefined ? {} : { extra: peer.extra }),
      extraSeq: peer.extraSeq,
      ...(peer.knowsUsSinceSeq === null ? {} : { knowsUsSinceSeq: peer.knowsUsSinceSeq }),
      ...goneByOf(state, peer),
      ...(peer.drift.said.length === 0 ? {} : { differing: peer.drift.said }),
    })),
    ...(state.vrrp === null ? {} : { vrrp: makeVrrpCheckpoint(state.vrrp) }),
    fencing: { ...state.fencing },
    isolated: state.witnesses.isolated,
    resources: {
      ...resources,
      transitions: [...resources.transitions],
      groups: groups.map((group) => ({
        key: group.key,
        wanted: group.wanted,
        phase: group.phase,
        position: group.position,
        operationId: group.operationId,
        dropped: group.dropped,
        reached: group.reached,
        stopFailures: group.stopFailures,
        failed: group.failed,
        failedBy: group.failedBy,
        offered: group.offered,
        restartFrom: group.restartFrom,
        probe: group.probe === null ? null : [...group.probe],
        health: group.health.map((health) => ({ ...health, operationId: null })),
        taken: group.taken,
        contested: group.contested,
        epoch: group.epoch,
        peerClaimsIgnoredUpTo: group.peerClaimsIgnoredUpTo,
        given: group.given,
      })),
    },
  };
}

/**
 * The state of a new loop process that goes on where a killed one stopped: same generation, later sequence numbers,
 * resources as they are. The first input is a `tick`, not `boot`.
 */
export function restoreState(
  config: ClusterConfig,
  identity: Identity,
  checkpoint: Checkpoint,
  nowMs: number,
): State {
  const state = createState(config, identity);
  state.outgoing.seq = checkpoint.seqLimit + SEQ_GAP_AFTER_RESTART;
  state.outgoing.marks.push(...(checkpoint.marks ?? []));
  state.membership.status = checkpoint.ownStatus;
  state.membership.communicationUp = checkpoint.communicationUp;
  state.maintenanceEpoch = checkpoint.maintenanceEpoch;
  state.membership.nodesAnswered = checkpoint.communicationUp;
  restorePeers(state, checkpoint, nowMs);
  restoreResources(state, checkpoint, nowMs);
  if (config.vrrp !== undefined && checkpoint.vrrp !== undefined) {
    state.vrrp = restoreVrrp(config.vrrp, checkpoint.vrrp, { state, nowMs, wallS: 0, effects: [] });
  } else if (state.vrrp !== null) state.vrrp.restored = true;
  if (config.nodes.length > 0) state.timers.set('keepalive', nowMs);
  restoreFencing(state.fencing, checkpoint.fencing);
  state.witnesses.isolated = checkpoint.isolated;
  resumeWitnesses(state, nowMs);
  const { target } = state.fencing;
  // A command that was under way is asked for again: its outcome may have come while nobody was there to hear it.
  if (target !== null) state.timers.set('fence', target.phase === 'command' ? nowMs : target.dueMs);
  state.checkpointDue = true;
  return state;
}

function restorePeers(state: State, checkpoint: Checkpoint, nowMs: number): void {
  const turn = { state, nowMs, wallS: 0, effects: [] };
  for (const saved of checkpoint.peers) {
    const peer = state.peers.get(saved.node);
    if (peer === undefined) continue;
    peer.uuid = saved.uuid;
    peer.tracking.generation = saved.generation;
    peer.status = saved.status;
    peer.heard = saved.heard;
    peer.left = saved.left;
    peer.lastStatusSeq = saved.lastStatusSeq;
    peer.announcedDeadtimeMs = saved.deadtimeMs;
    peer.extra = saved.extra;
    peer.extraSeq = saved.extraSeq;
    peer.knowsUsSinceSeq = saved.knowsUsSinceSeq ?? null;
    peer.drift = { pending: saved.differing ?? [], said: saved.differing ?? [] };
    // What it said while no loop process was there is not known.
    peer.current = !saved.heard;
    peer.claimsHeardAtSeq = state.outgoing.seq;
    // The silence of the time without a loop is not the peer's: it counts from now.
    if (saved.heard) peer.lastStatusMs = nowMs;
    // It has a moment to confirm something new, or less, by what it says (lease.ts).
    if (saved.heard && saved.extra !== undefined) resumeLease(turn, peer, saved.goneByMs);
    if (peer.status !== 'dead') armDeath(turn, peer);
  }
}

function restoreResources(state: State, checkpoint: Checkpoint, nowMs: number): void {
  const { groups: savedGroups, ...rest } = checkpoint.resources;
  Object.assign(state.resources, rest);
  const turn = { state, nowMs, wallS: 0, effects: [] };
  for (const group of state.resources.groups) {
    const saved = savedGroups.find((candidate) => candidate.key === group.key);
    if (saved === undefined) continue;
    Object.assign(group, saved, {
      health: group.steps.map((_, at) => ({ ...(saved.health[at] ?? newHealth()) })),
    });
    const step = group.steps[group.phase === 'starting' ? group.position : group.position - 1];
    // Addresses are set by the loop itself, so their step died with it and is done again; scripts are the runner's.
    if (step?.kind === 'addresses') group.operationId = null;
    if (group.wanted && group.phase === 'running') {
      beginAnnouncing(turn, group);
      armMonitors(turn, group);
    }
  }
  planOffer(turn);
  state.timers.set('carrier', nowMs + 1000);
  resumeProbes(turn);
  if (state.resources.standby !== null) state.timers.set('standby', nowMs + 10_000);
  if (state.resources.wantFailback) state.timers.set('failback', nowMs + 1000);
  if (state.resources.requested.length > 0) state.timers.set('ask', nowMs + 1000);
  // A shutdown is asked for again by the runner; a self-restart begins again by itself.
  if (state.resources.phase === 'shutdown') resumeSelfRestart(turn);
  if (state.resources.phase === 'reported') state.timers.set('settle', nowMs + 10_000);
}
