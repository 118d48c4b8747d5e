/** `heartbeat push`: copies the configuration to the other nodes over ssh, all or nothing. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadConfiguration, readSource } from '../config/load.js';
import { utf8 } from '../config/source.js';
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import { diagnosticText } from './check-print.js';
import type { Output } from './output.js';
import { push, type RemoteEnd } from './push-run.js';

const USAGE = `usage: heartbeat push [NODE...]
Copies ha.cf, haresources and heartbeat.ini to the other nodes (or to those named) over ssh ([push] ssh in
heartbeat.ini), has them checked there, puts them in place on all or on none, and reloads. Lines of ha.cf that
belong to one machine (ucast, bcast, mcast, serial, watchdog) stay as each node has them; authkeys is not copied.
The former files are kept in backup/ of each configuration directory.`;

const REMOTE_LIMIT_MS = 120_000;
const OUTPUT_MAX = 1024 * 1024;

/** Runs the command; exit 0 when every node has the files. */
export async function runPush(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  if (argv.some((word) => word.startsWith('-'))) {
    output.err(USAGE);
    return argv.includes('--help') || argv.includes('-h') ? EXIT.ok : EXIT.usage;
  }
  const { configDir } = paths;
  const { config, diagnostics } = await loadConfiguration({ configDir });
  if (config === undefined) {
    for (const one of diagnostics)
      if (one.severity === 'error') output.err(diagnosticText(one, false).trimEnd());
    output.err('heartbeat push: the files of this node have errors; nothing was pushed.');
    return EXIT.configuration;
  }
  const others = config.nodes.filter((node) => node !== config.self);
  const stranger = argv.find((node) => !others.includes(node.toLowerCase()));
  if (stranger !== undefined) {
    output.err(
      `heartbeat push: ${stranger} is no other node of ha.cf (${others.join(', ') || 'there is none'}).`,
    );
    return EXIT.usage;
  }
  const peers = argv.length === 0 ? others : argv.map((node) => node.toLowerCase());
  const textOf = (name: string): string => {
    const source = readSource(join(configDir, name));
    return source.state === 'read' ? utf8(source.bytes) : '';
  };
  const outcome = await push({
    id: randomBytes(6).toString('hex'),
    peers,
    files: {
      'ha.cf': textOf('ha.cf'),
      haresources: textOf('haresources'),
      'heartbeat.ini': textOf('heartbeat.ini'),
    },
    remote: (node, script, input) => overSsh(config.settings.pushSsh ?? '', node, script, input),
    say: (sentence) => output.out(sentence),
  });
  if (outcome.ok) return EXIT.ok;
  output.err(`heartbeat push: ${outcome.sentence}`);
  return EXIT.other;
}

/** Runs shell text on a node with the command of [push] ssh; NODE in it is the name, else the name follows. */
function overSsh(command: string, node: string, script: string, input: string): Promise<RemoteEnd> {
  const words = command.split(/\s+/).filter((word) => word !== '');
  const named = words.some((word) => word.includes('NODE'));
  const [file = 'ssh', ...args] = named ? words.map((word) => word.replace('NODE', node)) : [...words, node];
  return new Promise((resolve) => {
    const child = spawn(file, [...args, script], { stdio: 'pipe', timeout: REMOTE_LIMIT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => {
      if (stdout.length < OUTPUT_MAX) stdout += part.toString('utf8');
    });
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < OUTPUT_MAX) stderr += part.toString('utf8');
    });
    child.on('error', (error) => resolve({ code: 255, stdout, stderr: `${file}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 255, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
