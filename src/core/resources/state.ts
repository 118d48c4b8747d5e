import type { AddressSpec, ClusterConfig, ResourceGroup } from '../../config/types.js';
import { groupsDigest } from '../../wire/extra-codec.js';
import type { OperationTarget } from '../effect.js';
import type { ResourceSet } from '../input.js';
import { newHealth, type StepHealth } from './health.js';

/** Bits of a resource set (heartbeat-protocol.md 10.1). */
export const LOCAL = 1;
export const FOREIGN = 2;
export const ALL = LOCAL | FOREIGN;

export type GroupPhase =
  /** A former run may have left something behind; it is released first. */
  'unknown' | 'stopped' | 'starting' | 'running' | 'stopping';

/** One resource group on this node. */
export interface Group {
  readonly index: number;
  readonly key: string;
  readonly node: string;
  /** "node1 10.0.0.10 httpd", as the log shows it. */
  readonly line: string;
  /** Preferred on this node. */
  readonly isLocal: boolean;
  /** Steps in start order: a script each, or a run of built-in addresses. */
  readonly steps: readonly OperationTarget[];
  /** This node is, or is becoming, responsible for it. */
  wanted: boolean;
  phase: GroupPhase;
  /** starting: number of steps that are up. stopping/unknown: number of steps still to be stopped. */
  position: number;
  /** The step that is being worked on, or null. */
  operationId: number | null;
  /** The running operation has been asked to end early. */
  cancelled: boolean;
  /** Steps from this one on were not begun in this turn of ownership: they are stopped only if they say that they run. */
  reached: number;
  /** Its addresses were taken away in one turn: all of it is stopped before it may start again, even if it is wanted anew. */
  dropped: boolean;
  /** Failed attempts of the present stop step. */
  stopFailures: number;
  /** A start or its monitor failed here for good; cleared by an operator or a restart. */
  failed: boolean;
  /** What `failed` came from: `carrier` is over when the carrier is back. */
  failedBy: 'work' | 'carrier';
  /** The interface of its addresses that has no carrier here, or null. */
  noCarrier: string | null;
  /** When `noCarrier` changed last. */
  carrierChangedMs: number;
  /** The first of our statuses that tells of that change. */
  carrierToldSeq: number;
  /** Why it stays without a carrier, as it was said last; empty: nothing was said. */
  carrierStays: string;
  /** Beside an original: it was offered to it after a failure here. */
  offered: boolean;
  /** The steps from this one on are to be stopped and started again, those before it stay up; null: none. */
  restartFrom: number | null;
  /** What each step answered so far while the group is asked what really runs of it; null: it is not asked. */
  probe: ('asked' | 'up' | 'down')[] | null;
  /** One for each step. */
  health: StepHealth[];
  /** Responsible because of a death verdict, not confirmed since (claim `taken`). */
  taken: boolean;
  /** Two nodes were seen holding it; this one keeps it. */
  contested: boolean;
  epoch: number;
  /** Claims of the peer in statuses up to this sequence number are older than what we know. */
  peerClaimsIgnoredUpTo: number;
  /** The partner was told that it may have it, and has not said since that it took it: it may hold it unheard. */
  given: boolean;
  /** Own status sequence from which on the peer has been told that we are free. */
  freeSinceSeq: number;
  /** Own status sequence from which on the peer has been told that we hold it; 0: not held, or not told. */
  heldSinceSeq: number;
  /** Repeated gratuitous ARPs still to send. */
  announcementsLeft: number;
}

/** What is waited for until all its groups have reached their end. */
export interface Transition {
  readonly purpose: 'leftovers' | 'acquire' | 'takeover' | 'give' | 'take' | 'shutdown' | 'request';
  readonly groups: readonly number[];
  readonly direction: 'up' | 'down';
  /** `request`: the peer that asked for the group. */
  readonly peer?: string;
  /** `request`: whether we held it (weown). */
  readonly held?: boolean;
}

export type ResourcePhase = 'init' | 'starting' | 'bothStarting' | 'reported' | 'stable' | 'shutdown';

export interface Standby {
  readonly phase: 'me' | 'other' | 'done';
  /** From the giver's point of view, in all messages. */
  readonly set: ResourceSet;
  /** Whether this node gives or takes. */
  readonly role: 'giver' | 'taker';
}

export interface Resources {
  /** The other node of the pair, or null when this node has no part in resources or is alone. */
  readonly partner: string | null;
  readonly groups: Group[];
  readonly digest: string;
  myHold: number;
  otherHold: number;
  otherStable: boolean;
  phase: ResourcePhase;
  standby: Standby | null;
  /** The partner's groups came here by its death or leave, and are to go back when it can take them (auto_failback on). */
  wantFailback: boolean;
  transitions: Transition[];
  nextOperationId: number;
  /** Commands that are answered when the present standby ends. */
  waitingCommandId: number | null;
  /** Legacy mode: keys of own groups asked for and not yet answered. */
  requested: string[];
  /** Nothing left by a former run is active here. */
  leftoversReleased: boolean;
  /** Stopped by the lease or by `isolated = stop`; nothing is acquired until a peer is heard and confirms. */
  suspended: boolean;
  /** An original is to be told of the suspension when everything is stopped. */
  suspensionUntold: boolean;
}

