/** `heartbeat`: option letters as the original's, or a sub-command. */
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import { readHeartbeatOptions } from './heartbeat-options.js';
import type { Output } from './output.js';
import { nearestWord } from './suggest.js';

interface SubCommand {
  readonly summary: string;
  /** Resolves to the exit code. */
  readonly run: (argv: readonly string[], paths: Paths, output: Output) => Promise<number>;
}

/** One row per sub-command; each loads its own code only when it is called. */
const SUB_COMMANDS: Readonly<Record<string, SubCommand>> = {
  init: {
    summary:
      'write a configuration for two nodes, asking what it has to know [--peer NAME] [--address IP/PREFIX] ' +
      '[--service NAME] [--link INTERFACE] [--serial DEVICE] [--deadtime SECONDS] [--force] [--help]',
    run: async (...call) => (await import('./init.js')).runInit(...call),
  },
  status: {
    summary: 'nodes, links, groups, warnings and the last decisions [--json] [--watch]',
    run: async (...call) => (await import('./status.js')).runStatus(...call),
  },
  events: {
    summary: 'the last 200 decisions with their reasons [--json]',
    run: async (...call) => (await import('./status.js')).runEvents(...call),
  },
  maintenance: {
    summary: 'on|off: leave all resources of the cluster as they are, or manage them again',
    run: async (...call) => (await import('./operator.js')).runMaintenance(...call),
  },
  'fence-confirm': {
    summary: 'NODE: an operator has seen that it is off; what waits for its fencing goes on',
    run: async (...call) => (await import('./operator.js')).runFenceConfirm(...call),
  },
  cleanup: {
    summary: 'GROUP: forget its failures on both nodes and start it again where it is down',
    run: async (...call) => (await import('./operator.js')).runCleanup(...call),
  },
  push: {
    summary: '[NODE...]: copy the configuration to the other nodes over ssh, all or nothing, and reload',
    run: async (...call) => (await import('./push.js')).runPush(...call),
  },
  sbd: {
    summary: 'create|list|dump|allocate|message: shared disks with poison pills, as the program sbd',
    run: async (...call) => (await import('./sbd.js')).runSbd(...call),
  },
  check: {
    summary:
      'everything that is wrong or risky in the configuration [--json] [--hostname NAME] [--facts FILE]',
    run: async (argv, paths) =>
      (await import('./check.js')).runCheck(['--config-dir', paths.configDir, ...argv]),
  },
  realserver: {
    summary: 'start|stop|status ADDRESS...: answer for the address of a director, silent in ARP',
    run: async (...call) => (await import('./realserver.js')).runRealserver(...call),
  },
  director: {
    summary: 'FILE start|stop|status: virtual servers of an ldirectord.cf, as the resource ldirectord does',
    run: async (...call) => (await import('./director.js')).runDirector(...call),
  },
  simulate: {
    summary:
      'SCENARIO: what this configuration would do if something failed [--worst-case] [--list] [--json] [--svg FILE]',
    run: async (...call) => (await import('./simulate.js')).runSimulate(...call),
  },
  replay: {
    summary:
      '[FILE...]: recordings of the flight recorder, each decision with its reason [--json] [--from TIME]',
    run: async (...call) => (await import('./replay.js')).runReplay(...call),
  },
  report: {
    summary: '[FILE] [--no-recorder]: everything for a bug report in one file, without secrets',
    run: async (...call) => (await import('./report.js')).runReport(...call),
  },
  decode: {
    summary: 'packets in hexadecimal or a capture from standard input [--json] [--authkeys FILE]',
    run: async (argv) => (await import('./decode.js')).runDecode(argv, process.stdin, process.stdout),
  },
};

/** Name and summary of every sub-command, for the manual and the completion. */
export function subCommandRows(): readonly { readonly name: string; readonly summary: string }[] {
  return Object.entries(SUB_COMMANDS).map(([name, { summary }]) => ({ name, summary }));
}

const OPTIONS_USAGE = `usage: heartbeat [-f] [-d] [-v] [-l] [-M]   check the configuration and run in the background
       heartbeat -k                       stop, handing the resources over
       heartbeat -r                       reread the configuration
       heartbeat -R [-C WHAT]             restart, keeping the resources
       heartbeat -s                       is it running
       heartbeat -D [-W]                  table of the directives of ha.cf
       heartbeat -V                       version
  -f stay in the foreground   -d more debug messages   -v print the effective configuration
  -l no real-time priority    -M manage no resources
  --config-dir DIR  --state-dir DIR  --run-dir DIR   other directories (HA_DIR, HA_STATE_DIR, HA_RUN_DIR)`;

/** Runs `heartbeat ARGS`; returns the exit code. */
export async function runHeartbeat(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const [first, ...rest] = argv;
  if (first !== undefined && !first.startsWith('-')) return await runSubCommand(first, rest, paths, output);
  const call = readHeartbeatOptions(argv);
  switch (call.kind) {
    case 'usage':
      output.err(`heartbeat: ${call.sentence}.`);
      output.err(usage());
      return call.code;
    case 'help':
      output.out(usage());
      return EXIT.ok;
    case 'version': {
      const { programVersion } = await import('../daemon/runner/version.js');
      output.out(programVersion(paths));
      return EXIT.ok;
    }
    case 'directives': {
      const { printDirectives } = await import('../config/print.js');
      output.out(printDirectives(call.wiki ? 'wiki' : 'text').trimEnd());
      return EXIT.ok;
    }
    case 'status':
      return (await import('./daemon-control.js')).daemonStatus(paths, output);
    case 'stop':
      return (await import('./daemon-control.js')).stopDaemon(paths, output);
    case 'reload':
      return (await import('./daemon-control.js')).reloadDaemon(call.options, call.force, paths, output);
    case 'start':
      return (await import('./daemon-control.js')).startDaemon(call.options, paths, output);
  }
}

async function runSubCommand(
  name: string,
  argv: readonly string[],
  paths: Paths,
  output: Output,
): Promise<number> {
  if (name === 'help') {
    output.out(usage());
    return EXIT.ok;
  }
  const command = Object.hasOwn(SUB_COMMANDS, name) ? SUB_COMMANDS[name] : undefined;
  if (command !== undefined) return await command.run(argv, paths, output);
  const near = nearestWord(name, Object.keys(SUB_COMMANDS));
  const hint =
    near === undefined ? 'Run "heartbeat --help" for a list.' : `Did you mean "heartbeat ${near}"?`;
  output.err(`heartbeat: there is no sub-command "${name}". ${hint}`);
  return EXIT.usage;
}

function usage(): string {
  const names = Object.entries(SUB_COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  return `${OPTIONS_USAGE}\n\nheartbeat SUB-COMMAND\n${names.join('\n')}`;
}
