/** What the core and the runner say to each other about fencing. Plain data: it travels as JSON. */

/** One attempt with one device. Its end comes back as `fenceDone` with the same id, shortly after `deadlineMs` at the latest. */
export interface FenceCommand {
  readonly id: number;
  /** Node that is to be made dead. */
  readonly node: string;
  /** Index in ClusterConfig.stonith: parameters (they may hold passwords) do not travel. */
  readonly device: number;
  readonly deadlineMs: number;
}

export type FenceResult =
  /** The device says that the node was reset or is off. */
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** A sentence for the log: exit code, deadline, last words. Never a parameter. */
      readonly detail: string;
      /** It ended by itself and says that it failed; otherwise nobody knows whether the node was reset. */
      readonly certain: boolean;
      /** The device does not know this node. */
      readonly badHost?: true;
    };

/** What is kept on the disk about the fencing of one node. */
export interface FencingNote {
  /** Unix times in s of what may have reset the node, newest last; older ones than an hour are dropped. */
  readonly shotsS: readonly number[];
  /** The limit was reached: only the node's own heartbeat or an operator goes on. */
  readonly blocked: boolean;
  /**
   * By how many seconds the wall clock, in which the shots are told, was ahead of the clock that runs since this boot
   * of the machine. Absent: written in another boot, or not known.
   */
  readonly offsetS?: number;
}

/** By node name. */
export type FencingRecord = Readonly<Record<string, FencingNote>>;

/** Outcome of the newest check of a device. */
export interface DeviceReadiness {
  /** Index in ClusterConfig.stonith. */
  readonly device: number;
  readonly ok: boolean;
  /** Why not, as a sentence; empty when it is well. */
  readonly detail: string;
}
