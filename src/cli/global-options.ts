/** What all commands have in common: the directories, and reading flags wherever they stand. */
import { type PathFlags, type Paths, resolvePaths } from '../daemon/paths.js';

export type GlobalOptions =
  | { readonly ok: true; readonly paths: Paths; readonly rest: readonly string[] }
  | { readonly ok: false; readonly sentence: string };

const FLAGS: Readonly<Record<string, keyof PathFlags>> = {
  '--config-dir': 'configDir',
  '--state-dir': 'stateDir',
  '--run-dir': 'runDir',
};

/** Takes `--config-dir`, `--state-dir` and `--run-dir` (with blank or `=`) out of the arguments. */
export function takeGlobalOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): GlobalOptions {
  const flags: { -readonly [key in keyof PathFlags]: PathFlags[key] } = {};
  const rest: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      rest.push(word, ...words);
      break;
    }
    const [name = '', ...tail] = word.split('=');
    const key = FLAGS[name];
    if (key === undefined) {
      rest.push(word);
      continue;
    }
    const value = tail.length > 0 ? tail.join('=') : words.shift();
    if (value === undefined || value === '') {
      return { ok: false, sentence: `${name} needs a directory, for example ${name}=/tmp/heartbeat.` };
    }
    flags[key] = value;
  }
  return { ok: true, paths: resolvePaths(flags, environment), rest };
}
