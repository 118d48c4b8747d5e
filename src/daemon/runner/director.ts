/** The runner's side of the director: a process of its own while there are virtual servers, started again when it dies. */
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { LogLevel } from '../../core/effect.js';
import { type Channel, openChannel } from '../channel.js';
import type { DirectorSettings, FromDirector, ToDirector } from '../director/messages.js';
import { allDirectors } from '../director/shown.js';
import type { ToRunner } from '../mailbox.js';
import { compiledFile, type Paths, pathEnvironment } from '../paths.js';
import { createRequests } from './requests.js';
import { keepDirectorPart } from './virtual-servers.js';

/** A director that died is started again after this, and after twice that the next time, up to the last. */
const RESTART_MS = 500;
const RESTART_MAX_MS = 30_000;
const SNAPSHOT_LIMIT_MS = 1500;
const STOP_LIMIT_MS = 15_000;

export interface DirectorRunnerParts {
  readonly paths: Paths;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface DirectorRunner {
  /** The configuration in force; without virtual servers there is no process. */
  use(config: VrrpConfig | undefined): void;
  /** Sees the transitions of VRRP pass by. */
  note(message: ToRunner): void;
  /** With those that are resources. Undefined: there is none, or it does not answer. */
  snapshot(): Promise<DirectorSnapshot | undefined>;
  /** Ends the process in good order, within a bound. */
  stop(): Promise<void>;
  /** Ends it at once and leaves its rules where they are. */
  leave(): void;
}

interface Running {
  readonly channel: Channel<ToDirector>;
  readonly kill: () => void;
  readonly gone: Promise<void>;
}

export function createDirectorRunner(parts: DirectorRunnerParts): DirectorRunner {
  const { log, paths } = parts;
  const entry = compiledFile('daemon', 'director', 'main.js');
  const requests = createRequests<DirectorSnapshot>();
  let settings: DirectorSettings | undefined;
  let running: Running | undefined;
  let over = false;
  let deaths = 0;
  let restart: NodeJS.Timeout | undefined;
  /** As they were kept last for the next runner. */
  let kept: VrrpConfig | undefined;
  const roles = new Map<string, 'master' | 'backup'>();

  const send = (message: ToDirector): boolean => running?.channel.send(message) ?? false;

  const begin = (): void => {
    if (settings === undefined || running !== undefined || over) return;
    const child = spawn(process.execPath, ['--max-old-space-size=512', entry], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: { ...process.env, ...pathEnvironment(paths) },
    });
    let goneNow: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      goneNow = resolve;
    });
    const channel = openChannel<FromDirector, ToDirector>(child.stdio[3] as Duplex, {
      onMessage: (message) => handle(message),
      onEnd: () => undefined,
    });
    const own: Running = { channel, kill: () => child.kill('SIGKILL'), gone };
    running = own;
    let finished = false;
    const finish = (how: string): void => {
      if (finished) return;
      finished = true;
      goneNow();
      requests.abandon();
      channel.destroy();
      if (running !== own) return;
      running = undefined;
      if (over || settings === undefined) return;
      const inMs = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** deaths);
      deaths += 1;
      log('error', 'director-died', `The director process ${how}; another is started in ${inMs / 1000} s.`);
      restart = setTimeout(begin, inMs);
    };
    child.once('error', (error) => finish(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      finish(signal === null ? `ended with ${code}` : `was ended by ${signal}`),
    );
    configure();
  };

  const configure = (): void => {
    if (settings === undefined) return;
    send({ kind: 'configure', settings });
    const role = roles.get(settings.global.syncDaemon?.instance ?? '');
    if (role !== undefined) send({ kind: 'role', role });
  };

  const handle = (message: FromDirector): void => {
    switch (message.kind) {
      case 'log':
        log(message.level, message.code, message.text);
        return;
      case 'snapshot':
        deaths = 0;
        requests.answer(message.requestId, message.snapshot);
        return;
      case 'stopped':
        return;
    }
  };

  const end = async (): Promise<void> => {
    clearTimeout(restart);
    const ending = running;
    if (ending === undefined) return;
    ending.channel.send({ kind: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        log('error', 'director-killed', 'The director did not end in time and is killed.');
        ending.kill();
        resolve();
      }, STOP_LIMIT_MS);
    });
    await Promise.race([ending.gone, limit]);
    clearTimeout(timer);
    if (running === ending) running = undefined;
  };

  const keep = (config: VrrpConfig | undefined): void => {
    if (config !== undefined && config === kept) return;
    kept = config;
    const problem = keepDirectorPart(paths, config);
    if (problem !== undefined) log('error', 'director-not-kept', problem);
  };

  return {
    use(config) {
      keep(config);
      const next = directorSettings(config);
      const before = settings;
      settings = next;
      if (next === undefined) {
        if (before !== undefined) void end();
        return;
      }
      if (running === undefined) begin();
      else if (JSON.stringify(before) !== JSON.stringify(next)) configure();
    },
    note(message) {
      if (message.kind !== 'vrrpNotify' || message.scope !== 'INSTANCE') return;
      const { name, state } = message;
      if (state === 'MASTER_RX_LOWER_PRI') return;
      const role = state === 'MASTER' ? 'master' : 'backup';
      roles.set(name, role);
      if (settings?.global.syncDaemon?.instance === name) send({ kind: 'role', role });
    },
    async snapshot() {
      const own =
        running === undefined
          ? undefined
          : await requests.ask((requestId) => send({ kind: 'snapshot', requestId }), SNAPSHOT_LIMIT_MS);
      return allDirectors(paths.runDir, own, Date.now());
    },
    async stop() {
      over = true;
      keep(undefined);
      await end();
    },
    leave() {
      over = true;
      clearTimeout(restart);
      running?.kill();
    },
  };
}

/** Undefined: nothing is configured that a director would do. */
export function directorSettings(config: VrrpConfig | undefined): DirectorSettings | undefined {
  if (config === undefined) return undefined;
  const { global, virtualServers, virtualServerGroups = [], director } = config;
  if (virtualServers.length === 0 && director?.syncDaemon === undefined) return undefined;
  const { mail, scriptUser, scriptGroup } = global;
  return {
    servers: virtualServers,
    groups: virtualServerGroups,
    routerId: global.routerId,
    global: director ?? { flushAtStart: false, keepOnStop: false },
    ...(mail === undefined ? {} : { mail }),
    ...(scriptUser === undefined ? {} : { scriptUser }),
    ...(scriptGroup === undefined ? {} : { scriptGroup }),
  };
}
