/** The whole state of a core as bytes, and back: where a recording begins, a replay begins. Passwords are left out. */
import { deserialize, serialize } from 'node:v8';
import { Random } from '../../core/random.js';
import type { State } from '../../core/state.js';
import { Timers } from '../../core/timers.js';

/**
 * The image as base64, with everything that the state holds: it goes to the runner, which takes the secrets out before
 * anything is written. (That takes five times as long as this, and the loop has heartbeats to send.)
 */
export function imageOf(state: State): string {
  return serialize(state).toString('base64');
}

/** The same image without the secrets that a configuration may hold. Throws when it is none. */
export function imageWithoutSecrets(image: string): string {
  const copy: unknown = deserialize(Buffer.from(image, 'base64'));
  withoutSecrets(copy);
  return serialize(copy).toString('base64');
}

/** The state of an image. Throws when the bytes are none. */
export function stateOfImage(image: string): State {
  const state = deserialize(Buffer.from(image, 'base64')) as { timers: object; random: object };
  // Plain copies of the two classes get their methods back.
  state.timers = Object.assign(new Timers(), state.timers);
  state.random = Object.assign(new Random(1), state.random);
  return state as State;
}

const BLANK = '(left out)';

/** Blanks passwords, command lines and the parameters of fencing devices, wherever they stand. Changes the value. */
export function withoutSecrets(value: unknown, seen: Set<unknown> = new Set(), inFencing = false): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) {
    for (const item of value.values()) withoutSecrets(item, seen, inFencing);
    return;
  }
  if (value instanceof Set || ArrayBuffer.isView(value)) return;
  const record = value as Record<string, unknown>;
  for (const [key, item] of Object.entries(record)) {
    const isSecret = key === 'password' || key === 'command' || (inFencing && key === 'parameters');
    if (isSecret && typeof item === 'string') record[key] = BLANK;
    else withoutSecrets(item, seen, inFencing || key === 'stonith');
  }
}
