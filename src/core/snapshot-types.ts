import type { LeaseBudget } from './guard/budget.js';

/** What `heartbeat status --json` prints: a picture of the core at one moment. `schema` rises when a key changes meaning. */

export interface LinkSnapshot {
  readonly name: string;
  readonly status: 'up' | 'dead';
  /** Age of the newest message from that node on this link; null: never heard. */
  readonly heardAgeMs: number | null;
  /**
   * Share of that node's messages of the last minute or two that did not arrive here over this link, 0..100. Null or
   * absent: not known.
   */
  readonly lossInPercent?: number | null;
  /** The same the other way round, as that node tells it. Null or absent: it does not tell (an original), or is not heard. */
  readonly lossOutPercent?: number | null;
}

export interface NodeSnapshot {
  readonly name: string;
  readonly kind: 'normal' | 'ping';
  readonly self: boolean;
  /** init, up, active, dead, ping */
  readonly status: string;
  readonly generation: number | null;
  /** The deadtime that applies to this node now. */
  readonly deadtimeMs: number;
  readonly statusAgeMs: number | null;
  /** Version when it runs this program, null when it is an original or not yet known. */
  readonly program: string | null;
  readonly links: readonly LinkSnapshot[];
}

export type ResourceState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';

export interface ResourceSnapshot {
  readonly word: string;
  readonly state: ResourceState;
  /** Failed monitors on this node since the last cleanup. */
  readonly failures: number;
  /** Why the newest of them failed; absent when there was none. */
  readonly failure?: string;
}

export interface GroupSnapshot {
  readonly key: string;
  readonly preferredNode: string;
  readonly words: readonly string[];
  /** Who is responsible as far as this node knows; null: nobody. */
  readonly owner: string | null;
  readonly epoch: number;
  readonly state: ResourceState;
  readonly resources: readonly ResourceSnapshot[];
  /** Nodes on which it failed for good and that do not take it before a cleanup, as far as this node knows. */
  readonly failedOn: readonly string[];
}

/** A VRRP instance; `state` as in the log, lower-case. */
export interface VrrpInstanceSnapshot {
  readonly name: string;
  readonly state: 'init' | 'backup' | 'master' | 'fault' | 'stopped';
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly version: 2 | 3;
  /** Effective now, and as configured. */
  readonly priority: number;
  readonly configuredPriority: number;
  readonly advertIntervalMs: number;
  readonly addresses: readonly string[];
  /** The other node that was last heard as master. */
  readonly master: { readonly address: string; readonly priority: number } | null;
  readonly sinceMs: number;
  readonly transitions: number;
  /** Why it is in fault. */
  readonly faults: readonly string[];
  /** In what a neighbour differs from us; `field` is the keyword of keepalived.conf. */
  readonly disagreements: readonly {
    readonly field: string;
    readonly source: string;
    readonly sentence: string;
    readonly count: number;
    readonly ageMs: number;
  }[];
  readonly counters: {
    readonly advertsSent: number;
    readonly advertsHeard: number;
    readonly advertsRefused: number;
    readonly becameMaster: number;
    readonly addressesRestored: number;
  };
}

export interface VrrpSnapshot {
  readonly instances: readonly VrrpInstanceSnapshot[];
  readonly groups: readonly {
    readonly name: string;
    readonly members: readonly string[];
    readonly state: string | null;
  }[];
  /** "script/chk_http"; `good` null: not looked at yet; `value` of a track_file. */
  readonly checks: readonly {
    readonly name: string;
    readonly good: boolean | null;
    readonly value: number | null;
    readonly detail: string;
  }[];
}

export interface FencingSnapshot {
  /** In the order in which they are tried. */
  readonly devices: readonly {
    readonly type: string;
    /** distrusted: it said OK for a run that was heard afterwards. */
    readonly state: 'unchecked' | 'ready' | 'failed' | 'distrusted';
    /** Why it failed; empty otherwise. */
    readonly detail: string;
  }[];
  /** The node whose end is waited for; null: none. */
  readonly target: { readonly node: string; readonly phase: string; readonly sentence: string } | null;
}

export interface StatusSnapshot {
  readonly schema: 1;
  readonly program: string;
  readonly self: string;
  readonly generation: number;
  readonly communicationUp: boolean;
  readonly shuttingDown: boolean;
  /** Nothing is started, stopped, moved or fenced. */
  readonly maintenance: boolean;
  readonly autoFailback: 'on' | 'off' | 'legacy';
  /** As `cl_status rscstatus` prints it. */
  readonly resources: 'none' | 'local' | 'foreign' | 'all' | 'transition';
  readonly nodes: readonly NodeSnapshot[];
  readonly groups: readonly GroupSnapshot[];
  /** Absent where no VRRP is configured. */
  readonly vrrp?: VrrpSnapshot;
  /** Absent where no device is configured and nothing is waited for. */
  readonly fencing?: FencingSnapshot;
  /** Configuration files that differ from those of another node. Absent from older daemons. */
  readonly drift?: readonly { readonly node: string; readonly files: readonly string[] }[];
  /** Warnings that hold now, each a whole sentence ("one link of two to node2 is dead: eth1"). */
  readonly warnings: readonly string[];
  /** Disks with poison pills. Absent where none is configured. */
  readonly disks?: readonly {
    readonly device: string;
    readonly state: 'unread' | 'read' | 'failed';
    /** Age of the newest reading of our slot. */
    readonly readAgeMs: number | null;
    readonly msgwaitMs: number | null;
    /** Why it failed; empty otherwise. */
    readonly detail: string;
  }[];
  /** The numbers of the lease in force, and the watchdog device that backs it (null: none). Absent from older daemons. */
  readonly lease?: LeaseBudget & { readonly device: string | null };
}
