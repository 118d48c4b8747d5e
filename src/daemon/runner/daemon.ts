/** Composition of the runner process: builds the real parts, joins them, obeys the signals. */
import { chmodSync, closeSync, mkdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressSpec } from '../../config/types.js';
import type { OperationResult } from '../../core/input.js';
import { EXIT } from '../../errors/exit-codes.js';
import type { DaemonLog } from '../../log/logger.js';
import { type Channel, openChannelOnFd } from '../channel.js';
import { leaseDiagnostics } from '../lease-check.js';
import type { AdoptRunner, ToLoop, ToRunner } from '../mailbox.js';
import { compiledFile, type Paths, pathEnvironment } from '../paths.js';
import { type ServiceManager, serviceEnvironment } from '../service-manager.js';
import type { ServiceNotifier } from '../service-notify.js';
import { freshBoot } from './boot.js';
import { diagnosticLine, type LoadConfiguration, type Loaded } from './configuration.js';
import { openDaemonLog } from './daemon-log.js';
import { type KeepalivedOptions, keepalivedEnvironment, keepalivedLoader } from './keepalived.js';
import { adoptLoop, earlySpawn, type LoopHandlers, loopSpawner, type SpawnLoop } from './loop-process.js';
import { readDaemonState, removePidFile, writePidFile } from './pid-file.js';
import { rebootMachine } from './reboot.js';
import { createRunner, type Runner } from './runner.js';
import { type HeldSignals, holdSignals } from './signals.js';
import { prepareStateDirectory, StateFileError } from './state-files.js';
import { supervisionTimes } from './supervisor.js';
import { programVersion } from './version.js';

export interface DaemonOptions {
  readonly paths: Paths;
  /** Stays in the terminal: the log is shown there as well. */
  readonly foreground: boolean;
  /** False with -l. */
  readonly realtime: boolean;
  /** False with -M: haresources is not acted upon. */
  readonly manageResources: boolean;
  /** Added to the debug level of ha.cf. */
  readonly extraDebug: number;
  /** File descriptor that gets one JSON line: how the start went. */
  readonly notifyFd?: number;
  /** Present: this is keepalived's daemon, with VRRP alone. */
  readonly keepalived?: KeepalivedOptions;
  /** Who is told of it, as systemd asks for; absent: nobody. */
  readonly service?: ServiceManager;
  /** Compiled loop entry; tests put another in its place. */
  readonly loopEntry?: string;
}

/** How a start went, for the command that waits for it. */
export type StartReport =
  | { readonly kind: 'ready'; readonly pid: number }
  | { readonly kind: 'running'; readonly pid: number }
  | { readonly kind: 'failed'; readonly code: number; readonly lines: readonly string[] };

const STOPPED_EARLY = 'stopped before it was up';

export const DAEMON_TITLE = 'heartbeat: master control process';

