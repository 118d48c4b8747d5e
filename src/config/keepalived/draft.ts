/** What keepalived.conf has said so far; parse.ts makes the frozen configuration of it. */
import type { DirectorGlobal, VirtualServer, VirtualServerGroup } from '../virtual-server-types.js';
import type {
  VrrpCommand,
  VrrpGlobal,
  VrrpInstance,
  VrrpNotify,
  VrrpRoute,
  VrrpScript,
  VrrpTrack,
  VrrpTrackFile,
  VrrpTrackProcess,
  VrrpUnicastPeer,
} from '../vrrp-types.js';
import type { DraftAddress } from './addresses.js';
import type { Statement } from './tree.js';

export type Writable<T> = { -readonly [K in keyof T]?: T[K] | undefined };

export interface DraftTracking {
  readonly interfaces: VrrpTrack[];
  readonly scripts: VrrpTrack[];
  readonly processes: VrrpTrack[];
  readonly files: VrrpTrack[];
  /** Statements of the entries above, for checks against what is defined elsewhere. */
  readonly named: { readonly kind: 'script' | 'process' | 'file' | 'interface'; readonly at: Statement }[];
}

/** Gratuitous ARP settings in ms and counts; what is absent comes from global_defs, then from the defaults. */
export type DraftAnnouncing = Writable<VrrpInstance['announcing']>;

export interface DraftInstance extends DraftTracking {
  readonly name: string;
  readonly at: Statement;
  readonly values: Writable<VrrpInstance>;
  readonly announcing: DraftAnnouncing;
  readonly notify: Writable<VrrpNotify>;
  readonly addresses: DraftAddress[];
  /** A line of the address lists was refused: that there is no address is not said as well. */
  addressRefused: boolean;
  readonly excludedAddresses: DraftAddress[];
  readonly routes: VrrpRoute[];
  readonly rules: VrrpRoute[];
  readonly peers: VrrpUnicastPeer[];
  unicast: boolean;
  faultWithoutPeer: boolean;
  unicastTtl: number | undefined;
  checkSource: boolean | undefined;
  source: string | undefined;
  group: string | undefined;
  authType: 'PASS' | 'AH' | undefined;
  password: string | undefined;
  vmac: { name: string | undefined; mac: string | undefined; at: Statement } | undefined;
  vmacFromBase: boolean;
  minGarp: boolean | undefined;
  priorityAt: Statement | undefined;
  intervalAt: Statement | undefined;
}

export interface DraftGroup extends DraftTracking {
  readonly name: string;
  readonly at: Statement;
  readonly members: string[];
  readonly notify: Writable<VrrpNotify>;
  trackingWeight: boolean;
}

export interface Draft {
  readonly global: Writable<VrrpGlobal>;
  readonly mail: {
    to: string[];
    from?: string;
    server?: string;
    port?: number;
    timeoutMs?: number;
    helo?: string;
  };
  /** global_defs that are defaults of instances. */
  readonly instanceDefaults: Writable<VrrpInstance>;
  readonly announcing: DraftAnnouncing;
  minGarp: boolean;
  group4: string | undefined;
  group6: string | undefined;
  checkSource: boolean;
  mailVrrp: boolean | undefined;
  mailChecker: boolean | undefined;
  defaultInterface: string;
  /** What interfaces of use_vmac begin with. */
  vmacPrefix: string;
  readonly instances: DraftInstance[];
  readonly groups: DraftGroup[];
  readonly scripts: VrrpScript[];
  readonly processes: VrrpTrackProcess[];
  readonly files: VrrpTrackFile[];
  readonly staticAddresses: DraftAddress[];
  readonly staticRoutes: VrrpRoute[];
  readonly staticRules: VrrpRoute[];
  readonly virtualServers: VirtualServer[];
  readonly virtualServerGroups: VirtualServerGroup[];
  /** virtual_server blocks for a group, to be looked for when all is read. */
  readonly namedServerGroups: { readonly name: string; readonly at: Statement }[];
  readonly director: Writable<DirectorGlobal>;
  /** Every command of the file, to be looked at on the machine. */
  readonly commands: { readonly command: VrrpCommand; readonly at: Statement }[];
}

export function emptyDraft(): Draft {
  return {
    global: {},
    mail: { to: [] },
    instanceDefaults: {},
    announcing: {},
    minGarp: false,
    group4: undefined,
    group6: undefined,
    checkSource: false,
    mailVrrp: undefined,
    mailChecker: undefined,
    defaultInterface: 'eth0',
    vmacPrefix: 'vrrp',
    instances: [],
    groups: [],
    scripts: [],
    processes: [],
    files: [],
    staticAddresses: [],
    staticRoutes: [],
    staticRules: [],
    virtualServers: [],
    virtualServerGroups: [],
    namedServerGroups: [],
    director: {},
    commands: [],
  };
}

export function emptyTracking(): DraftTracking {
  return { interfaces: [], scripts: [], processes: [], files: [], named: [] };
}
