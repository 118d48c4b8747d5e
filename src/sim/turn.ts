/** The one caller of the core's `step` outside the daemon: the virtual nodes and a replay both go through it. */
import type { Effect } from '../core/effect.js';
import type { Input } from '../core/input.js';
import type { State } from '../core/state.js';
import { step } from '../core/step.js';

export function takeTurn(state: State, input: Input): Effect[] {
  return step(state, input);
}
