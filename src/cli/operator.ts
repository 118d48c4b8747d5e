/** `heartbeat cleanup GROUP`, `heartbeat maintenance on|off`, `heartbeat fence-confirm NODE`: one command to the running daemon, one sentence back. */
import type { Command } from '../core/input.js';
import { ask } from '../daemon/control/client.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

/** Runs `heartbeat cleanup GROUP`; exit 0 when the failures are forgotten. */
export async function runCleanup(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const [group, ...more] = argv;
  if (group === undefined || group === '' || group.startsWith('-') || more.length > 0) {
    output.err('usage: heartbeat cleanup GROUP   (GROUP as "heartbeat status" shows it)');
    return EXIT.usage;
  }
  return await send({ kind: 'cleanup', group }, paths, output);
}

/** Runs `heartbeat maintenance on|off [--force]`; exit 0 when it is so now. */
export async function runMaintenance(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const words = argv.filter((word) => word !== '--force');
  const [word] = words;
  if (words.length !== 1 || (word !== 'on' && word !== 'off')) {
    output.err(
      'usage: heartbeat maintenance on|off   (off --force: nothing runs on a node that was stopped)',
    );
    return EXIT.usage;
  }
  const force = words.length < argv.length;
  return await send({ kind: 'maintenance', on: word === 'on', force }, paths, output);
}

/** Runs `heartbeat fence-confirm NODE`; exit 0 when what waited for the node's end goes on. */
export async function runFenceConfirm(
  argv: readonly string[],
  paths: Paths,
  output: Output,
): Promise<number> {
  const [node, ...more] = argv;
  if (node === undefined || node === '' || node.startsWith('-') || more.length > 0) {
    output.err('usage: heartbeat fence-confirm NODE   (only after you have seen that NODE is off)');
    return EXIT.usage;
  }
  return await send({ kind: 'fenceConfirm', node: node.toLowerCase() }, paths, output);
}

async function send(command: Command, paths: Paths, output: Output): Promise<number> {
  const answer = await ask(controlSocketPath(paths), { kind: 'command', command });
  if (!answer.ok) {
    output.err(answer.reason);
    return EXIT.other;
  }
  const { response } = answer;
  if (response.kind === 'reply' && response.ok) {
    output.out(response.text);
    return EXIT.ok;
  }
  const reason =
    response.kind === 'reply' ? response.text : response.kind === 'refused' ? response.reason : 'no answer';
  output.err(`Refused: ${reason}`);
  return EXIT.other;
}
