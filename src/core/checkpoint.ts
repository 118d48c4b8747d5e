/**
 * What outlives the loop process (it is kept by the runner in memory): enough to go on with the same generation,
 * without a takeover. Plain JSON; the runner does not look inside.
 */
import type { Extra } from '../wire/extra.js';

export interface PeerCheckpoint {
  readonly node: string;
  readonly uuid?: string;
  readonly generation: number;
  readonly lastSeq: number;
  readonly status: string;
  readonly deadtimeMs: number;
  readonly extra?: Extra;
}

export interface Checkpoint {
  readonly generation: number;
  readonly nonce: string;
  /** No sequence number at or above this one has been used. */
  readonly seqLimit: number;
  readonly peers: readonly PeerCheckpoint[];
  /** Opaque to all but core/resources. */
  readonly resources: unknown;
}
