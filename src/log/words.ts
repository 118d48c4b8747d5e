/** Numbers in words for people. */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `850 ms`, `2.5 s`, `3 min`, `5 h`, `3 d`: short, for people. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `0.25 ms`, `3.1 ms`, then as `duration`. */
export function lateness(ms: number): string {
  return ms < 10 ? `${Number(ms.toPrecision(2))} ms` : duration(ms);
}

/** `0 %`, `0.4 %`, `12 %`. */
export function percentage(percent: number): string {
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toFixed(1))} %`;
}

/** `100 %`, `99.9983 %`: rounded down, so that an outage never disappears. */
export function availabilityPercent(share: number): string {
  if (share >= 1) return '100 %';
  return `${(Math.floor(share * 1_000_000) / 10_000).toFixed(4)} %`;
}

/** `1 outage`, `3 outages`. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
