/** Runs every mutant of table.ts against the random search, each in a process of its own with a changed copy of the program. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './table.js';

/** The folder of the built program: dist/. */
const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const DEADLINE_MS = 300_000;

/** What the search of one mutant printed at its end: "caught SEED CHECK SENTENCE" or "missed". */
function searchWith(folder: string, seeds: number): string {
  const program = join(folder, 'test', 'nightly', 'mutants', 'search.js');
  const { stdout, signal } = spawnSync(process.execPath, [program, String(seeds)], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  return signal === null ? stdout.trim() : 'caught 0 time: the run never ends';
}

/** The place in the compiled text: the compiler breaks and indents lines in its own way. */
export function placeOf(snippet: string): RegExp {
  const escaped = snippet.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll(/\s+/g, '\\s+'));
}

function tryMutant(folder: string, { file, find, replace }: Mutant, seeds: number): string {
  const path = join(folder, 'src', 'core', `${file}.js`);
  const original = readFileSync(path, 'utf8');
  const parts = original.split(placeOf(find));
  if (parts.length !== 2) return `the place stands ${parts.length - 1} times in ${file}: mend the table`;
  writeFileSync(path, parts.join(replace));
  const found = searchWith(folder, seeds);
  writeFileSync(path, original);
  return found;
}

/** Prints the table: caught at which seed by which check, or not and why. The exit code is 1 when one is missed unexplained. */
export function printMutants(seeds: number, only = ''): void {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-mutants-'));
  let caught = 0;
  let unexplained = 0;
  const tried = MUTANTS.filter(({ name }) => name.includes(only));
  try {
    cpSync(join(DIST, 'src'), join(folder, 'src'), { recursive: true });
    cpSync(join(DIST, 'test', 'nightly', 'mutants'), join(folder, 'test', 'nightly', 'mutants'), {
      recursive: true,
    });
    cpSync(join(DIST, '..', 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(DIST, '..', 'node_modules'), join(folder, 'node_modules'));
    for (const mutant of tried) {
      const found = tryMutant(folder, mutant, seeds);
      const isCaught = found.startsWith('caught');
      if (isCaught) caught += 1;
      else if (mutant.unseen === undefined) unexplained += 1;
      const reason = isCaught || mutant.unseen === undefined ? '' : ` (${mutant.unseen})`;
      console.log(`${mutant.name}: ${found}${reason}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `${caught} of ${tried.length} mutants caught within ${seeds} seeds, ${unexplained} missed without a reason`,
  );
  process.exitCode = unexplained === 0 ? 0 : 1;
}
