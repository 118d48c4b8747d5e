/** Median, minimum and maximum of what the runs gave. */
import type { Figures, Measured } from './row.js';

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly count: number;
}

/** Of a list that is not empty. */
export function summaryOf(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { min: sorted[0] ?? Number.NaN, median, max: sorted.at(-1) ?? Number.NaN, count: sorted.length };
}

/** A summary for each figure of the runs. */
export function summariesOf(figures: Figures): Map<string, Summary> {
  const names = new Set(figures.runs.flatMap((run: Measured) => Object.keys(run)));
  return new Map(
    [...names].map((name) => {
      const values = figures.runs.flatMap((run) => (run[name] === undefined ? [] : [run[name]]));
      return [name, summaryOf(values)];
    }),
  );
}
