/** Texts of `heartbeat simulate`: the list of statements, and the ranking of what would hurt. */
import { EXPECTATIONS, VERBS } from '../sim/scenario/verbs.js';
import type { Failure, WorstCase } from '../sim/scenario/worst-case.js';

/** How a scenario is written, before its statements are listed. */
export const SCENARIO_INTRODUCTION = `One statement a line; "#" begins a comment.
  at 10s STATEMENT       at this time from the beginning (500ms, 10s, 2min, 1h); times never go back
  after 2s STATEMENT     so much later than the statement above
  STATEMENT              at the same time as the statement above
  STATEMENT for 5s       its end is planned too (where it has one)
  until 60s              the scenario lasts so long (otherwise: one second longer than its last statement)
  seed 7                 other chances
NODE, LINK, GROUP and RESOURCE are names of your files: a node of ha.cf, an interface or serial device of ha.cf, a
group by its address or script, a script or address of haresources; WITNESS is a ping host of
ha.cf; SECONDS is a time with a sign, such as +1h or -30s. [words] may be left out; a|b is a choice.`;

interface Row {
  readonly pattern: string;
  readonly sentence: string;
}

/** What can happen, for the manual. */
export const STATEMENT_ROWS: readonly Row[] = VERBS;
/** What stands behind "expect", for the manual. */
export const EXPECTATION_ROWS: readonly Row[] = EXPECTATIONS;

/** `--list`. */
export function listOfStatements(): string {
  const row = ({ pattern, sentence }: Row): string => `  ${pattern.padEnd(46)} ${sentence}`;
  return [
    SCENARIO_INTRODUCTION,
    '',
    'What happens:',
    ...VERBS.map(row),
    '',
    'What is expected (behind "expect"):',
    ...EXPECTATIONS.map(row),
  ].join('\n');
}

function failureLines({ title, harms }: Failure, rank: number): string[] {
  const [worst, ...others] = harms;
  const first = `${String(rank).padStart(3)}. ${title}: ${worst?.sentence ?? 'nothing happens'}.`;
  return [first, ...others.map(({ sentence }) => `       ${sentence}.`)];
}

/** The ranking in sentences. */
export function worstCaseText({ remarks, failures }: WorstCase, notes: readonly string[]): string {
  const harmful = failures.filter(({ harms }) => harms.length > 0);
  const harmless = failures.filter(({ harms }) => harms.length === 0);
  return [
    ...notes.map((note) => `note: ${note}`),
    ...(remarks.length > 0
      ? ['What the files tell by themselves:', ...remarks.map((one) => `  - ${one}`), '']
      : []),
    `${failures.length} failures were played. What would hurt, the worst first:`,
    ...harmful.flatMap((failure, index) => failureLines(failure, index + 1)),
    '',
    `No service was interrupted by these ${harmless.length}:`,
    ...harmless.map(({ title }) => `  - ${title}`),
  ].join('\n');
}

export function worstCaseJson(found: WorstCase, notes: readonly string[]): string {
  return JSON.stringify({ notes, ...found }, null, 2);
}
