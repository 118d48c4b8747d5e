/**
 * When heartbeats of a former loop process were sent: its history died with it, but its rhythm outlives it in the
 * checkpoint. From a mark on one message is sent each keepalive or later, so that a number tells the earliest moment
 * it can have been sent; where that would not hold, or becomes inexact, there is a new mark.
 */

/** The heartbeat `seq` was sent at `sentMs` (monotonic), the next ones each `everyMs` or later. */
export interface SendingMark {
  readonly seq: number;
  readonly sentMs: number;
  readonly everyMs: number;
}

/** More heartbeats out of turn than this within a silence: the oldest are not known any more. */
const MARKS_MAX = 64;

/** A heartbeat goes out. True: the next loop process has to be told of a new mark. Marks older than `keptMs` go. */
export function markSending(
  marks: SendingMark[],
  { seq, sentMs, everyMs }: SendingMark,
  keptMs: number,
): boolean {
  const newest = marks.at(-1);
  const expectedMs = newest === undefined ? Number.NaN : newest.sentMs + (seq - newest.seq) * everyMs;
  if (expectedMs <= sentMs && sentMs - expectedMs <= everyMs && newest?.everyMs === everyMs) return false;
  marks.push({ seq, sentMs, everyMs });
  const firstKept = marks.findIndex((_, at) => (marks[at + 1]?.sentMs ?? sentMs) >= sentMs - keptMs);
  marks.splice(0, Math.max(firstKept, marks.length - MARKS_MAX));
  return true;
}

/** The earliest moment at which the heartbeat with that number can have been sent; undefined: before all that is known. */
export function earliestSentMs(marks: readonly SendingMark[], seq: number): number | undefined {
  const mark = marks.findLast((one) => one.seq <= seq);
  return mark === undefined ? undefined : mark.sentMs + (seq - mark.seq) * mark.everyMs;
}
