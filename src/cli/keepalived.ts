/** `keepalived`: VRRP alone, from keepalived.conf, with the option letters of the original. */
import { parseArgs } from 'node:util';
import { keepalivedPaths } from '../daemon/paths.js';
import { diagnosticLine } from '../daemon/runner/configuration.js';
import { type KeepalivedOptions, keepalivedLoader } from '../daemon/runner/keepalived.js';
import { readDaemonState } from '../daemon/runner/pid-file.js';
import { EXIT } from '../errors/exit-codes.js';
import { spawnRunner } from './daemon-control.js';
import type { Output } from './output.js';

const USAGE = `usage: keepalived [-f FILE] [-n] [-l] [-D] [-t] [-P]
  -f, --use-file FILE   configuration, otherwise /etc/keepalived/keepalived.conf
  -n, --dont-fork       stay in the foreground
  -l, --log-console     log to the terminal instead of syslog
  -D, --log-detail      detailed log messages
  -t, --config-test     say what is wrong with the configuration, run nothing
  -P, --vrrp            VRRP alone`;

/** Runs `keepalived ARGS`; returns the exit code. */
export async function runKeepalived(argv: readonly string[], output: Output): Promise<number> {
  const values = readOptions(argv);
  if (typeof values === 'string') {
    output.err(`keepalived: ${values}`);
    output.err(USAGE);
    return EXIT.usage;
  }
  const options: KeepalivedOptions = {
    file: values['use-file'] ?? '/etc/keepalived/keepalived.conf',
    logToConsole: values['log-console'] === true,
    detailed: values['log-detail'] === true,
  };
  const paths = keepalivedPaths(options.file, process.env);
  if (values['config-test'] === true) return await test(options, output);
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
  if (values['dont-fork'] === true) {
    const { runDaemon } = await import('../daemon/runner/daemon.js');
    await runDaemon({
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

async function test(options: KeepalivedOptions, output: Output): Promise<number> {
  const loaded = await keepalivedLoader(options)('');
  for (const diagnostic of loaded.diagnostics) {
    output.err(`${diagnostic.severity.toUpperCase()}: ${diagnosticLine(diagnostic)}`);
  }
  return loaded.ok ? EXIT.ok : EXIT.configuration;
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
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
