/** A loop process as the runner sees it: its own child, or (after the runner was replaced) its parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { type Channel, openChannel } from '../channel.js';
import type { ToLoop, ToRunner } from '../mailbox.js';
import { startTicks } from './pid-file.js';

export interface LoopHandlers {
  onMessage(message: ToRunner): void;
  /** Called once: the process is gone and all that it said has been delivered. The sentence says how it ended. */
  onEnd(sentence: string): void;
}

export interface LoopProcess {
  readonly pid: number;
  send(message: ToLoop): boolean;
  /** Ends it at once (SIGKILL); `onEnd` follows. */
  kill(): void;
}

/** Makes a loop process that has loaded its modules and waits for `boot`. */
export type SpawnLoop = (handlers: LoopHandlers) => LoopProcess;

/**
 * Flags of the loop's interpreter (measured): a small nursery keeps a collection below 2 ms, one thread keeps the
 * collector from waiting for threads without real-time priority. What was rehearsed must not be forgotten because it
 * was not needed for a month.
 */
export const LOOP_NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--single-threaded',
  '--max-old-space-size=64',
  '--no-flush-bytecode',
] as const;

const STDERR_KEPT_CHARACTERS = 4096;
/** Between the end of the process and the end of its channel, or the other way round. */
const SECOND_SIGN_MS = 200;
const POLL_MS = 5;

/** Starts loop processes from a compiled entry file, with file descriptor 3 as their end of the channel. */
export function loopSpawner(entry: string, environment: NodeJS.ProcessEnv): SpawnLoop {
  return (handlers) => {
    const child = spawn(process.execPath, [...LOOP_NODE_FLAGS, entry], {
      // A session of its own: Ctrl-C in the foreground is the runner's business.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: environment,
    });
    return superviseChild(child, handlers);
  };
}

function superviseChild(child: ChildProcess, handlers: LoopHandlers): LoopProcess {
  let said = '';
  let exit: string | undefined;
  let channelEnded = false;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    channel?.destroy();
    const words = said.trim();
    handlers.onEnd(`${exit ?? 'closed its channel'}${words === '' ? '' : `; it said: ${words}`}`);
  };
  const sign = (): void => {
    if (exit !== undefined && channelEnded) finish();
    else setTimeout(finish, SECOND_SIGN_MS);
  };
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT_CHARACTERS);
  });
  child.once('error', (error) => {
    exit = `could not be started: ${error.message}`;
    channelEnded = true;
    sign();
  });
  child.once('exit', (code, signal) => {
    exit = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    sign();
  });
  const stream = child.stdio[3] as Duplex | null | undefined;
  let channel: Channel<ToLoop> | undefined;
  if (stream) {
    channel = openChannel<ToRunner, ToLoop>(stream, {
      onMessage: (message) => handlers.onMessage(message),
      onEnd: () => {
        channelEnded = true;
        child.kill('SIGKILL');
        sign();
      },
    });
  }
  return {
    pid: child.pid ?? 0,
    send: (message) => channel?.send(message) ?? false,
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** Starts a process at once, before there is a supervisor, and gives it out on the first request. */
export function earlySpawn(spawnLoop: SpawnLoop): { readonly spawn: SpawnLoop; abandon(): void } {
  let handlers: LoopHandlers | undefined;
  let endedEarly: string | undefined;
  let first = true;
  const early = spawnLoop({
    onMessage: (message) => handlers?.onMessage(message),
    onEnd: (sentence) => {
      endedEarly = sentence;
      handlers?.onEnd(sentence);
    },
  });
  return {
    spawn(given) {
      if (!first) return spawnLoop(given);
      first = false;
      handlers = given;
      const sentence = endedEarly;
      if (sentence !== undefined) setImmediate(() => given.onEnd(sentence));
      return early;
    },
    abandon: () => early.kill(),
  };
}

/** Takes over a loop process that is not our child. The channel is given a second reader: its handlers. */
export function adoptLoop(
  pid: number,
  send: (message: ToLoop) => boolean,
): {
  readonly process: LoopProcess;
  /** To be called when the channel to it has ended: makes sure that it is gone, then resolves. */
  gone(): Promise<void>;
} {
  const born = startTicks(pid);
  const isThere = (): boolean => born !== undefined && startTicks(pid) === born;
  const kill = (): void => {
    try {
      if (isThere()) process.kill(pid, 'SIGKILL');
    } catch {
      // gone in the meantime
    }
  };
  return {
    process: { pid, send, kill },
    async gone() {
      kill();
      const limitMs = performance.now() + SECOND_SIGN_MS;
      while (isThere() && performance.now() < limitMs) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}