/** Runs the daemon until its end; the process exits with the defined code. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  process.title = options.keepalived === undefined ? DAEMON_TITLE : 'keepalived';
  const { paths } = options;
  const signals = holdSignals();
  const report = reporter(options);
  const found = readDaemonState(paths);
  if (found.kind === 'running') {
    report({ kind: 'running', pid: found.pid });
    process.exit(EXIT.ok);
  }
  const spawnLoop = spawner(options);
  const load = loader(options);
  // Both take their time: the loop's modules load on the other processor meanwhile.
  const early = earlySpawn(spawnLoop);
  const fail = (code: number, lines: readonly string[]): never => {
    early.abandon();
    removePidFile(paths);
    report({ kind: 'failed', code, lines });
    process.exit(code);
  };
  const loaded = await load(paths.configDir);
  if (!loaded.ok) return fail(EXIT.configuration, refusalLines(loaded));
  try {
    if (!writePidFile(paths)) return fail(EXIT.other, ['Another heartbeat is just being started here.']);
    const { coresDir } = prepareStateDirectory(paths.stateDir);
    renewScratchDirectory(paths);
    const program = programVersion(paths);
    const boot = freshBoot({
      ...loaded,
      program,
      stateDir: paths.stateDir,
      realtime: options.realtime,
      nowS: Math.floor(Date.now() / 1000),
    });
    const log = await openDaemonLog(loaded.config, options.foreground, options.keepalived);
    for (const diagnostic of loaded.diagnostics) {
      if (diagnostic.severity === 'warning') log.log('warn', diagnostic.code, diagnosticLine(diagnostic));
    }
    for (const line of firstLines(options, program, boot.generation)) log.log('info', 'starting', line);
    if (signals.endAsked()) {
      log.log('info', 'ended', STOPPED_EARLY);
      await log.close();
      return fail(0, [STOPPED_EARLY]);
    }
    let ready = false;
    const runner = assemble(options, {
      signals,
      log,
      ...(await serviceNotifier(options)),
      load,
      program,
      scriptDir: coresDir,
      spawnLoop: early.spawn,
      onReady: () => {
        ready = true;
        report({ kind: 'ready', pid: process.pid });
      },
      onEnd: (code, reason) => {
        if (!ready) report({ kind: 'failed', code, lines: [reason] });
      },
    });
    await runner.start(boot);
  } catch (error) {
    if (!(error instanceof StateFileError) && !isSystemError(error)) throw error;
    return fail(EXIT.other, [error.message]);
  }
}

/** Takes the place of a runner that died beside a living loop (its socket is file descriptor 3). */
export async function adoptDaemon(options: DaemonOptions): Promise<void> {
  process.title = DAEMON_TITLE;
  let handlers: LoopHandlers | undefined;
  const early: ToRunner[] = [];
  let ended = false;
  const state = await new Promise<{ adopt: AdoptRunner; channel: Channel<ToLoop> }>((resolve) => {
    const channel: Channel<ToLoop> = openChannelOnFd<ToRunner, ToLoop>(3, {
      onMessage(message) {
        if (message.kind === 'adopt') resolve({ adopt: message.adopt, channel });
        else if (handlers === undefined) early.push(message);
        else handlers.onMessage(message);
      },
      onEnd() {
        ended = true;
        if (handlers === undefined) process.exit(EXIT.other);
        else void loop?.gone().then(() => handlers?.onEnd('closed its channel'));
      },
    });
  });
  const { adopt, channel } = state;
  const { config } = adopt.boot;
  const { paths } = options;
  const signals = holdSignals();
  const loop = adoptLoop(adopt.loopPid, (message) => channel.send(message));
  const log = await openDaemonLog(config, false, options.keepalived);
  if (adopt.planned === true)
    log.log('info', 'runner-renewed', `A new runner process goes on, version ${programVersion(paths)}.`);
  else log.log('error', 'runner-replaced', 'The runner process died; a new one goes on in its place.');
  try {
    writePidFile(paths, true);
  } catch (error) {
    log.log('error', 'pid-file', error instanceof Error ? error.message : String(error));
  }
  const realtime = adopt.boot.realtime || !config.realtime;
  const runner = assemble(
    { ...options, realtime },
    {
      signals,
      log,
      ...(await serviceNotifier(options)),
      load: loader(options),
      program: programVersion(paths),
      scriptDir: join(paths.stateDir, 'cores', 'root'),
      spawnLoop: spawner(options),
      onReady: () => undefined,
      onEnd: () => undefined,
    },
  );
  handlers = await runner.adopt(adopt, loop.process);
  for (const message of early) handlers.onMessage(message);
  if (ended) void loop.gone().then(() => handlers?.onEnd('closed its channel'));
}

/** Loaded only where somebody listens. */
async function serviceNotifier({ service }: DaemonOptions): Promise<Pick<Assembly, 'service'>> {
  if (service === undefined) return {};
  const { createServiceNotifier } = await import('../service-notify.js');
  return { service: createServiceNotifier(service) };
}

interface Assembly {
  readonly signals: HeldSignals;
  readonly log: DaemonLog;
  readonly service?: ServiceNotifier;
  readonly load: LoadConfiguration;
  readonly program: string;
  readonly scriptDir: string;
  readonly spawnLoop: SpawnLoop;
  readonly onReady: () => void;
  readonly onEnd: (code: number, reason: string) => void;
}

