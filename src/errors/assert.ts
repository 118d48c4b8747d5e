/**
 * A broken invariant of our own (never bad input from outside). It ends the process, so that the watchdog or the
 * peer takes over (rule 4 of the README's architecture section).
 */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** Throws BrokenInvariant unless `condition` holds. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(sentence);
}

/** The end of a switch over a union: a compile-time error when a case is missing. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unexpected value ${JSON.stringify(value)}`);
}
