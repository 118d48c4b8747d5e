/**
 * The client programs of `respawn` lines (heartbeat-admin.md 8.3): started once communication is up, again a second
 * after they ended, and ended in reverse order with the daemon. A list of their processes is kept in the run directory,
 * so that a runner that takes the place of a dead one does not start them twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAccount } from '../../actions/accounts.js';
import { killGroup } from '../../actions/scripts-process.js';
import type { RespawnClient } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';

export interface ClientTimes {
  readonly restartMs: number;
  /** A client that lived shorter than this ended quickly. */
  readonly quickMs: number;
  /** How long a client may take to end after SIGTERM. */
  readonly endMs: number;
  /** How often a client that another runner started is looked at. */
  readonly lookMs: number;
}

export const CLIENT_TIMES: ClientTimes = { restartMs: 1000, quickMs: 2000, endMs: 5000, lookMs: 1000 };

export interface ClientParts {
  readonly runDir: string;
  readonly environment: () => Record<string, string>;
  readonly workingDirectory: string;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** A client of `[clients] failfast` has failed. */
  readonly failed: (reason: string) => void;
  readonly times?: Partial<ClientTimes>;
}

export interface ClientState {
  readonly command: string;
  readonly state: 'running' | 'waiting' | 'ended';
  readonly pid: number | null;
}

export interface Clients {
  /** Starts what is not running yet; a second call with the same list does nothing. `failfast`: names of programs. */
  start(clients: readonly RespawnClient[], failfast: readonly string[]): void;
  /** SIGTERM in reverse order, SIGKILL for those that do not go. Resolves when all are gone. */
  stop(): Promise<void>;
  states(): readonly ClientState[];
}

/** Exit status with which a client says that it does not want to be started again. */
const DO_NOT_RESTART = 100;
/** So many quick ends in a row are borne. */
const QUICK_ENDS = 10;
const LIST = 'clients.json';

interface Client {
  readonly line: RespawnClient;
  readonly failfast: boolean;
  pid: number | null;
  child: ChildProcess | undefined;
  startedMs: number;
  quickEnds: number;
  timer: NodeJS.Timeout | undefined;
  over: boolean;
}

export function createClients(parts: ClientParts): Clients {
  const times = { ...CLIENT_TIMES, ...parts.times };
  const file = join(parts.runDir, LIST);
  let clients: Client[] = [];
  let stopping = false;

  const remember = (): void => {
    const list = clients.flatMap(({ line, pid }) =>
      pid === null ? [] : [{ command: line.command, user: line.user, pid, began: beganOf(pid) }],
    );
    try {
      writeFileSync(file, JSON.stringify(list), { mode: 0o600 });
    } catch {
      // Without the list a later runner starts the clients anew: no reason to fail.
    }
  };

  const start = (client: Client): void => {
    const { user, command } = client.line;
    const found = findAccount(user);
    if (!found.ok) {
      parts.log('error', 'client-account', `Client "${command}" is not started: ${found.reason}.`);
      client.over = true;
      return;
    }
    parts.log(
      'info',
      'client-start',
      `Starting child client "${command}" (${found.account.uid},${found.account.gid})`,
    );
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
      detached: true,
      cwd: parts.workingDirectory,
      env: parts.environment(),
      stdio: 'ignore',
      uid: found.account.uid,
      gid: found.account.gid,
    });
    client.startedMs = performance.now();
    client.child = child;
    child.on('error', (error) => {
      parts.log('error', 'client-start', `Client "${command}" could not be started: ${error.message}.`);
      ended(client, null, null);
    });
    child.on('exit', (code, signal) => ended(client, code, signal));
    client.pid = child.pid ?? null;
    remember();
  };

  const ended = (client: Client, code: number | null, signal: NodeJS.Signals | null): void => {
    const { command } = client.line;
    const { pid } = client;
    client.pid = null;
    client.child = undefined;
    remember();
    if (stopping || client.over) return;
    if (code === DO_NOT_RESTART) {
      client.over = true;
      parts.log(
        'info',
        'client-done',
        `Client "${command}" ended with ${DO_NOT_RESTART}: it is not started again.`,
      );
      return;
    }
    const how =
      signal === null ? `exited with return code ${code ?? 'unknown'}` : `killed by signal ${signal}`;
    parts.log('warn', 'client-ended', `Managed ${command} process ${pid ?? '?'} ${how}.`);
    if (client.failfast && (signal !== null || code !== 0)) {
      client.over = true;
      parts.failed(`the client "${command}" ${how}`);
      return;
    }
    client.quickEnds = performance.now() - client.startedMs < times.quickMs ? client.quickEnds + 1 : 0;
    if (client.quickEnds > QUICK_ENDS) {
      client.over = true;
      parts.log('error', 'client-too-fast', `Client ${command} "respawning too fast"`);
      return;
    }
    parts.log('error', 'client-again', `Respawning client "${command}":`);
    client.timer = setTimeout(() => start(client), times.restartMs);
  };

  /** A client of a former runner is no child of ours: its end is noticed by looking. */
  const watch = (client: Client, pid: number, began: string): void => {
    client.pid = pid;
    client.startedMs = performance.now();
    client.timer = setInterval(() => {
      if (beganOf(pid) === began) return;
      clearInterval(client.timer);
      ended(client, null, null);
    }, times.lookMs);
  };

  const adopted = (): { command: string; user: string; pid: number; began: string }[] => {
    try {
      const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return Array.isArray(list) ? list : [];
    } catch {
      return [];
    }
  };

  return {
    start(lines, failfast) {
      if (clients.length > 0 || stopping) return;
      const former = adopted();
      clients = lines.map((line) => ({
        line,
        failfast: failfast.includes(programOf(line.command)),
        pid: null,
        child: undefined,
        startedMs: 0,
        quickEnds: 0,
        timer: undefined,
        over: false,
      }));
      for (const client of clients) {
        const { command, user } = client.line;
        const at = former.findIndex((one) => one.command === command && one.user === user);
        const [same] = at < 0 ? [] : former.splice(at, 1);
        if (same !== undefined && same.began !== '' && beganOf(same.pid) === same.began)
          watch(client, same.pid, same.began);
        else start(client);
      }
    },
    async stop() {
      stopping = true;
      for (const client of [...clients].reverse()) {
        client.over = true;
        clearTimeout(client.timer);
        clearInterval(client.timer);
        if (client.pid !== null) await endClient(client.pid, client.line.command, parts.log, times.endMs);
      }
      clients = [];
      stopping = false;
      rmSync(file, { force: true });
    },
    states: () =>
      clients.map(({ line, pid, over }) => ({
        command: line.command,
        state: over ? 'ended' : pid === null ? 'waiting' : 'running',
        pid,
      })),
  };
}

/** "/usr/lib/heartbeat/ipfail" of "/usr/lib/heartbeat/ipfail -x" is "ipfail". */
export function programOf(command: string): string {
  return command.split(/[ \t]/)[0]?.split('/').at(-1) ?? '';
}

async function endClient(
  pid: number,
  command: string,
  log: ClientParts['log'],
  limitMs: number,
): Promise<void> {
  log('info', 'client-kill', `killing ${command} process group ${pid} with signal 15`);
  const began = beganOf(pid);
  killGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; beganOf(pid) === began && began !== ''; waitedMs += 50) {
    if (waitedMs >= limitMs) {
      log('warn', 'client-kill', `${command} does not end: killed.`);
      killGroup(pid, 'SIGKILL');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Start time of a process in clock ticks since boot, so that a pid that was used again is not mistaken; '' when gone. */
function beganOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
