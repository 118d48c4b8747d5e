/** Golden folders that hold a scenario, and configuration files where they differ from those of the default pair. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadCast } from '../../../src/cli/simulate-cast.js';
import { readScenario } from '../../../src/sim/scenario/parse.js';
import { type Cast, type Played, playScenario } from '../../../src/sim/scenario/play.js';
import { tellStory } from '../../../src/sim/scenario/story.js';
import { repositoryRoot } from '../../support/root.js';
import type { GoldenFolder } from './golden.js';

const DEFAULT_PAIR = join(repositoryRoot(), 'test', 'conformance', 'default-pair');
/** The files with which the original's traces were made. */
export const SEQUENCES_PAIR = join(repositoryRoot(), 'test', 'conformance', 'sequences-pair');

/** The nodes of a folder of configuration files; files that are not in it are those of the default pair. */
export function castOf(folder: string, otherwise = DEFAULT_PAIR): Cast {
  const others = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const loaded = loadCast(folder, new Map(others.map(({ name }) => [name, join(folder, name)])), otherwise);
  if (!loaded.ok)
    throw new Error(loaded.diagnostics.map(({ file, message }) => `${file}: ${message}`).join('\n'));
  return loaded.cast;
}

/** Plays the text for that cast; throws when it is not understood. */
export function playText(text: string, cast: Cast): Played {
  const read = readScenario(text, cast.names);
  if (!read.ok)
    throw new Error(
      read.complaints.map(({ line, message, hint }) => `line ${line}: ${message} ${hint}`).join('\n'),
    );
  return playScenario(cast, read.scenario);
}

export function playFolder(
  folder: GoldenFolder,
  otherwise?: string,
): { readonly story: string; readonly played: Played } {
  const played = playText(folder.read('scenario.txt'), castOf(folder.path, otherwise));
  return { story: tellStory(played).replace(/was silent for \d+ ms/g, 'was silent for a while'), played };
}
