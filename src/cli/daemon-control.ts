/** `heartbeat` without sub-command: start, stop, reload and status of the daemon (heartbeat-admin.md 5.1). */
import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ClusterConfig } from '../config/types.js';
import { openChannel } from '../daemon/channel.js';
import { ask } from '../daemon/control/client.js';
import { compiledFile, controlSocketPath, type Paths } from '../daemon/paths.js';
import { diagnosticLine } from '../daemon/runner/configuration.js';
import type { StartReport } from '../daemon/runner/daemon.js';
import { type DaemonState, readDaemonState } from '../daemon/runner/pid-file.js';
import { takeServiceManager } from '../daemon/service-manager.js';
import { EXIT } from '../errors/exit-codes.js';
import type { StartOptions } from './heartbeat-options.js';
import type { Output } from './output.js';

const POLL_MS = 50;
/** A loop needs less than a second to start another runner. */
const SUCCESSOR_MS = 3000;
/** Longest wait for resource scripts to end and a new runner to answer. */
const RENEW_LIMIT_MS = 60_000;

/** `heartbeat [-f] [-d] [-l] [-M] [-v]`; `runnerArguments` are handed on to the process in the background. */
export async function startDaemon(
  options: StartOptions,
  paths: Paths,
  output: Output,
  runnerArguments: readonly string[] = [],
): Promise<number> {
  const running = options.foreground ? await settledState(paths) : readDaemonState(paths);
  if (running.kind === 'running') {
    output.err(`heartbeat: already running [pid ${running.pid}]`);
    if (options.foreground) await handOver(running.pid);
    return EXIT.ok;
  }
  if (!isRoot(output)) return EXIT.other;
  const config = await checkedConfiguration(paths, output);
  if (config === undefined) return EXIT.configuration;
  if (options.verbose) {
    const { printEffective } = await import('../config/print.js');
    output.out(printEffective(config).trimEnd());
  }
  if (options.foreground) {
    const { runDaemon } = await import('../daemon/runner/daemon.js');
    const service = takeServiceManager(process.env);
    await runDaemon({
      ...(service === undefined ? {} : { service }),
      paths,
      foreground: true,
      realtime: options.realtime,
      manageResources: options.manageResources,
      extraDebug: options.debug,
    });
    // The daemon ends the process itself.
    return await new Promise<number>(() => undefined);
  }
  const report = await startInBackground(options, paths, runnerArguments);
  if (report.kind === 'ready') return EXIT.ok;
  if (report.kind === 'running') {
    output.err(`heartbeat: already running [pid ${report.pid}]`);
    return EXIT.ok;
  }
  for (const line of report.lines) output.err(line);
  return report.code;
}

/**
 * The state once a runner that died has its successor: a service manager runs the start command again at once, and must
 * not make a second daemon beside a living loop.
 */
async function settledState(paths: Paths): Promise<DaemonState> {
  const endMs = performance.now() + SUCCESSOR_MS;
  for (;;) {
    const state = readDaemonState(paths);
    const isManaged = process.env.NOTIFY_SOCKET !== undefined;
    if (state.kind !== 'stale' || !isManaged || performance.now() > endMs) return state;
    await pause();
  }
}

/** A service manager that starts us again has lost sight of a daemon that runs. */
async function handOver(pid: number): Promise<void> {
  const service = takeServiceManager(process.env);
  if (service === undefined) return;
  const { handOverToManager } = await import('../daemon/service-notify.js');
  handOverToManager(service, pid);
}

function startInBackground(
  options: StartOptions,
  paths: Paths,
  runnerArguments: readonly string[],
): Promise<StartReport> {
  return spawnRunner('heartbeat', [
    `--config-dir=${paths.configDir}`,
    `--state-dir=${paths.stateDir}`,
    `--run-dir=${paths.runDir}`,
    `--debug=${options.debug}`,
    ...(options.realtime ? [] : ['--no-realtime']),
    ...(options.manageResources ? [] : ['--no-resources']),
    ...runnerArguments,
  ]);
}

/** Starts a runner process of its own and waits until it says how its start went. `name`: for the sentences. */
export function spawnRunner(name: string, runnerArguments: readonly string[]): Promise<StartReport> {
  const args = [compiledFile('daemon', 'runner', 'main.js'), '--notify-fd=3', ...runnerArguments];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      cwd: '/',
    });
    child.unref();
    const settle = (report: StartReport): void => {
      channel.destroy();
      resolve(report);
    };
    const failed = (line: string): void => settle({ kind: 'failed', code: EXIT.other, lines: [line] });
    child.once('error', (error) => failed(`${name}: the daemon could not be started: ${error.message}`));
    const channel = openChannel<StartReport, never>(child.stdio[3] as Duplex, {
      onMessage: settle,
      onEnd: () => failed(`${name}: the daemon died while it was starting; see its log.`),
    });
  });
}

