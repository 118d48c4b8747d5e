/** `npm test [-- PATTERN...]`: every test that needs no more than this machine has. Last line: `N passed, N failed, N skipped`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTests } from './runner/find-tests.js';
import { runAll } from './runner/run-all.js';
import { repositoryRoot } from './support/root.js';

const FILE_LIMIT_MS = 10 * 60_000;
const CONCURRENCY = 2;
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const PARENT_CHECK_MS = 500;

const root = repositoryRoot();
const patterns = process.argv.slice(2);
const files = findTests(root, patterns);
const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const stop = new AbortController();
let stoppedWith: number | null = null;
const stopWith = (code: number): void => {
  stoppedWith ??= code;
  stop.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stopWith(SIGNAL_CODES[signal]));
}
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stopWith(1);
}, PARENT_CHECK_MS).unref();

if (files.length === 0) {
  write(`No test file has ${patterns.map((one) => `"${one}"`).join(' or ')} in its path (test/...).`);
  process.exit(1);
}
const skipFile = join(root, 'test', 'ci-skips.txt');
const failed = await runAll(files, {
  root,
  limitMs: FILE_LIMIT_MS,
  signal: stop.signal,
  concurrency: CONCURRENCY,
  ci: process.env.CI === 'true',
  skipList: existsSync(skipFile) ? readFileSync(skipFile, 'utf8') : '',
  write,
});
process.exitCode = stoppedWith ?? (failed > 0 ? 1 : 0);