/** Builds the steps of a line: neighbouring built-in addresses become one step, so that they are set in one batch. */
export function stepsOf(group: ResourceGroup): OperationTarget[] {
  const steps: OperationTarget[] = [];
  let batch: AddressSpec[] = [];
  const flush = (): void => {
    if (batch.length > 0) steps.push({ kind: 'addresses', addresses: batch });
    batch = [];
  };
  for (const resource of group.resources) {
    if (resource.address !== undefined) {
      batch.push(resource.address);
    } else {
      flush();
      steps.push({ kind: 'script', resource });
    }
  }
  flush();
  return steps;
}

function newGroup(config: ClusterConfig, group: ResourceGroup, index: number): Group {
  const steps = stepsOf(group);
  return {
    index,
    key: group.key,
    node: group.node,
    line: [group.node, ...group.resources.map((resource) => resource.word)].join(' '),
    isLocal: group.node === config.self,
    steps,
    wanted: false,
    phase: 'unknown',
    position: steps.length,
    operationId: null,
    cancelled: false,
    dropped: false,
    reached: 0,
    stopFailures: 0,
    failed: false,
    failedBy: 'work',
    noCarrier: null,
    carrierChangedMs: 0,
    carrierToldSeq: 0,
    carrierStays: '',
    offered: false,
    restartFrom: null,
    probe: null,
    health: steps.map(newHealth),
    taken: false,
    contested: false,
    epoch: 0,
    peerClaimsIgnoredUpTo: 0,
    given: false,
    freeSinceSeq: 0,
    heldSinceSeq: 0,
    announcementsLeft: 0,
  };
}

/** haresources clusters are pairs: the first two nodes of ha.cf share the groups, further ones only exchange heartbeats. */
function partnerOf(config: ClusterConfig): string | null {
  const pair = config.nodes.slice(0, 2);
  if (!pair.includes(config.self)) return null;
  return pair.find((name) => name !== config.self) ?? null;
}

export function newResources(config: ClusterConfig): Resources {
  const inPair = config.nodes.slice(0, 2).includes(config.self);
  const lines = inPair ? config.groups : [];
  return {
    partner: partnerOf(config),
    groups: lines.map((group, index) => newGroup(config, group, index)),
    digest: groupsDigest(lines),
    myHold: 0,
    otherHold: 0,
    otherStable: false,
    phase: 'init',
    standby: null,
    wantFailback: false,
    transitions: [],
    nextOperationId: 1,
    waitingCommandId: null,
    requested: [],
    leftoversReleased: false,
    suspended: false,
    suspensionUntold: false,
  };
}

/** A node holds a group from the moment it is responsible until its stop is finished. */
export function isHeld(group: Group): boolean {
  return group.wanted || (group.phase !== 'stopped' && group.phase !== 'unknown');
}

/** The step as haresources and the log name it; the group's key when there is no such step. */
export function stepWords(group: Group, stepIndex: number): string {
  const step = group.steps[stepIndex];
  if (step === undefined) return group.key;
  return step.kind === 'script' ? step.resource.word : step.addresses.map((spec) => spec.address).join(' ');
}

/** Its owner is a VRRP instance (`vrrp:VI_1`): no decision of the cluster concerns it. */
export function isFollower(group: Pick<Group, 'node'>): boolean {
  return group.node.startsWith('vrrp:');
}

/** Whether anything that the cluster decides about is held here; what follows a VRRP instance is not. */
export function holdsAnything({ groups }: Resources): boolean {
  return groups.some((group) => isHeld(group) && !isFollower(group));
}

export function setOf(word: string | undefined): number | undefined {
  switch (word) {
    case undefined:
      return undefined;
    case 'local':
      return LOCAL;
    case 'foreign':
      return FOREIGN;
    case 'all':
      return ALL;
    default:
      return 0;
  }
}

export function wordOf(bits: number): ResourceSet {
  return (['none', 'local', 'foreign', 'all'] as const)[bits & ALL] ?? 'none';
}

/** The same groups seen from the other node of the pair. */
export function mirrored(bits: number): number {
  return ((bits & LOCAL) << 1) | ((bits & FOREIGN) >> 1);
}

export function groupsIn(resources: Resources, bits: number): Group[] {
  return resources.groups.filter(
    (group) => !isFollower(group) && (bits & (group.isLocal ? LOCAL : FOREIGN)) !== 0,
  );
}
