import type { Effect, EventSubject, LogLevel } from './effect.js';
import type { Moment } from './input.js';
import type { State } from './state.js';

/** One call of `step`: the state, the moment, and the list of effects that it fills, in the order they must be done. */
export interface Turn extends Moment {
  readonly state: State;
  readonly effects: Effect[];
}

/** Says something in the log. `code` is stable; `text` is for people and keeps the original's wording where it is watched for. */
export function log(turn: Turn, level: LogLevel, code: string, text: string): void {
  turn.effects.push({ kind: 'log', level, code, text });
}

/** Says something in the log and in the list of events that `heartbeat status` shows. */
export function announceEvent(
  turn: Turn,
  level: LogLevel,
  code: string,
  text: string,
  about?: EventSubject,
): void {
  log(turn, level, code, text);
  turn.effects.push({ kind: 'event', code, text, ...(about === undefined ? {} : { about }) });
}
