import type { LeaseBudget } from './guard/budget.js';

/** What `heartbeat status --json` prints: a picture of the core at one moment. `schema` rises when a key changes meaning. */

export interface LinkSnapshot {
  readonly name: string;
  readonly status: 'up' | 'dead';
  /** Age of the newest message from that node on this link; null: never heard. */
  readonly heardAgeMs: number | null;
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
  /** Warnings that hold now, each a whole sentence ("one link of two to node2 is dead: eth1"). */
  readonly warnings: readonly string[];
  /** The numbers of the lease in force, and the watchdog device that backs it (null: none). Absent from older daemons. */
  readonly lease?: LeaseBudget & { readonly device: string | null };
}
