/** Runs many files, some at a time, and says what happened in lines. */
import type { TestFile } from './find-tests.js';
import type { FileOutcome } from './outcome.js';
import { summaryLine } from './outcome.js';
import { type RunOptions, runFile } from './run-file.js';
import { parseSkipList } from './skip-list.js';

export interface AllOptions extends RunOptions {
  /** How many files at a time, those that run alone apart. */
  readonly concurrency: number;
  /** CI=true: a skip that the list does not name is a failure. */
  readonly ci: boolean;
  /** Text of test/ci-skips.txt. */
  readonly skipList: string;
  readonly write: (line: string) => void;
}

/** Runs the files; gives the number of failures. The last line written is the summary. */
export async function runAll(files: readonly TestFile[], options: AllOptions): Promise<number> {
  const outcomes: FileOutcome[] = [];
  const run = async (file: TestFile): Promise<void> => {
    if (options.signal.aborted) return;
    const outcome = await runFile(file, options);
    outcomes.push(outcome);
    options.write(fileLine(outcome));
  };
  await inParallel(
    files.filter((file) => !file.alone),
    options.concurrency,
    run,
  );
  await inParallel(
    files.filter((file) => file.alone),
    1,
    run,
  );
  const { allowed, mistakes } = parseSkipList(options.skipList);
  const problems = [...mistakes];
  for (const { file, skips } of outcomes) {
    for (const { test, reason } of skips) {
      options.write(`skipped  ${file}: "${test}": ${reason}`);
      if (options.ci && !allowed.has(test)) {
        problems.push(
          `${file}: "${test}" was skipped (${reason}); with CI=true test/ci-skips.txt has to list it.`,
        );
      }
    }
  }
  for (const outcome of outcomes) writeFailures(outcome, options.write);
  for (const problem of problems) options.write(`FAILED   ${problem}`);
  const failed = total(outcomes, (one) => one.failures.length) + problems.length;
  const passed = total(outcomes, (one) => one.passed);
  options.write(summaryLine({ passed, failed, skipped: total(outcomes, (one) => one.skips.length) }));
  return failed;
}

function total(outcomes: readonly FileOutcome[], count: (one: FileOutcome) => number): number {
  return outcomes.reduce((sum, one) => sum + count(one), 0);
}

async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function fileLine(outcome: FileOutcome): string {
  const { failures, skips, passed } = outcome;
  const parts = [`${passed} passed`];
  if (failures.length > 0) parts.push(`${failures.length} failed`);
  if (skips.length > 0) parts.push(`${skips.length} skipped`);
  const seconds = (outcome.durationMs / 1000).toFixed(1);
  return `${failures.length > 0 ? 'FAILED  ' : 'ok      '} ${outcome.file}  ${parts.join(', ')}, ${seconds} s`;
}

function writeFailures(outcome: FileOutcome, write: (line: string) => void): void {
  for (const { test, reason } of outcome.failures) {
    write('');
    write(`FAILED   ${outcome.file}: "${test}"`);
    for (const line of reason.split('\n')) write(`    ${line}`);
  }
  if (outcome.failures.length === 0 || outcome.output.trim() === '') return;
  write('');
  write(`what ${outcome.file} wrote (its end):`);
  for (const line of outcome.output.trimEnd().split('\n').slice(-80)) write(`  | ${line}`);
  write('');
}
