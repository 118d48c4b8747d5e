/** Times as ha.cf writes them (heartbeat-admin.md 1.2). */

const TIME = /^(\d+\.?\d*|\.\d+)([a-z]*)$/i;

/** Units in µs; without a unit a number is seconds. */
const UNIT_US: Readonly<Record<string, number>> = { '': 1_000_000, ms: 1000, msec: 1000, us: 1, usec: 1 };

/** Larger times cannot be counted exactly. */
const MAX_MS = Number.MAX_SAFE_INTEGER;

/**
 * `NUMBER[UNIT]` in whole ms, rounded half up; the unit is ms, msec, us or usec in any letter case, none means
 * seconds. Undefined for everything else: other units ("10s"), signs, exponents, blanks, and times that round to 0.
 */
export function parseTimeMs(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const unitUs = UNIT_US[(match[2] ?? '').toLowerCase()];
  if (unitUs === undefined) return undefined;
  const ms = Math.round((Number(match[1]) * unitUs) / 1000);
  return ms >= 1 && ms <= MAX_MS ? ms : undefined;
}

const OTHER_UNITS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
};

/** What to write instead of a refused time. */
export function timeHint(text: string): string {
  const match = TIME.exec(text);
  const factor = match === null ? undefined : OTHER_UNITS[(match[2] ?? '').toLowerCase()];
  const seconds = factor === undefined ? Number.NaN : Number(match?.[1]) * factor;
  const rule = 'A time is a number of seconds, or a number followed by ms or us without a blank';
  return seconds > 0 && Number.isFinite(seconds) ? `${rule}; write ${seconds}.` : `${rule}, and more than 0.`;
}
