/**
 * Tries every mutant of the table in a changed copy of the program: on the test that the row names, or else on the random
 * search. Each run is a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';
import type { Mutant, NamedTest } from './mutant.js';
import { MUTANTS } from './table.js';

const DEADLINE_MS = 900_000;

/** What came of a mutant: whether it was caught, and by what, in words. */
interface Outcome {
  readonly caught: boolean;
  readonly words: string;
}

/** A copy of the checkout: its compiled program and tests to be changed, all else by reference. */
function copyOf(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-mutants-'));
  for (const part of ['src', 'test'])
    cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  for (const name of readdirSync(root))
    if (name !== 'dist' && name !== '.git') symlinkSync(join(root, name), join(folder, name));
  return folder;
}

/** What the search of one mutant printed at its end: "caught at seed SEED by CHECK: SENTENCE" or "missed". */
function searchWith(folder: string, seeds: number): Outcome {
  const program = join(folder, 'dist', 'test', 'nightly', 'mutants', 'search.js');
  const { stdout, signal } = spawnSync(process.execPath, [program, String(seeds)], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  if (signal !== null) return { caught: true, words: 'caught: the run never ends' };
  return { caught: stdout.startsWith('caught'), words: stdout.trim() };
}

/** What that test says in the copy. A name that no test has shows in the run without the mutant: nothing passes. */
function runNamed(folder: string, { file, name }: NamedTest): 'passes' | 'fails' | 'does not exist' {
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const compiled = join(folder, 'dist', `${file}.js`);
  const args = ['--test', '--test-reporter=tap', `--test-name-pattern=${pattern}`, compiled];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: DEADLINE_MS });
  if (status !== 0) return 'fails';
  return /^# pass [1-9]/m.test(stdout) ? 'passes' : 'does not exist';
}

/** The place in the compiled text: the compiler breaks and indents lines in its own way. */
export function placeOf(snippet: string): RegExp {
  const escaped = snippet.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll(/\s+/g, '\\s+'));
}

function tryMutant(folder: string, mutant: Mutant, seeds: number): Outcome {
  const { file, caughtBy } = mutant;
  const path = join(folder, 'dist', 'src', 'core', `${file}.js`);
  const original = readFileSync(path, 'utf8');
  let changed = original;
  for (const { find, replace } of mutant.also === undefined ? [mutant] : [mutant, mutant.also]) {
    const parts = changed.split(placeOf(find));
    if (parts.length !== 2)
      return {
        caught: false,
        words: `the place stands ${parts.length - 1} times in ${file}: mend the table`,
      };
    changed = parts.join(replace);
  }
  const before = caughtBy === undefined ? 'passes' : runNamed(folder, caughtBy);
  if (caughtBy !== undefined && before !== 'passes')
    return { caught: false, words: `${caughtBy.file}.ts: "${caughtBy.name}" ${before} without the mutant` };
  writeFileSync(path, changed);
  try {
    if (caughtBy === undefined) return searchWith(folder, seeds);
    const caught = runNamed(folder, caughtBy) === 'fails';
    return {
      caught,
      words: `${caught ? 'caught by' : 'MISSED by'} ${caughtBy.file}.ts, "${caughtBy.name}" (not by the search: ${caughtBy.because})`,
    };
  } finally {
    writeFileSync(path, original);
  }
}

/** Prints the table: caught by which seed or test, or not. The exit code is 1 when one is missed. */
export function printMutants(seeds: number, only = ''): void {
  const folder = copyOf(repositoryRoot());
  const caught = { search: 0, test: 0 };
  const tried = MUTANTS.filter(({ name }) => name.includes(only));
  try {
    for (const mutant of tried) {
      const outcome = tryMutant(folder, mutant, seeds);
      if (outcome.caught) caught[mutant.caughtBy === undefined ? 'search' : 'test'] += 1;
      console.log(`${mutant.name}: ${outcome.words}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const missed = tried.length - caught.search - caught.test;
  console.log(
    `${tried.length} mutants: ${caught.search} caught within ${seeds} seeds, ${caught.test} by the test that is named, ${missed} missed`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
}
