/** The VRRP instances of this node: what each knows and is about to do. Timers stand in the core's one table. */
import type {
  VrrpAddress,
  VrrpConfig,
  VrrpInstance,
  VrrpScript,
  VrrpSyncGroup,
  VrrpTrackFile,
  VrrpTrackProcess,
} from '../../config/vrrp-types.js';
import type { VrrpInterfaceState } from './input.js';

export type InstanceState =
  /** Not begun: start-up delay, or a tracked script has no result yet. Hears and says nothing. */
  'init' | 'backup' | 'master' | 'fault' | 'stopped';

/** In what a neighbour's advert differs from what this node is configured to. */
export type DisagreementField =
  | 'version'
  | 'auth_type'
  | 'auth_pass'
  | 'advert_int'
  | 'virtual_ipaddress'
  | 'virtual_router_id'
  | 'unicast_peer'
  | 'ttl'
  | 'priority'
  | 'packet';

export interface Disagreement {
  readonly field: DisagreementField;
  readonly source: string;
  readonly sentence: string;
  /** Adverts that were like this since the first. */
  count: number;
  lastMs: number;
  /** When it was last said in the log. */
  saidMs: number;
}

export interface HeardMaster {
  readonly address: string;
  readonly priority: number;
}

/** A changed interval that one advert has announced and no second one has confirmed. */
export interface IntervalClaim {
  readonly source: string;
  readonly intervalMs: number;
  readonly sinceMs: number;
}

export interface Burst {
  readonly dueMs: number;
  readonly repeat: number;
}

export interface Instance {
  readonly index: number;
  readonly config: VrrpInstance;
  /** The sync group it is a member of. */
  readonly group: Group | null;
  state: InstanceState;
  /** Effective, 1..255. */
  priority: number;
  /** Another owner of the addresses was heard: from then on 254 instead of 255. */
  ownershipLost: boolean;
  /** Version 3: the master's; otherwise our own. */
  masterIntervalMs: number;
  intervalClaim: IntervalClaim | null;
  /** Who was last heard as master; null: nobody, or ourselves. */
  master: HeardMaster | null;
  /** Moment from which a lower priority is no longer put up with (preempt_delay); null: not begun. */
  preemptAtMs: number | null;
  /** Its silence has run out, and it waits for the other members of its group. */
  wantsMaster: boolean;
  /** Causes of a fault of its own, as words for the log. */
  faults: string[];
  /** When the next advert is due, while master. */
  advertDueMs: number;
  /** When the silence of the master will have lasted long enough; null: not counting. */
  downDueMs: number | null;
  /** Gratuitous announcements that are still to come. */
  bursts: Burst[];
  /** Frames that wait for their turn where a pause between two was asked for. */
  spaced: VrrpAddress[];
  /** When addresses that had vanished were set again, lately. */
  restoredMs: number[];
  /** No burst on a neighbour's account before this. */
  quietUntilMs: number;
  transitions: number;
  sinceMs: number;
  readonly disagreements: Map<string, Disagreement>;
  readonly counters: {
    advertsSent: number;
    advertsHeard: number;
    advertsRefused: number;
    becameMaster: number;
    addressesRestored: number;
  };
}

export interface Group {
  readonly config: VrrpSyncGroup;
  readonly members: Instance[];
  /** What was last said of it; null: nothing. */
  said: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP' | null;
}

export type CheckDefinition =
  | { readonly kind: 'script'; readonly definition: VrrpScript }
  | { readonly kind: 'process'; readonly definition: VrrpTrackProcess }
  | { readonly kind: 'file'; readonly definition: VrrpTrackFile };

/** Something that is looked at again and again. */
export interface Check {
  readonly index: number;
  readonly name: string;
  readonly what: CheckDefinition;
  /** null: no result yet. */
  good: boolean | null;
  /** Of a file; 0 until it was read. */
  value: number;
  /** Results in a row that contradict `good`. */
  contrary: number;
  /** When the check that is under way began; null: none is. */
  runningSinceMs: number | null;
  detail: string;
}

export interface Vrrp {
  readonly config: VrrpConfig;
  readonly instances: readonly Instance[];
  readonly groups: readonly Group[];
  readonly checks: readonly Check[];
  readonly interfaces: Map<string, VrrpInterfaceState>;
  begun: boolean;
  /** The loop process was restarted: the first tick goes on from what was saved. */
  restored: boolean;
}

/** Everything as before the first input. */
export function newVrrp(config: VrrpConfig): Vrrp {
  const groups: Group[] = config.syncGroups.map((group) => ({ config: group, members: [], said: null }));
  const instances = config.instances.map((instance, index) => {
    const group = groups.find((one) => one.config.members.includes(instance.name)) ?? null;
    const made = newInstance(instance, index, group);
    group?.members.push(made);
    return made;
  });
  return {
    config,
    instances,
    groups,
    checks: newChecks(config),
    interfaces: new Map(),
    begun: false,
    restored: false,
  };
}

function newInstance(config: VrrpInstance, index: number, group: Group | null): Instance {
  return {
    index,
    config,
    group,
    state: 'init',
    priority: config.priority,
    ownershipLost: false,
    masterIntervalMs: config.advertIntervalMs,
    intervalClaim: null,
    master: null,
    preemptAtMs: null,
    wantsMaster: false,
    faults: [],
    advertDueMs: 0,
    downDueMs: null,
    bursts: [],
    spaced: [],
    restoredMs: [],
    quietUntilMs: Number.NEGATIVE_INFINITY,
    transitions: 0,
    sinceMs: 0,
    disagreements: new Map(),
    counters: { advertsSent: 0, advertsHeard: 0, advertsRefused: 0, becameMaster: 0, addressesRestored: 0 },
  };
}

/** Only what some instance or group tracks is looked at. */
function newChecks(config: VrrpConfig): Check[] {
  const tracked = [...config.instances, ...config.syncGroups].map(({ tracking }) => tracking);
  const used = (kind: 'scripts' | 'processes' | 'files', name: string): boolean =>
    tracked.some((tracking) => tracking[kind].some((entry) => entry.name === name));
  const whats: CheckDefinition[] = [
    ...config.scripts.map((definition) => ({ kind: 'script' as const, definition })),
    ...config.processes.map((definition) => ({ kind: 'process' as const, definition })),
    ...config.files.map((definition) => ({ kind: 'file' as const, definition })),
  ].filter(({ kind, definition }) => used(PLURALS[kind], definition.name));
  return whats.map((what, index) => ({
    index,
    name: `${what.kind}/${what.definition.name}`,
    what,
    good: what.kind === 'script' && what.definition.initFail ? false : null,
    value: 0,
    contrary: 0,
    runningSinceMs: null,
    detail: '',
  }));
}

const PLURALS = { script: 'scripts', process: 'processes', file: 'files' } as const;

/** Numeric order of two addresses of one family given as canonical text: negative when `a` is smaller. */
export function compareAddresses(a: string, b: string): number {
  const left = sortKey(a);
  const right = sortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.');
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join(':');
}
