/** Gives a recorded series of inputs to the core again and compares what it asks for. */
import { effectsDigest } from '../core/digest.js';
import type { Effect } from '../core/effect.js';
import type { Input } from '../core/input.js';
import type { State } from '../core/state.js';
import { takeTurn } from './turn.js';

export interface ReplayTurn {
  readonly input: Input;
  readonly effects: readonly Effect[];
  /** Whether the same was asked for as on the node. */
  readonly isSame: boolean;
}

/** One turn of a replay. The state is changed. */
export function replayTurn(state: State, input: Input, digest: string): ReplayTurn {
  const effects = takeTurn(state, input);
  return { input, effects, isSame: effectsDigest(effects) === digest };
}