function assemble(options: DaemonOptions, parts: Assembly): Runner {
  const { paths } = options;
  const { log } = parts;
  const runner = createRunner({
    ...parts,
    paths,
    realtime: options.realtime,
    times: supervisionTimes,
    removeAddress,
    sendMail: async (...mail) => (await import('../../actions/vrrp-mail.js')).sendVrrpMail(...mail),
    reboot: async (reason) => {
      await rebootMachine(reason, {
        log: (text) => log.log('crit', 'reboot', text),
        flush: () => Promise.race([log.close(), new Promise((resolve) => setTimeout(resolve, 200))]),
      });
    },
    onLeave: () => void log.close().then(() => process.exit(EXIT.broken)),
    onEnd: (code, reason) => {
      log.log(code === 0 ? 'info' : 'crit', 'ended', code === 0 ? reason : `Heartbeat ends: ${reason}`);
      parts.onEnd(code, reason);
      removePidFile(paths);
      void log.close().then(() => process.exit(code));
    },
  });
  // A broken runner leaves at once; the loop starts another, which adopts it.
  process.on('uncaughtException', (error) => {
    log.log('crit', 'runner-broken', `The runner process is broken: ${error.stack ?? error.message}`);
    void log.close().then(() => process.exit(EXIT.broken));
  });
  parts.signals.obey({
    SIGTERM: () => runner.shutdown(),
    SIGINT: () => runner.shutdown(),
    SIGHUP: () => void runner.reload(),
    SIGUSR1: () => runner.changeDebug(1),
    SIGUSR2: () => runner.changeDebug(-1),
  });
  return runner;
}

/** In normal life the loop sets and removes addresses; this is for the release without a loop. */
async function removeAddress(address: AddressSpec): Promise<OperationResult> {
  const { createAddressKeeper } = await import('../../actions/addresses.js');
  const keeper = createAddressKeeper();
  try {
    const removed = keeper.stop([address]);
    return removed.ok ? { ok: true } : { ok: false, detail: removed.detail };
  } finally {
    keeper.close();
  }
}

/** RUN_DIR/rsctmp, where scripts note what runs, begins empty: nothing of it survived (heartbeat-admin.md 9). */
function renewScratchDirectory(paths: Paths): void {
  const folder = join(paths.runDir, 'rsctmp');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o1755);
}

function firstLines({ keepalived }: DaemonOptions, program: string, generation: number): readonly string[] {
  if (keepalived !== undefined)
    return [`Starting Keepalived v${program}`, `Opening file '${keepalived.file}'.`];
  return [
    `Configuration validated. Starting heartbeat ${program}`,
    `heartbeat: version ${program}`,
    `Heartbeat generation: ${generation}`,
  ];
}

function spawner(options: DaemonOptions): SpawnLoop {
  const { keepalived } = options;
  const entry = options.loopEntry ?? compiledFile('daemon', 'loop', 'main.js');
  const own = keepalived === undefined ? {} : keepalivedEnvironment(keepalived);
  // A loop whose runner dies starts the next one, which goes on telling the service manager.
  const service = serviceEnvironment(options.service);
  return loopSpawner(entry, { ...process.env, ...pathEnvironment(options.paths), ...own, ...service });
}

function loader(options: DaemonOptions): LoadConfiguration {
  if (options.keepalived !== undefined) return keepalivedLoader(options.keepalived);
  return async (configDir) => {
    const { loadForDaemon } = await import('../../config/load.js');
    const loaded = await loadForDaemon(configDir);
    if (!loaded.ok) return loaded;
    const { config } = loaded;
    const debug = Math.min(255, config.log.debug + options.extraDebug);
    const groups = options.manageResources ? config.groups : [];
    const diagnostics = [...loaded.diagnostics, ...leaseDiagnostics(config, join(configDir, 'ha.cf'))];
    return { ...loaded, diagnostics, config: { ...config, groups, log: { ...config.log, debug } } };
  };
}

function refusalLines(loaded: Loaded): readonly string[] {
  return [
    ...loaded.diagnostics.map((one) => `${one.severity.toUpperCase()}: ${diagnosticLine(one)}`),
    'ERROR: Configuration error, heartbeat not started.',
  ];
}

function reporter(options: DaemonOptions): (report: StartReport) => void {
  return (report) => {
    const { notifyFd } = options;
    if (notifyFd !== undefined) {
      try {
        writeSync(notifyFd, `${JSON.stringify(report)}\n`);
        closeSync(notifyFd);
      } catch {
        // the command that waited is gone: the log has it as well
      }
      return;
    }
    if (report.kind === 'failed') for (const line of report.lines) process.stderr.write(`${line}\n`);
    if (report.kind === 'running') process.stderr.write(`heartbeat: already running [pid ${report.pid}]\n`);
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
