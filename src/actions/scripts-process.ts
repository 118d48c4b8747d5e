/**
 * One run of one script in its own process group, with a deadline. Its end is the exit of the script itself, not the
 * closing of its output: a daemon that it leaves behind delays nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Capture, openCapture, openInput } from './scripts-capture.js';

/** After SIGTERM to the group, before SIGKILL. */
const TERM_GRACE_MS = 500;
/** After SIGKILL; a process that is stuck in the kernel is not waited for any longer. */
const KILL_GRACE_MS = 1000;
/** Longest delay that setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ScriptRun {
  readonly path: string;
  /** Arguments with the verb last. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly deadlineMs: number;
  /** Standard input: a file in memory with this text. Absent: none. */
  readonly input?: string;
  /** Runs as this user and group; absent: as the daemon. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Ends the run early: the group is killed. */
  readonly cancel?: AbortSignal;
  /** The script runs in this process group. */
  readonly onStarted?: (processGroup: number) => void;
}

export type ScriptEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'deadline'; readonly dead: boolean }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'notStarted'; readonly reason: string };

export interface ScriptOutcome {
  readonly end: ScriptEnd;
  readonly stdout: string;
  readonly stderr: string;
  /** Output beyond the first 64 KiB of each stream, not kept. */
  readonly omittedBytes: number;
  /** Standard output stays open here for what the script left behind; the caller closes or keeps it. */
  readonly captures: readonly Capture[];
}

/** Runs a script to its end. Never rejects. */
export async function runScript(run: ScriptRun): Promise<ScriptOutcome> {
  const captures: Capture[] = [];
  try {
    captures.push(await openCapture(), await openCapture());
  } catch (error) {
    return { ...nothing, end: notStarted(error), captures };
  }
  const [out, err] = captures;
  if (out === undefined || err === undefined)
    return { ...nothing, end: notStarted('no output file'), captures };
  let input: Capture | undefined;
  try {
    input = run.input === undefined ? undefined : await openInput(run.input);
  } catch (error) {
    return { ...nothing, end: notStarted(error), captures };
  }
  const end = await runProcess(run, [input?.fd ?? 'ignore', out.fd, err.fd]);
  input?.close();
  const stdout = out.text();
  const stderr = err.text();
  return {
    end,
    stdout: stdout.text,
    stderr: stderr.text,
    omittedBytes: stdout.omittedBytes + stderr.omittedBytes,
    captures,
  };
}

const nothing = { stdout: '', stderr: '', omittedBytes: 0 } as const;

type Streams = readonly [input: number | 'ignore', out: number, err: number];

async function runProcess(run: ScriptRun, streams: Streams): Promise<ScriptEnd> {
  if (run.cancel?.aborted === true) return { kind: 'cancelled' };
  const direct = await start(run, run.path, run.args, streams);
  if (typeof direct !== 'string') return await wait(direct, run);
  // A file without "#!" line: the shell runs it, as the original's shell part did.
  if (direct !== 'ENOEXEC') return notStarted(`${run.path}: ${direct}`);
  const shell = await start(run, '/bin/sh', [run.path, ...run.args], streams);
  return typeof shell === 'string' ? notStarted(`/bin/sh ${run.path}: ${shell}`) : await wait(shell, run);
}

/** The child once it runs, or the error code. */
function start(
  run: ScriptRun,
  file: string,
  args: readonly string[],
  streams: Streams,
): Promise<ChildProcess | string> {
  return new Promise((resolve) => {
    try {
      const child = spawn(file, args, {
        detached: true,
        stdio: [...streams],
        cwd: run.workingDirectory,
        env: { ...run.environment },
        ...run.account,
      });
      child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      if (child.pid !== undefined) resolve(child);
    } catch (error) {
      const failed = error as NodeJS.ErrnoException;
      resolve(failed.code === 'ENOEXEC' ? 'ENOEXEC' : failed.message);
    }
  });
}

function wait(child: ChildProcess, run: ScriptRun): Promise<ScriptEnd> {
  const processGroup = child.pid;
  if (processGroup === undefined) return Promise.resolve(notStarted('no process id'));
  run.onStarted?.(processGroup);
  return new Promise((resolve) => {
    let cause: 'deadline' | 'cancelled' | undefined;
    let timer: NodeJS.Timeout;
    const finish = (end: ScriptEnd): void => {
      clearTimeout(timer);
      run.cancel?.removeEventListener('abort', onAbort);
      resolve(end);
    };
    const kill = (): void => {
      killGroup(processGroup, 'SIGKILL');
      timer = setTimeout(() => finish(ended(false)), KILL_GRACE_MS);
    };
    const terminate = (why: 'deadline' | 'cancelled'): void => {
      if (cause !== undefined) return;
      cause = why;
      clearTimeout(timer);
      killGroup(processGroup, 'SIGTERM');
      timer = setTimeout(kill, TERM_GRACE_MS);
    };
    const ended = (dead: boolean): ScriptEnd =>
      cause === 'cancelled' && dead ? { kind: 'cancelled' } : { kind: 'deadline', dead };
    const onAbort = (): void => terminate('cancelled');
    run.cancel?.addEventListener('abort', onAbort);
    timer = setTimeout(() => terminate('deadline'), Math.min(run.deadlineMs, MAX_TIMER_MS));
    child.once('exit', (code, signal) => {
      if (cause !== undefined) {
        // What the script started belongs to the failed run: it goes with it.
        killGroup(processGroup, 'SIGKILL');
        finish(ended(true));
      } else if (code !== null) finish({ kind: 'exit', code });
      else finish({ kind: 'signal', signal: signal ?? 'unknown' });
    });
  });
}

/** Signals a whole process group; false when there is none any more. */
export function killGroup(processGroup: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(processGroup) || processGroup <= 1) return false;
  try {
    process.kill(-processGroup, signal);
    return true;
  } catch {
    return false;
  }
}

function notStarted(error: unknown): ScriptEnd {
  return { kind: 'notStarted', reason: error instanceof Error ? error.message : String(error) };
}
