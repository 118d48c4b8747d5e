/**
 * `npm run bench [-- ROW... --programs ours,original,keepalived --runs N --seconds N --out DIR]`: this program beside
 * the original Heartbeat and keepalived, in the same lab in one run. Prints a table; with --out the raw figures
 * (bench.json) and a picture (bench.svg) are kept there. Exit 0: measured, 1: something could not be measured, 2: there
 * is no lab here.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitWithParent, labAbility } from '../lab/lib/index.js';
import { ROWS } from './rows/index.js';
import { type ContenderName, contendersOf } from './support/contender.js';
import { describeMachine } from './support/machine.js';
import { pictureOf } from './support/picture.js';
import { type Figures, LATE_MAX_MS, measureRow, type Row } from './support/row.js';
import { linesOf } from './support/table.js';

const EVERYBODY: readonly ContenderName[] = ['ours', 'original', 'keepalived'];
const EXIT_ABSENT = 2;
/** Left out unless they are named: they take as long as they are told to. */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(['soak']);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    programs: { type: 'string', default: EVERYBODY.join(',') },
    runs: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    out: { type: 'string' },
  },
});

function numberOf(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name} takes a whole number from 1 on, not ${text}`);
}

function rowsWanted(): readonly Row[] {
  const wanted = ROWS.filter(({ key }) =>
    positionals.length === 0
      ? !BY_NAME_ONLY.has(key)
      : positionals.some((word) => key === word || key.startsWith(`${word}-`)),
  );
  if (wanted.length > 0) return wanted;
  throw new Error(`there is no such row; there are: ${ROWS.map(({ key }) => key).join(', ')}`);
}

async function main(): Promise<number> {
  const ability = labAbility();
  if (!ability.possible) {
    process.stderr.write(`No bench here: ${ability.reason}\n`);
    return EXIT_ABSENT;
  }
  const names = values.programs.split(',').filter((name) => EVERYBODY.some((one) => one === name));
  const contenders = contendersOf(EVERYBODY.filter((name) => names.includes(name)));
  const seconds = numberOf(values.seconds, 'seconds');
  const rows = rowsWanted();
  const machine = describeMachine();
  process.stdout.write(
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, load ${machine.loadAtStart.toFixed(2)}\n`,
  );
  process.stdout.write(
    `Peers: heartbeat ${machine.peers.heartbeat}, keepalived ${machine.peers.keepalived}. Runs in which the measuring process was more than ${LATE_MAX_MS} ms late are repeated.\n\n`,
  );
  const all: Figures[][] = [];
  for (const row of rows) {
    const figures: Figures[] = [];
    for (const contender of contenders.filter(({ name }) => row.contenders.includes(name))) {
      if (contender.absent !== undefined) {
        figures.push({ row, contender: contender.name, runs: [], repeated: 0, failed: contender.absent });
        continue;
      }
      const runs = values.runs === undefined ? row.runs : numberOf(values.runs, 'runs');
      figures.push(
        await measureRow(row, contender, { runs, seconds }, (measured, lateMs, again) => {
          const text = Object.entries(measured).map(([name, value]) => `${name} ${value.toFixed(2)}`);
          process.stderr.write(
            `${again ? 'repeated' : 'run'}  ${row.key} ${contender.name}: ${text.join(', ')}; late by ${lateMs.toFixed(1)} ms\n`,
          );
        }),
      );
    }
    all.push(figures);
    process.stdout.write(`${linesOf(figures).join('\n')}\n\n`);
  }
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    const raw = all
      .flat()
      .map(({ row, ...rest }) => ({ row: row.key, title: row.title, unit: row.unit, ...rest }));
    writeFileSync(join(values.out, 'bench.json'), `${JSON.stringify({ machine, figures: raw }, null, 1)}\n`);
    writeFileSync(join(values.out, 'bench.svg'), pictureOf(all));
  }
  return all.flat().some(({ failed }) => failed !== undefined) ? 1 : 0;
}

exitWithParent();
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}.\n`);
  process.exitCode = 1;
}
process.exit();
