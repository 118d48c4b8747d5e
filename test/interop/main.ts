/**
 * `npm run interop [-- PATTERN... --jobs N --runs N --logs DIR]`: mixed clusters of this program and the original
 * Heartbeat 3.0.6, each story with our node as node1 and as node2. Prints a row for each step as it ends and the whole
 * table at the end. `npm run interop -- vrrp` plays VRRP with the real keepalived instead. Exit 0: all passed, 1: something failed, 2: the original is not installed or the lab cannot be.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitWithParent } from '../lab/lib/index.js';
import { STORIES } from './scenarios/index.js';
import type { Kind } from './support/machines.js';
import { labAbsent, type MixedCluster } from './support/mixed-cluster.js';
import { originalAbsent } from './support/original-node.js';
import { play, type Row, type Story } from './support/story.js';
import { cellsOf, tableOf } from './support/table.js';

interface Job {
  readonly story: Story;
  readonly kinds: readonly [Kind, Kind];
  readonly run: number;
}

const EXIT_ABSENT = 2;
const REPLAY =
  'The original lost a message of its own scripts ("Message with zero fields" in its log): this story is played again.';
const MAX_COUNT = 100;

if (process.argv[2] === 'vrrp') {
  exitWithParent();
  const { runVrrpInterop } = await import('./vrrp/main.js');
  process.exit(await runVrrpInterop(process.argv.slice(3)));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '2' },
    runs: { type: 'string', default: '1' },
    logs: { type: 'string' },
    only: { type: 'string' },
  },
});

function countOf(text: string, name: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= MAX_COUNT) return count;
  process.stderr.write(`--${name} takes a number from 1 to ${MAX_COUNT}, not ${text}.\n`);
  process.exit(1);
}

function jobsOf(runs: number): Job[] {
  const wanted = STORIES.filter(
    ({ name }) => positionals.length === 0 || positionals.some((pattern) => name.includes(pattern)),
  );
  const jobs: Job[] = [];
  for (let run = 1; run <= runs; run++) {
    for (const story of wanted) {
      for (const kinds of [
        ['ours', 'original'],
        ['original', 'ours'],
      ] as const) {
        if (values.only === undefined || values.only === kinds.join('+')) jobs.push({ story, kinds, run });
      }
    }
  }
  return jobs;
}

async function keepLogs(cluster: MixedCluster, job: Job, row: Row): Promise<void> {
  if (values.logs === undefined) return;
  const name = `${job.story.name} ${row.kinds.join('+')} ${row.step} ${job.run}`.replaceAll(
    /[^A-Za-z0-9+]+/g,
    '-',
  );
  const first = cluster.tap.messages()[0]?.atMs ?? 0;
  const wire = cluster.tap.messages().map(({ atMs, from, seq, fields }) => {
    const { hbx: _, ld: _load, auth: _auth, srcuuid: _uuid, ...shown } = fields;
    return `${((atMs - first) / 1000).toFixed(3)} ${from} ${seq} ${JSON.stringify(shown)}`;
  });
  const logs = await Promise.all(
    cluster.machines.map(
      async (machine) => `--- ${machine.name} ${machine.kind}\n${await machine.node.log()}`,
    ),
  );
  mkdirSync(values.logs, { recursive: true });
  writeFileSync(
    join(values.logs, `${name}.txt`),
    [...row.problems, ...logs, '--- wire', ...wire, ''].join('\n'),
  );
}

async function main(): Promise<number> {
  const absent = originalAbsent() ?? labAbsent();
  if (absent !== undefined) {
    process.stderr.write(`No mixed cluster here: ${absent}\n`);
    return EXIT_ABSENT;
  }
  const waiting = jobsOf(countOf(values.runs, 'runs'));
  if (waiting.length === 0) {
    process.stderr.write(
      `No story has that in its name. There are: ${STORIES.map(({ name }) => name).join(', ')}.\n`,
    );
    return 1;
  }
  const rows: Row[] = [];
  let broken = 0;
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const now = job;
      try {
        const onRow = (row: Row): void => {
          process.stdout.write(`${cellsOf(row).join(' · ')}\n`);
          for (const problem of row.problems) process.stdout.write(`    ${problem}\n`);
        };
        const keep = (cluster: MixedCluster, row: Row): Promise<void> => keepLogs(cluster, now, row);
        const onReplay = (): void => {
          process.stdout.write(`    ${REPLAY}\n`);
        };
        rows.push(...(await play(now.story, now.kinds, onRow, keep, onReplay)));
      } catch (error) {
        broken += 1;
        process.stdout.write(
          `${now.story.name} ${now.kinds.join('+')}: could not be played: ${String(error)}\n`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: countOf(values.jobs, 'jobs') }, lane));
  process.stdout.write(`\n${tableOf(rows)}\n`);
  const failed = rows.filter(({ passed }) => !passed).length + broken;
  process.stdout.write(`${rows.length - failed + broken} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

exitWithParent();
process.exit(await main());
