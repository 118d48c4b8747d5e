/** Entry of all commands: `main.js COMMAND ARGS`, called by the small scripts of bin/. */
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import { takeGlobalOptions } from './global-options.js';
import { type Output, processOutput } from './output.js';

type Command = (argv: readonly string[], paths: Paths, output: Output) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  heartbeat: async (...call) => (await import('./heartbeat.js')).runHeartbeat(...call),
  keepalived: async (argv, _paths, out) => (await import('./keepalived.js')).runKeepalived(argv, out),
  cl_status: async (...call) => (await import('./cl-status.js')).runClStatus(...call),
  hb_standby: async (...call) => (await import('./standby.js')).runMove('standby', ...call),
  hb_takeover: async (...call) => (await import('./standby.js')).runMove('takeover', ...call),
  'drbd-peer-outdater': async (...call) => (await import('./drbd-peer-outdater.js')).runPeerOutdater(...call),
  hb_addnode: async (...call) => (await import('./nodes.js')).runNodeCommand('hb_addnode', ...call),
  hb_delnode: async (...call) => (await import('./nodes.js')).runNodeCommand('hb_delnode', ...call),
};

const [name = '', ...argv] = process.argv.slice(2);
const output = processOutput();
const command = COMMANDS[name];
const options = takeGlobalOptions(argv, process.env);
if (command === undefined) {
  output.err(`There is no command "${name}".`);
  process.exitCode = EXIT.usage;
} else if (!options.ok) {
  output.err(`${name}: ${options.sentence}`);
  process.exitCode = EXIT.usage;
} else {
  process.exitCode = await command(options.rest, options.paths, output);
}
