/** The one caller of the core's `step` outside the daemon: the virtual nodes and a replay both go through it. */
import type { Effect } from '../core/effect.js';
import type { Input, InputEvent } from '../core/input.js';
import type { State } from '../core/state.js';
import { step } from '../core/step.js';

export function takeTurn(state: State, input: Input): Effect[] {
  return step(state, input);
}

/** The event with its moment. The two kinds that nearly all events are have a way of their own, which costs a third. */
export function stamped(event: InputEvent, nowMs: number, wallS: number): Input {
  switch (event.kind) {
    case 'tick':
      return { kind: 'tick', nowMs, wallS };
    case 'packet':
      return { kind: 'packet', link: event.link, message: event.message, nowMs, wallS };
    default:
      return { ...event, nowMs, wallS };
  }
}
