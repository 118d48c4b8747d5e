/** Runs one compiled test file in a process of its own, with a deadline, and leaves none of its processes behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestFile } from './find-tests.js';
import { endMarked, MARK_VARIABLE, markedProcesses } from './marked-processes.js';
import { countOutcome, type FileOutcome, parseReport } from './outcome.js';

export interface RunOptions {
  readonly root: string;
  /** The file is ended and counts as failed then. */
  readonly limitMs: number;
  /** Ends the file at once. */
  readonly signal: AbortSignal;
}

const KEPT_OUTPUT = 20_000;
/** A child of the file may take this long to notice that the file is gone. */
const LEFT_BEHIND_GRACE_MS = 10_000;
const REPORTER = fileURLToPath(new URL('./event-reporter.js', import.meta.url));

let number = 0;

/** Runs the file to its end. Never throws for what the file does. */
export async function runFile(file: TestFile, options: RunOptions): Promise<FileOutcome> {
  number += 1;
  const mark = `${process.pid}-${number}`;
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-test-'));
  const report = join(folder, 'report');
  const begunMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      `--test-reporter=${REPORTER}`,
      `--test-reporter-destination=${report}`,
      file.compiled,
    ],
    {
      cwd: options.root,
      // Without the mark of a test process of node, which would make the file report to its parent.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, [MARK_VARIABLE]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let output = '';
  const note = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const kill = (): void => {
    if (child.pid !== undefined) endMarked(mark);
  };
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.limitMs);
  options.signal.addEventListener('abort', kill);
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('error', (error) => {
      note(Buffer.from(`${error.message}\n`));
      resolve({ code: null, signal: null });
    });
    child.on('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  clearTimeout(limit);
  options.signal.removeEventListener('abort', kill);
  const leftBehind = await endLeftBehind(mark);
  const events = parseReport(readReport(report));
  rmSync(folder, { recursive: true, force: true });
  const counted = countOutcome(events, { code, signal, timedOut, limitMs: options.limitMs, leftBehind });
  return { file: file.name, durationMs: performance.now() - begunMs, ...counted, output };
}

async function endLeftBehind(mark: string): Promise<string[]> {
  const endMs = performance.now() + LEFT_BEHIND_GRACE_MS;
  while (markedProcesses(mark).length > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return endMarked(mark);
}

function readReport(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
