import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Privilege, SYSTEM_PATH } from './ability.js';

/** What a command in a machine gave. `code` is 128 + N when signal N ended it (137: the deadline, or SIGKILL). */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Buffer;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed then (default 30,000). */
  readonly timeoutMs?: number;
}

/** A process in a machine that goes on while the test does other things. */
export interface LabProcess {
  readonly child: ChildProcess;
  /** Everything written to standard output and standard error so far. */
  output(): string;
  /** Sends a signal to the command itself; false when it has ended. */
  kill(signal: NodeJS.Signals): boolean;
  /** How it ended: its exit code, or 128 + N when signal N ended it. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Which namespaces of the target are entered. */
export type Namespaces = 'all' | 'mount' | 'network';

const FLAGS: Readonly<Record<Namespaces, readonly string[]>> = {
  all: ['-m', '-u', '-i', '-n', '-p'],
  mount: ['-m'],
  network: ['-n'],
};

/**
 * The parent of a command in a machine. It stays outside the machine's process space and only waits, so that it reaps
 * the command whatever happens there. (`nsenter` itself would stop when its command is stopped, and the zombie that it
 * then leaves would keep the kernel from ending the lab.)
 */
// `env` keeps the shell from running a builtin (kill!) itself: only its children are inside the process namespace.
const REAPER: readonly string[] = ['sh', '-c', 'env -- "$@"; exit "$?"', 'sh'];

/** Arguments of `nsenter` for the namespaces of a process. */
export function nsenterArguments(pid: number, privilege: Privilege, namespaces: Namespaces): string[] {
  const user = privilege === 'user' ? ['-U', '--preserve-credentials'] : [];
  const enter = ['-t', String(pid), ...user, ...FLAGS[namespaces]];
  return namespaces === 'all' ? [...enter, '--no-fork', '--', ...REAPER] : [...enter, '--'];
}

/** The environment of commands in a machine: nothing of the test's own. */
export function machineEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:${SYSTEM_PATH}`, HOME: '/root', LANG: 'C.UTF-8', ...extra };
}

/** The command that a process of ours waits for, as seen from here; null when it has ended. */
function childOf(pid: number): number | null {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return child === undefined || child === '' ? null : Number(child);
  } catch {
    return null;
  }
}

/** Starts `nsenter ARGUMENTS COMMAND`. */
export function startEntered(
  nsenter: readonly string[],
  command: readonly string[],
  options: CommandOptions,
): LabProcess {
  const child = spawn('nsenter', [...nsenter, ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: machineEnvironment(options.env),
    detached: true,
  });
  let output = '';
  const note = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-1_000_000);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  child.stdin.on('error', () => {});
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('error', () => resolve({ code: null, signal: null }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  const kill = (signal: NodeJS.Signals): boolean => {
    const inner = child.pid === undefined ? null : childOf(child.pid);
    if (inner === null) return false;
    try {
      return process.kill(inner, signal);
    } catch {
      return false;
    }
  };
  return { child, output: () => output, kill, ended };
}

/** How long output is waited for after a command has ended: a daemon it left behind may hold the pipes for ever. */
const PIPE_GRACE_MS = 100;

/** Runs `nsenter ARGUMENTS COMMAND` to its end. A non-zero exit is a result, not an error. */
export async function runEntered(
  nsenter: readonly string[],
  command: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const started = startEntered(nsenter, command, options);
  let stdout = '';
  let stderr = '';
  started.child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  started.child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => started.child.on('close', () => resolve()));
  started.child.stdin?.end(options.input ?? '');
  const deadline = setTimeout(() => {
    if (!started.kill('SIGKILL')) started.child.kill('SIGKILL');
  }, options.timeoutMs ?? 30_000);
  const { code } = await started.ended;
  clearTimeout(deadline);
  let graceTimer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    graceTimer = setTimeout(resolve, PIPE_GRACE_MS);
  });
  await Promise.race([closed, grace]);
  clearTimeout(graceTimer);
  started.child.stdout?.destroy();
  started.child.stderr?.destroy();
  return { code, stdout, stderr };
}
