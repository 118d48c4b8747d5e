/** `hb_standby` and `hb_takeover` (heartbeat-admin.md 5.5). */
import type { ResourceSet } from '../core/input.js';
import { ask } from '../daemon/control/client.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

const WORDS: Readonly<Record<string, ResourceSet>> = {
  all: 'all',
  foreign: 'foreign',
  local: 'local',
  failback: 'foreign',
};

/** Runs either command. As the original's, exit 0 means that the request was handed over; a refusal is told. */
export async function runMove(
  kind: 'standby' | 'takeover',
  argv: readonly string[],
  paths: Paths,
  output: Output,
): Promise<number> {
  const usage = `usage: hb_${kind} [all|foreign|local|failback]`;
  const word = argv[0] ?? 'all';
  if (argv.length > 1 || word.startsWith('-')) {
    output.err(usage);
    return EXIT.other;
  }
  const set = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (set === undefined) {
    output.err(`wrong resources(${word}).`);
    output.err(usage);
    return EXIT.other;
  }
  const answer = await ask(controlSocketPath(paths), { kind: 'command', command: { kind, set } });
  if (!answer.ok) {
    output.err(`ERROR: ${answer.reason}`);
    return EXIT.other;
  }
  const { response } = answer;
  if (response.kind === 'reply' && response.ok) {
    output.out(kind === 'standby' ? `Going standby [${word}].` : `Taking over resources [${word}].`);
    if (response.text !== '') output.out(response.text);
    return EXIT.ok;
  }
  const reason =
    response.kind === 'reply' ? response.text : response.kind === 'refused' ? response.reason : '';
  output.err(`The request was refused: ${reason}`);
  return EXIT.ok;
}
