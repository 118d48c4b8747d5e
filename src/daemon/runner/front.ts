/** Starts and feeds the process that serves the status page, where `[status] listen` is set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { findAccount } from '../../actions/accounts.js';
import { listenAddress } from '../../config/ini/status.js';
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import { oneLine } from '../../log/format.js';
import { type Channel, openChannel } from '../channel.js';
import type { StatusPicture } from '../control/picture.js';
import type { FromFront, FrontStart, ToFront } from '../front-mailbox.js';
import { compiledFile } from '../paths.js';

export interface FrontParts {
  readonly config: () => ClusterConfig | undefined;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** Compiled entry of the process; tests put another in its place. */
  readonly entry?: string;
}

export interface Front {
  /** The newest picture: the process is started, replaced or ended as the configuration says, and told. */
  show(picture: StatusPicture): void;
  close(): void;
}

/** A front that does not read gets no further pictures. */
const PENDING_MAX_BYTES = 4 * 1024 * 1024;
/** What it says is not trusted: bounded, and told so often a minute. */
const SENTENCE_MAX = 300;
const SENTENCES_PER_MINUTE = 10;
const LINE_MAX_BYTES = 4096;
const AGAIN_FIRST_MS = 1000;
const AGAIN_MAX_MS = 60_000;
/** A process that has lived this long is started again at once. */
const STEADY_MS = 60_000;
/** Of all processes here this is the one that the kernel may end first when memory is short. */
const OOM_SCORE = '500';
/** No dumps, few files, and no program that it could start would get rights that it has not. */
const SHELL =
  'ulimit -c 0 -n 256 2>/dev/null; command -v setpriv >/dev/null && set -- setpriv --no-new-privs "$@"; exec "$@"';

/** Flags of its interpreter: little memory, no code from text, no native code, and (where Node.js has it) no right to write, start or load anything. */
export function frontFlags(allowed: ReadonlySet<string> = process.allowedNodeEnvironmentFlags): string[] {
  const flags = ['--max-old-space-size=64', '--disallow-code-generation-from-strings', '--no-addons'];
  if (allowed.has('--permission')) flags.push('--permission', '--allow-fs-read=*');
  else if (allowed.has('--experimental-permission'))
    flags.push('--experimental-permission', '--allow-fs-read=*', '--no-warnings');
  if (allowed.has('--allow-net')) flags.push('--allow-net');
  return flags;
}

interface Running {
  readonly child: ChildProcess;
  readonly channel: Channel<ToFront>;
  readonly startedMs: number;
}

/** Nothing runs before the first picture. */
export function createFront(parts: FrontParts): Front {
  const entry = parts.entry ?? compiledFile('front', 'main.js');
  let running: Running | undefined;
  let wanted = '';
  let againMs = AGAIN_FIRST_MS;
  let notBeforeMs = 0;
  let said = { minute: 0, count: 0 };

  const say = (level: LogLevel, code: string, text: string): void => {
    const minute = Math.floor(performance.now() / 60_000);
    said = said.minute === minute ? { minute, count: said.count + 1 } : { minute, count: 1 };
    if (said.count <= SENTENCES_PER_MINUTE) parts.log(level, code, oneLine(text).slice(0, SENTENCE_MAX));
  };

  const end = (): void => {
    const ended = running;
    running = undefined;
    ended?.channel.destroy();
    ended?.child.kill('SIGKILL');
  };

  const hear = (message: FromFront, listen: string): void => {
    if (message.kind === 'listening')
      say('info', 'status-page', `The status page is served at http://${listen}/`);
    else if (message.kind === 'problem') say('warn', 'status-page', `Status page: ${String(message.text)}`);
  };

  const start = (begin: FrontStart, listen: string): void => {
    const child = spawn('/bin/sh', ['-c', SHELL, 'sh', process.execPath, ...frontFlags(), entry], {
      detached: true,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const stream = child.stdio[3] as Duplex | null | undefined;
    if (!stream) return;
    const gone = (how: string): void => {
      if (running?.child !== child) return;
      end();
      const lasted = performance.now() - startedMs;
      againMs = lasted > STEADY_MS ? AGAIN_FIRST_MS : Math.min(2 * againMs, AGAIN_MAX_MS);
      notBeforeMs = performance.now() + againMs;
      say(
        'warn',
        'status-page',
        `The process of the status page ${how}; it is started again in ${againMs / 1000} s.`,
      );
    };
    const startedMs = performance.now();
    const channel = openChannel<FromFront, ToFront>(
      stream,
      { onMessage: (message) => hear(message, listen), onEnd: () => gone('has ended') },
      LINE_MAX_BYTES,
    );
    child.once('error', (error) => gone(`cannot be started: ${error.message}`));
    child.once('exit', () => gone('has ended'));
    running = { child, channel, startedMs };
    try {
      writeFileSync(`/proc/${child.pid}/oom_score_adj`, OOM_SCORE);
    } catch {
      // only a preference
    }
    channel.send(begin);
  };

  const attend = (): void => {
    const config = parts.config();
    const listen = config?.settings.statusListen ?? '';
    const address = listenAddress(listen);
    const key = JSON.stringify([listen, config?.settings.statusUser, config?.settings.statusNames]);
    if (key !== wanted) {
      wanted = key;
      notBeforeMs = 0;
      end();
    }
    if (config === undefined || address === undefined || running !== undefined) return;
    if (performance.now() < notBeforeMs) return;
    const user = config.settings.statusUser ?? 'nobody';
    const found = findAccount(user);
    if (!found.ok || found.account.uid === 0 || found.account.gid === 0) {
      const why = found.ok ? `${user} has the rights of root` : found.reason;
      notBeforeMs = performance.now() + AGAIN_MAX_MS;
      say('error', 'status-page', `There is no status page: ${why}; name another user with [status] user.`);
      return;
    }
    const names = [config.self, ...(config.settings.statusNames ?? '').split(/[\s,]+/)]
      .map((name) => name.toLowerCase())
      .filter((name) => name !== '');
    start({ kind: 'start', ...address, ...found.account, names }, listen);
  };

  return {
    show(picture) {
      attend();
      if (running === undefined || running.channel.pendingBytes > PENDING_MAX_BYTES) return;
      running.channel.send({ kind: 'picture', picture, takenWallMs: Date.now() });
    },
    close: end,
  };
}
