/** `keepalived`: VRRP and virtual servers, from keepalived.conf, with the option letters of the original. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { keepalivedPaths } from '../daemon/paths.js';
import { diagnosticLine } from '../daemon/runner/configuration.js';
import { type KeepalivedOptions, keepalivedLoader } from '../daemon/runner/keepalived.js';
import { readDaemonState } from '../daemon/runner/pid-file.js';
import { programVersion } from '../daemon/runner/version.js';
import { takeServiceManager } from '../daemon/service-manager.js';
import { EXIT } from '../errors/exit-codes.js';
import { spawnRunner } from './daemon-control.js';
import type { Output } from './output.js';

const DEFAULT_FILE = '/etc/keepalived/keepalived.conf';

/** Help text; the manual page is made from it. */
export const KEEPALIVED_USAGE = `usage: keepalived [-f FILE] [-n] [-l] [-D] [-P|-C] [-i ID] [-p FILE] [-S 0..7]
       keepalived -t [-f FILE]
       keepalived --signum=NAME
  -f, --use-file FILE      configuration, otherwise ${DEFAULT_FILE}
  -n, --dont-fork          stay in the foreground
  -l, --log-console        log to the terminal instead of syslog
  -D, --log-detail         detailed log messages
  -S, --log-facility N     syslog facility local0 to local7, otherwise daemon
  -t, --config-test        say what is wrong with the configuration, run nothing:
                           exit status 0 it runs, 5 it has errors, 6 a script is insecure
  -P, --vrrp               VRRP alone, without virtual servers
  -C, --check              virtual servers and their checks alone, without VRRP
  -i, --config-id ID       what "@ID" lines are compared with, otherwise the host name
  -p, --pid FILE           pid file, otherwise /run/keepalived.pid
      --signum=NAME        number of the signal RELOAD or STOP
  -v, --version            version
  -h, --help               this text`;

/** Signals that a running daemon understands. The others of the original have commands instead. */
const SIGNALS: Readonly<Record<string, number>> = { RELOAD: 1, STOP: 15 };
const INSTEAD: Readonly<Record<string, string>> = {
  DATA: 'heartbeat status --run-dir=/run/keepalived',
  STATS: 'heartbeat status --run-dir=/run/keepalived',
  JSON: 'heartbeat status --json --run-dir=/run/keepalived',
};

/** Exit status of -t, as far as the original's (vrrp-lvs.md 0.9) tell anything. */
const CONFIG_ERROR = 5;
const CONFIG_INSECURE = 6;

/** Runs `keepalived ARGS`; returns the exit code. */
export async function runKeepalived(argv: readonly string[], output: Output): Promise<number> {
  const values = readOptions(argv);
  if (typeof values === 'string') {
    output.err(`keepalived: ${values}`);
    output.err(KEEPALIVED_USAGE);
    return EXIT.usage;
  }
  if (values.help === true) {
    output.out(KEEPALIVED_USAGE);
    return EXIT.ok;
  }
  if (values.version === true) {
    output.out(`keepalived of heartbeat ${programVersion(keepalivedPaths(DEFAULT_FILE, process.env))}`);
    return EXIT.ok;
  }
  if (values.signum !== undefined) return signum(values.signum, output);
  const facility = values['log-facility'];
  if (facility !== undefined && !/^[0-7]$/.test(facility)) {
    output.err(`keepalived: -S ${facility}: write a number from 0 (local0) to 7 (local7).`);
    return EXIT.usage;
  }
  const isPart = (values.check === true) !== (values.vrrp === true);
  const options: KeepalivedOptions = {
    // The daemon leaves this directory: the name has to be whole.
    file: resolve(values['use-file'] ?? DEFAULT_FILE),
    logToConsole: values['log-console'] === true,
    detailed: values['log-detail'] === true,
    ...(values['config-id'] === undefined ? {} : { configId: values['config-id'] }),
    ...(values.pid === undefined ? {} : { pidFile: resolve(values.pid) }),
    ...(isPart ? { part: values.check === true ? ('checkers' as const) : ('vrrp' as const) } : {}),
    ...(facility === undefined ? {} : { facility: Number(facility) }),
  };
  if (values['config-test'] === true) return await test(options, output);
  return await start(options, values['dont-fork'] === true, output);
}

async function start(options: KeepalivedOptions, foreground: boolean, output: Output): Promise<number> {
  const paths = keepalivedPaths(options.file, process.env, options.pidFile);
  const running = readDaemonState(paths);
  if (running.kind === 'running') {
    output.err(`keepalived: already running [pid ${running.pid}]`);
    return EXIT.other;
  }
  if (process.geteuid?.() !== 0) {
    output.err(
      'keepalived: only root can start it (it sets addresses and opens raw sockets). Use sudo or su.',
    );
    return EXIT.other;
  }
  if (foreground) {
    const { runDaemon } = await import('../daemon/runner/daemon.js');
    const service = takeServiceManager(process.env);
    await runDaemon({
      ...(service === undefined ? {} : { service }),
      paths,
      foreground: true,
      realtime: true,
      manageResources: true,
      extraDebug: 0,
      keepalived: options,
    });
    // The daemon ends the process itself.
    return await new Promise<number>(() => undefined);
  }
  const report = await spawnRunner('keepalived', [`--keepalived=${JSON.stringify(options)}`]);
  if (report.kind === 'ready') return EXIT.ok;
  if (report.kind === 'running') {
    output.err(`keepalived: already running [pid ${report.pid}]`);
    return EXIT.other;
  }
  for (const line of report.lines) output.err(line);
  return report.code;
}

function signum(name: string, output: Output): number {
  const number = SIGNALS[name];
  if (number !== undefined) {
    output.out(String(number));
    return EXIT.ok;
  }
  const instead = INSTEAD[name];
  output.err(
    instead === undefined
      ? `keepalived: there is no signal ${name}. Write RELOAD or STOP.`
      : `keepalived: there is no signal ${name} here. Use "${instead}".`,
  );
  return EXIT.other;
}

async function test(options: KeepalivedOptions, output: Output): Promise<number> {
  const loaded = await keepalivedLoader(options)('');
  for (const diagnostic of loaded.diagnostics) {
    output.err(`${diagnostic.severity.toUpperCase()}: ${diagnosticLine(diagnostic)}`);
  }
  if (loaded.ok) return EXIT.ok;
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  return errors.every(({ code }) => code === 'script-insecure') ? CONFIG_INSECURE : CONFIG_ERROR;
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        'use-file': { type: 'string', short: 'f' },
        'dont-fork': { type: 'boolean', short: 'n' },
        'log-console': { type: 'boolean', short: 'l' },
        'log-detail': { type: 'boolean', short: 'D' },
        'config-test': { type: 'boolean', short: 't' },
        vrrp: { type: 'boolean', short: 'P' },
        check: { type: 'boolean', short: 'C' },
        'config-id': { type: 'string', short: 'i' },
        pid: { type: 'string', short: 'p' },
        // Pid files of child processes, which do not exist here.
        vrrp_pid: { type: 'string', short: 'r' },
        checkers_pid: { type: 'string', short: 'c' },
        'log-facility': { type: 'string', short: 'S' },
        signum: { type: 'string' },
        version: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