/** `heartbeat -k`: waits without limit, as the original does. */
export async function stopDaemon(paths: Paths, output: Output): Promise<number> {
  const state = readDaemonState(paths);
  if (state.kind !== 'running') {
    output.err('INFO: Heartbeat already stopped.');
    return EXIT.ok;
  }
  if (!signal(state.pid, 'SIGTERM', output)) return EXIT.other;
  // A runner that is replaced while it stops has another pid: the pid file knows it.
  while (readDaemonState(paths).kind === 'running') await pause();
  return EXIT.ok;
}

/** `heartbeat -r`, and `-R`, which replaces the loop even when no file changed. */
export async function reloadDaemon(
  options: StartOptions,
  force: boolean,
  paths: Paths,
  output: Output,
): Promise<number> {
  const state = readDaemonState(paths);
  if (state.kind !== 'running') return await startDaemon(options, paths, output);
  if ((await checkedConfiguration(paths, output)) === undefined) {
    output.err(`info: Config errors: Heartbeat pid ${state.pid} NOT restarted`);
    return EXIT.ok;
  }
  if (!force) return signal(state.pid, 'SIGHUP', output) ? EXIT.ok : EXIT.other;
  // The runner first: the new one starts the new loop, so that both are of the version that is installed now.
  const renewed = await renewRunner(state.pid, paths);
  if (renewed !== undefined) {
    output.err(`ERROR: ${renewed}`);
    return EXIT.other;
  }
  const answer = await ask(controlSocketPath(paths), { kind: 'restart' });
  const good = answer.ok && answer.response.kind === 'reply' && answer.response.ok;
  if (!good) output.err(`ERROR: ${refusal(answer)}`);
  return good && (await loopAnswers(paths, output)) ? EXIT.ok : EXIT.other;
}

/** Who has asked for a restart finds a daemon that answers afterwards. */
async function loopAnswers(paths: Paths, output: Output): Promise<boolean> {
  const limitMs = performance.now() + RENEW_LIMIT_MS;
  for (;;) {
    const answer = await ask(controlSocketPath(paths), { kind: 'snapshot' });
    if (answer.ok && answer.response.kind === 'snapshot') return true;
    if (performance.now() > limitMs) {
      output.err(`ERROR: ${refusal(answer)}`);
      return false;
    }
    await pause();
  }
}

/** Undefined when another runner answers, otherwise a sentence. Scripts that run are waited for. */
async function renewRunner(pid: number, paths: Paths): Promise<string | undefined> {
  const limitMs = performance.now() + RENEW_LIMIT_MS;
  let reason = '';
  let asked = false;
  while (performance.now() < limitMs) {
    const answer = asked ? undefined : await ask(controlSocketPath(paths), { kind: 'renew' });
    if (answer?.ok === true && answer.response.kind === 'reply' && answer.response.ok) asked = true;
    else if (answer !== undefined) reason = refusal(answer);
    const now = readDaemonState(paths);
    if (now.kind === 'running' && now.pid !== pid) {
      const alive = await ask(controlSocketPath(paths), { kind: 'snapshot' });
      if (alive.ok && alive.response.kind === 'snapshot') return undefined;
    }
    await pause();
  }
  return asked ? 'the new runner does not answer; see the log.' : reason;
}

function refusal(answer: Awaited<ReturnType<typeof ask>>): string {
  if (!answer.ok) return answer.reason;
  const { response } = answer;
  if (response.kind === 'reply') return response.text;
  return response.kind === 'refused' ? response.reason : 'The daemon gave an unexpected answer.';
}

/** `heartbeat -s` */
export function daemonStatus(paths: Paths, output: Output): number {
  const state: DaemonState = readDaemonState(paths);
  const host = hostname();
  switch (state.kind) {
    case 'running':
      output.out(`heartbeat OK [pid ${state.pid} et al] is running on ${host} [${host.toLowerCase()}]...`);
      return EXIT.ok;
    case 'stale':
      output.out('heartbeat is stopped. No process');
      return EXIT.other;
    case 'never':
      output.out('heartbeat is stopped. No process');
      return EXIT.neverStarted;
  }
}

/** Says everything that is wrong or risky; undefined when heartbeat may not run with it. */
async function checkedConfiguration(paths: Paths, output: Output): Promise<ClusterConfig | undefined> {
  const { loadForDaemon } = await import('../config/load.js');
  const loaded = await loadForDaemon(paths.configDir);
  for (const diagnostic of loaded.diagnostics) {
    output.err(`${diagnostic.severity.toUpperCase()}: ${diagnosticLine(diagnostic)}`);
  }
  if (loaded.ok) return loaded.config;
  output.err('ERROR: Configuration error, heartbeat not started.');
  return undefined;
}

function isRoot(output: Output): boolean {
  if (process.geteuid?.() === 0) return true;
  output.err(
    'heartbeat: only root can start it (it sets addresses and runs resource scripts). Use sudo or su.',
  );
  return false;
}

function signal(pid: number, name: NodeJS.Signals, output: Output): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return true;
    output.err(`heartbeat: may not signal process ${pid}: run this command as root.`);
    return false;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
