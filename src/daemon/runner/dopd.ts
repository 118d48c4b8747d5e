/** dopd in the runner: the local socket, drbdadm, and the messages of the other node, where ha.cf asks for it. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runScript } from '../../actions/scripts-process.js';
import type { LogLevel } from '../../core/effect.js';
import type { Command } from '../../core/input.js';
import type { StatusSnapshot } from '../../core/snapshot-types.js';
import { createOutdater, type OutdateMessage, type Outdater } from '../drbd/outdater.js';
import { openOutdaterSocket, outdaterSocketPath } from '../drbd/socket.js';
import type { Paths } from '../paths.js';

export interface DopdParts {
  readonly paths: Paths;
  readonly self: () => string;
  readonly status: () => Promise<StatusSnapshot | undefined>;
  readonly command: (command: Command) => void;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface Dopd {
  /** Begins to serve; a second call does nothing. What fails is said in the log. */
  open(): Promise<void>;
  /** A message of another node's dopd; nobody is asked for anything before `open`. */
  hear(message: OutdateMessage): void;
  close(): void;
}

const DRBDADM_DEADLINE_MS = 50_000;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function createDopd(parts: DopdParts): Dopd {
  const { log } = parts;
  let outdater: Outdater | undefined;
  let socket: { close(): void } | undefined;

  const isAlive = async (name: string): Promise<boolean | undefined> => {
    const node = (await parts.status())?.nodes.find((one) => one.kind === 'normal' && one.name === name);
    return node === undefined ? undefined : node.status !== 'dead';
  };

  return {
    async open() {
      if (outdater !== undefined) return;
      const { self, command: send } = parts;
      outdater = createOutdater({
        self,
        isAlive,
        send,
        outdate: (resource) => runDrbdadm(resource, log),
        log,
      });
      const { ask } = outdater;
      try {
        socket = await openOutdaterSocket(outdaterSocketPath(parts.paths), ask);
        log('info', 'dopd', 'DRBD may ask this node to outdate its peer (dopd is built in).');
      } catch (error) {
        log('error', 'dopd', `drbd-peer-outdater cannot reach this daemon: ${(error as Error).message}.`);
      }
    },
    hear(message) {
      if (outdater !== undefined) outdater.hear(message);
      else log('warn', 'dopd-absent', `${message.from} speaks of DRBD, and no dopd is configured here.`);
    },
    close() {
      socket?.close();
      socket = undefined;
      outdater = undefined;
    },
  };
}

async function findDrbdadm(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const program = join(folder, 'drbdadm');
    try {
      await access(program, constants.X_OK);
      return program;
    } catch {
      // the next folder
    }
  }
  return undefined;
}

async function runDrbdadm(
  resource: string,
  log: (level: LogLevel, code: string, text: string) => void,
): Promise<number | undefined> {
  const path = process.env.PATH ?? SYSTEM_PATH;
  const program = await findDrbdadm(path);
  if (program === undefined) {
    log('error', 'drbdadm-absent', 'There is no drbdadm: install the package drbd-utils.');
    return undefined;
  }
  const outcome = await runScript({
    path: program,
    args: ['outdate', resource],
    environment: { PATH: path, LC_ALL: 'C' },
    workingDirectory: '/',
    deadlineMs: DRBDADM_DEADLINE_MS,
  });
  for (const capture of outcome.captures) capture.close();
  const { end, stderr } = outcome;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (last !== '') log('info', 'drbdadm', `drbdadm outdate ${resource}: ${last.slice(0, 200)}`);
  return end.kind === 'exit' ? end.code : undefined;
}
