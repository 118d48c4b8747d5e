/**
 * `npm run interop -- vrrp [PATTERN...] [--only ours+keepalived] [--jobs N]`: our VRRP daemon and the real keepalived as
 * the two nodes of each story, in both orders. Exit 0: all passed, 1: something failed, 2: keepalived is not installed.
 */
import { parseArgs } from 'node:util';
import { createPair, type Program, realKeepalivedMissing } from '../../lab/vrrp/pair.js';
import { VRRP_FURTHER_STORIES } from './further-stories.js';
import { VRRP_MISMATCH_STORIES } from './mismatch-stories.js';
import { VRRP_STORIES, type VrrpStory } from './stories.js';
import { VRRP_WIRE_STORIES } from './wire-stories.js';

interface Row {
  readonly story: string;
  readonly programs: string;
  readonly passed: boolean;
  readonly note: string;
}

const ORDERS: readonly (readonly [Program, Program])[] = [
  ['ours', 'keepalived'],
  ['keepalived', 'ours'],
];

/** Plays what matches; prints a row as each ends, and the table at the end. Resolves to the exit code. */
export async function runVrrpInterop(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      logs: { type: 'boolean', default: false },
    },
  });
  const missing = realKeepalivedMissing();
  if (missing !== undefined) {
    process.stderr.write(`${missing}.\n`);
    return 2;
  }
  const stories = [
    ...VRRP_WIRE_STORIES,
    ...VRRP_STORIES,
    ...VRRP_FURTHER_STORIES,
    ...VRRP_MISMATCH_STORIES,
  ].filter(({ name }) => positionals.length === 0 || positionals.some((pattern) => name.includes(pattern)));
  const jobs = stories.flatMap((story) =>
    ORDERS.filter((programs) => values.only === undefined || values.only === programs.join('+')).map(
      (programs) => ({ story, programs }),
    ),
  );
  const rows: Row[] = [];
  const worker = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const row = await playOne(job.story, job.programs, values.logs);
      rows.push(row);
      process.stdout.write(`${line(row)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs) || 1) }, worker));
  const failed = rows.filter(({ passed }) => !passed).length;
  process.stdout.write(`\nVRRP with keepalived: ${rows.length - failed} rows passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function line({ story, programs, passed, note }: Row): string {
  return `${passed ? 'passed' : 'FAILED'}  ${programs.padEnd(16)}  ${story}${note === '' ? '' : `: ${note}`}`;
}

async function playOne(story: VrrpStory, programs: readonly [Program, Program], logs: boolean): Promise<Row> {
  const pair = await createPair();
  const base = { story: story.name, programs: programs.join('+') };
  try {
    const note = await story.play(pair, programs);
    return { ...base, passed: true, note: note ?? '' };
  } catch (error) {
    if (logs) {
      for (const node of [pair.node1, pair.node2]) {
        const { stdout } = await node.exec(['cat', '/var/log/keepalived.log']);
        process.stdout.write(`--- ${node.name}\n${stdout}\n`);
      }
    }
    const note = error instanceof Error ? error.message : String(error);
    return { ...base, passed: false, note: note.split('\n').slice(0, 6).join(' ') };
  } finally {
    await pair.lab.destroy();
  }
}
