import { type Checkpoint, makeCheckpoint } from '../../src/core/checkpoint.js';
import { createState } from '../../src/core/state.js';
import { sampleConfig } from './configuration.js';

/** The checkpoint of a core that has not done anything yet, for tests that only pass it on. */
export function emptyCheckpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  const identity = {
    program: '0.0.0',
    generation: 1,
    uuid: '00'.repeat(16),
    nonce: '0123456789abcdef',
    seed: 1,
    peerGenerations: {},
  };
  return { ...makeCheckpoint(createState(sampleConfig(), identity)), ...changes };
}
