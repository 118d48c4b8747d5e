/** How late the loop's turns are: since its start, and in the last minute. */

export interface LatenessFigures {
  readonly turns: number;
  readonly maxMs: number;
  /** Bounds below which half of the turns and 99 of 100 were; exact to a factor of about 1.26. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LatenessSnapshot extends LatenessFigures {
  readonly over10ms: number;
  readonly lastMinute: LatenessFigures;
}

const OVER_MS = 10;
/** Bucket n holds what is at most 0.01 ms * 10^(n/10): up to a minute and a half. */
const BUCKETS = 70;
const FINEST_MS = 0.01;
const PER_DECADE = 10;
/** The last minute is kept in slices. */
const SLICE_MS = 10_000;
const SLICES = 6;

interface Slice {
  number: number;
  turns: number;
  maxMs: number;
  readonly buckets: Uint32Array;
}

function newSlice(): Slice {
  return { number: -1, turns: 0, maxMs: 0, buckets: new Uint32Array(BUCKETS) };
}

function add(slice: Slice, lateMs: number): void {
  slice.turns += 1;
  if (lateMs > slice.maxMs) slice.maxMs = lateMs;
  const at = lateMs <= FINEST_MS ? 0 : Math.ceil(PER_DECADE * Math.log10(lateMs / FINEST_MS));
  slice.buckets[Math.min(at, BUCKETS - 1)] = (slice.buckets[Math.min(at, BUCKETS - 1)] ?? 0) + 1;
}

function figuresOf(slices: readonly Slice[]): LatenessFigures {
  const turns = slices.reduce((sum, slice) => sum + slice.turns, 0);
  const maxMs = Math.max(0, ...slices.map((slice) => slice.maxMs));
  const bound = (share: number): number => Math.min(maxMs, boundOf(slices, share * turns));
  return { turns, maxMs, p50Ms: bound(0.5), p99Ms: bound(0.99) };
}

/** The end of the bucket in which this many turns are reached. */
function boundOf(slices: readonly Slice[], turns: number): number {
  let below = 0;
  for (let at = 0; at < BUCKETS; at++) {
    for (const slice of slices) below += slice.buckets[at] ?? 0;
    if (below > 0 && below >= turns) return FINEST_MS * 10 ** (at / PER_DECADE);
  }
  return Number.POSITIVE_INFINITY;
}

/** Costs a turn two additions; memory is fixed. */
export class Lateness {
  readonly #all = newSlice();
  readonly #slices = Array.from({ length: SLICES }, newSlice);
  #over10ms = 0;

  note(lateMs: number, nowMs: number): void {
    const late = Math.max(0, lateMs);
    add(this.#all, late);
    if (late > OVER_MS) this.#over10ms += 1;
    const number = Math.floor(nowMs / SLICE_MS);
    const slice = this.#slices[number % SLICES];
    if (slice === undefined) return;
    if (slice.number !== number) {
      Object.assign(slice, { number, turns: 0, maxMs: 0 });
      slice.buckets.fill(0);
    }
    add(slice, late);
  }

  snapshot(nowMs: number): LatenessSnapshot {
    const oldest = Math.floor(nowMs / SLICE_MS) - SLICES + 1;
    return {
      ...figuresOf([this.#all]),
      over10ms: this.#over10ms,
      lastMinute: figuresOf(this.#slices.filter(({ number }) => number >= oldest)),
    };
  }
}
