import { isWithin, type Window } from './ownership.js';
import type { ClientEntry } from './protocol.js';

/** The longest time without an answer. */
export interface Outage {
  /** From one answer to the next; the client's interval is the resolution. */
  readonly outageMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Who answered before and after; absent when nobody did. */
  readonly before?: string;
  readonly after?: string;
}

/**
 * The longest gap between two successive answers. A given window counts as a silent time up to its first answer and
 * after its last one; without a window, the first question and the last one do.
 */
export function longestOutage(entries: readonly ClientEntry[], window: Window = {}): Outage {
  const answered = entries
    .filter((entry) => entry.receivedAtMs !== undefined && isWithin(entry.receivedAtMs, window))
    .map((entry) => ({ atMs: entry.receivedAtMs ?? 0, from: entry.from }))
    .sort((a, b) => a.atMs - b.atMs);
  const startMs = window.fromMs ?? entries[0]?.sentAtMs ?? 0;
  const endMs = window.toMs ?? Math.max(entries.at(-1)?.sentAtMs ?? 0, answered.at(-1)?.atMs ?? 0);
  let longest: Outage = { outageMs: 0, fromMs: startMs, toMs: startMs };
  let previous: { atMs: number; from: string | undefined } = { atMs: startMs, from: undefined };
  for (const next of [...answered, { atMs: endMs, from: undefined }]) {
    const outageMs = next.atMs - previous.atMs;
    if (outageMs > longest.outageMs) {
      longest = {
        outageMs,
        fromMs: previous.atMs,
        toMs: next.atMs,
        ...(previous.from === undefined ? {} : { before: previous.from }),
        ...(next.from === undefined ? {} : { after: next.from }),
      };
    }
    previous = next;
  }
  return longest;
}

/** The first answer of a node at or after a moment. */
export function firstAnswerFrom(
  entries: readonly ClientEntry[],
  node: string,
  sinceMs = 0,
): ClientEntry | undefined {
  return entries.find((entry) => entry.from === node && (entry.receivedAtMs ?? -1) >= sinceMs);
}

/** How many questions sent in a window were answered, of how many. */
export function answeredIn(
  entries: readonly ClientEntry[],
  window: Window = {},
): { answered: number; asked: number } {
  const asked = entries.filter((entry) => isWithin(entry.sentAtMs, window));
  return { answered: asked.filter((entry) => entry.receivedAtMs !== undefined).length, asked: asked.length };
}
