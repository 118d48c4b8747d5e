/** What the tests of one file gave, from the lines of the reporter and the way its process ended. Pure. */
import type { ReportedEvent } from './event-reporter.js';

export interface Failure {
  readonly test: string;
  readonly reason: string;
}

export interface FileOutcome {
  readonly file: string;
  readonly durationMs: number;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Failure[];
  /** What the file wrote, newest part. */
  readonly output: string;
}

/** How the process of a test file ended. */
export interface FileEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly limitMs: number;
  /** Commands of processes that it left behind (they are ended). */
  readonly leftBehind: readonly string[];
}

/** The events of a report; a line cut off by a crash is left out. */
export function parseReport(text: string): ReportedEvent[] {
  const events: ReportedEvent[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    try {
      events.push(JSON.parse(line) as ReportedEvent);
    } catch {
      // The process ended in the middle of this line.
    }
  }
  return events;
}

/** Counts. A suite is no test, unless it is skipped as a whole; a test that failed by its inner ones is not one more. */
export function countOutcome(
  events: readonly ReportedEvent[],
  end: FileEnd,
): Pick<FileOutcome, 'passed' | 'failures' | 'skips'> {
  let passed = 0;
  const failures: Failure[] = [];
  const skips: Failure[] = [];
  for (const event of events) {
    if (event.kind === 'skipped') skips.push({ test: event.name, reason: event.reason });
    if (event.kind === 'passed' && !event.isSuite) passed += 1;
    if (event.kind === 'failed' && !event.byInner) failures.push({ test: event.name, reason: event.reason });
  }
  const whole = wholeFileFailure(events, end, failures.length);
  if (whole !== null) failures.push(whole);
  return { passed, failures, skips };
}

/** What is wrong with the file as a whole, its single tests apart. */
function wholeFileFailure(events: readonly ReportedEvent[], end: FileEnd, failed: number): Failure | null {
  const test = 'the file as a whole';
  const complete = events.some((event) => event.kind === 'complete');
  const last = events.findLast((event) => event.kind === 'begun');
  const where = last?.kind === 'begun' ? `; the last test begun was "${last.name}"` : '';
  if (end.timedOut) {
    return { test, reason: `did not end within ${end.limitMs} ms and was ended${where}.` };
  }
  if (end.signal !== null) return { test, reason: `was ended by ${end.signal}${where}.` };
  if (end.code === 0 && last === undefined) return { test, reason: 'holds no test.' };
  if (!complete) return { test, reason: `ended with ${end.code} before its tests were done${where}.` };
  if (end.code !== 0 && failed === 0)
    return { test, reason: `ended with ${end.code} although no test failed.` };
  if (end.leftBehind.length > 0)
    return { test, reason: `left processes behind: ${end.leftBehind.join(' | ')}` };
  return null;
}

/** The last line of a run, alone. */
export function summaryLine(counts: { passed: number; failed: number; skipped: number }): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}
