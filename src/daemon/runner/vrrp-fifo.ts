/**
 * The named pipes of notify_fifo and vrrp_notify_fifo: a line for each change, `INSTANCE "VI_1" MASTER 100`
 * (vrrp-lvs.md 3.3), and beside each pipe the program that reads it, where one is configured.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { findAccount } from '../../actions/accounts.js';
import { killGroup } from '../../actions/scripts-process.js';
import type { VrrpCommand, VrrpFifo, VrrpGlobal } from '../../config/vrrp-types.js';
import type { LogLevel } from '../../core/effect.js';
import type { VrrpEffect } from '../../core/vrrp/effect.js';

/** A reader that has ended is started again after so long. */
const RESTART_MS = 1000;
/** A reader whose pipe has been closed is ended after so long. */
const READER_GRACE_MS = 1000;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface VrrpFifoParts {
  /** The configuration in force; undefined: none. */
  readonly global: () => VrrpGlobal | undefined;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface VrrpFifos {
  /** Opens what is configured and closes what is so no more; starts the readers. */
  attend(): Promise<void>;
  /** One line into every pipe. A pipe that nobody empties loses the line, which is said once. */
  write(order: Extract<VrrpEffect, { readonly kind: 'vrrpNotify' }>): void;
  /**
   * Closes the pipes and removes those of our making; a reader may read to the end first, within a bound. Idempotent.
   */
  close(): Promise<void>;
}

interface Pipe {
  readonly key: string;
  readonly path: string;
  readonly fd: number;
  readonly ours: boolean;
  readonly script: VrrpCommand | undefined;
  full: boolean;
  reader: ChildProcess | undefined;
  timer: NodeJS.Timeout | undefined;
}

interface Wanted {
  readonly fifo: VrrpFifo;
  readonly script: VrrpCommand | undefined;
}

export function createVrrpFifos(parts: VrrpFifoParts): VrrpFifos {
  const { log } = parts;
  const pipes = new Map<string, Pipe>();
  const refused = new Set<string>();
  let closed = false;

  const start = (pipe: Pipe): void => {
    const { script } = pipe;
    if (script === undefined || closed || pipes.get(pipe.key) !== pipe) return;
    const [program = '', ...args] = script.words;
    const again = (how: string): void => {
      pipe.reader = undefined;
      if (closed || pipes.get(pipe.key) !== pipe) return;
      log('error', 'vrrp-fifo', `The reader ${program} of ${pipe.path} ${how}: it is started again.`);
      pipe.timer = setTimeout(() => start(pipe), RESTART_MS);
    };
    const global = parts.global();
    const user = script.user ?? global?.scriptUser;
    const found = user === undefined ? undefined : findAccount(user, script.group ?? global?.scriptGroup);
    if (found?.ok === false) {
      log('error', 'vrrp-fifo', `The reader ${program} of ${pipe.path} is not started: ${found.reason}.`);
      return;
    }
    const child = spawn(program, [...args, pipe.path], {
      stdio: 'ignore',
      detached: true,
      cwd: '/',
      env: { PATH: SYSTEM_PATH, LANG: 'C' },
      ...(found === undefined ? {} : { uid: found.account.uid, gid: found.account.gid }),
    });
    pipe.reader = child;
    child.once('error', (error) => again(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      again(signal === null ? `ended with exit status ${code ?? 0}` : `was ended by ${signal}`),
    );
  };

  const drop = async (pipe: Pipe): Promise<void> => {
    const { reader } = pipe;
    pipes.delete(pipe.key);
    clearTimeout(pipe.timer);
    closeSync(pipe.fd);
    if (pipe.ours) remove(pipe.path);
    if (reader?.pid === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, READER_GRACE_MS);
      reader.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    killGroup(reader.pid, 'SIGTERM');
  };

  const open = async (key: string, { fifo, script }: Wanted): Promise<void> => {
    const made = await make(fifo.path);
    const opened = openFifo(fifo);
    if (typeof opened === 'string') {
      if (!refused.has(key)) log('error', 'vrrp-fifo', `${opened} Changes are not written to it.`);
      refused.add(key);
      return;
    }
    if (closed || pipes.has(key)) {
      closeSync(opened);
      return;
    }
    const pipe: Pipe = {
      key,
      path: fifo.path,
      fd: opened,
      ours: made,
      script,
      full: false,
      reader: undefined,
      timer: undefined,
    };
    pipes.set(key, pipe);
    start(pipe);
  };

  let attending: Promise<void> = Promise.resolve();
  const attend = (): Promise<void> => {
    attending = attending.then(async () => {
      const wanted = closed ? new Map<string, Wanted>() : wantedOf(parts.global());
      await Promise.all([...pipes.values()].filter(({ key }) => !wanted.has(key)).map(drop));
      for (const [key, one] of wanted) if (!pipes.has(key)) await open(key, one);
    });
    return attending;
  };

  return {
    attend,
    write({ scope, name, state, priority }) {
      if (wantedOf(parts.global()).size === 0 && pipes.size === 0) return;
      // One line each, whatever the name.
      const line = `${scope} "${name.replaceAll(/["\n]/g, '?')}" ${state} ${priority}\n`;
      void attend().then(() => {
        for (const pipe of pipes.values()) {
          try {
            writeSync(pipe.fd, line);
            pipe.full = false;
          } catch (error) {
            if (!pipe.full) {
              const reason = error instanceof Error ? error.message : String(error);
              log('error', 'vrrp-fifo', `Nobody empties ${pipe.path}: lines are lost (${reason}).`);
            }
            pipe.full = true;
          }
        }
      });
    },
    async close() {
      await attending;
      closed = true;
      await attend();
    },
  };
}

function wantedOf(global: VrrpGlobal | undefined): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const add = (fifo: VrrpFifo | undefined, script: VrrpCommand | undefined): void => {
    if (fifo !== undefined) wanted.set(JSON.stringify([fifo, script]), { fifo, script });
  };
  add(global?.notifyFifo, global?.notifyFifoScript);
  add(global?.vrrpNotifyFifo, global?.vrrpNotifyFifoScript);
  return wanted;
}

/** True when it was not there before. Node has no call for it. */
function make(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('mkfifo', ['-m', '0600', '--', path], {
      stdio: 'ignore',
      env: { PATH: SYSTEM_PATH },
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** Open for both ways: a reader may come late and go, and a write never waits. A sentence when it is none. */
function openFifo({ path, user, group }: VrrpFifo): number | string {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (!fstatSync(fd).isFIFO()) {
      closeSync(fd);
      return `${path} is there already and is no named pipe: remove it or name another path for notify_fifo.`;
    }
    if (user !== undefined) {
      const found = findAccount(user, group);
      if (!found.ok) {
        closeSync(fd);
        return `The named pipe ${path} cannot be given to ${user}: ${found.reason}.`;
      }
      fchownSync(fd, found.account.uid, found.account.gid);
    }
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return `The named pipe ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function remove(path: string): void {
  try {
    if (lstatSync(path).isFIFO()) unlinkSync(path);
  } catch {
    // gone already
  }
}
