/** A played scenario in words. */
import { groupTitle } from './names.js';
import type { Entry, Played } from './play.js';

const MARKS: Readonly<Record<Entry['kind'], string>> = {
  act: '>',
  event: ' ',
  service: '=',
  alarm: '!',
  passed: 'ok',
  failed: 'FAILED',
};

const stamp = (ms: number): string => `[${(ms / 1000).toFixed(1).padStart(7)} s]`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

function lineOf({ atMs, kind, node, text }: Entry): string {
  const mark = MARKS[kind];
  const who = node === null ? '' : `${node}: `;
  return `${stamp(atMs)} ${mark.padEnd(2)} ${who}${text}`;
}

/** What happened, line by line; the marks: `>` done to the cluster, `=` services, `!` alarming, `ok` and `FAILED`. */
export function storyLines(played: Played): string[] {
  return played.entries.map(lineOf);
}

/** What came of it for each group, and of the expectations. */
export function summaryLines({ watch, names, outcomes, violations, untilMs }: Played): string[] {
  const lines: string[] = [];
  for (const key of watch.groups) {
    const title = groupTitle(names.groups, key);
    lines.push(`${title}: ${watch.course(key).join(', then ') || 'never ran'}.`);
    for (const { fromMs, untilMs: endMs } of watch.outages(key)) {
      const length = seconds((endMs ?? untilMs) - fromMs);
      lines.push(`    down for ${length} from ${seconds(fromMs)}${endMs === null ? ', to the end' : ''}`);
    }
    for (const { fromMs, untilMs: endMs, owners } of watch.twoOwners(key)) {
      const length = seconds((endMs ?? untilMs) - fromMs);
      const until = endMs === null ? ', to the end' : '';
      lines.push(`    TWO OWNERS, ${owners.join(' and ')}, for ${length} from ${seconds(fromMs)}${until}`);
    }
  }
  for (const violation of violations) lines.push(`WRONG ORDER: ${violation}`);
  const failed = outcomes.filter(({ ok }) => !ok).length;
  if (outcomes.length > 0)
    lines.push(
      failed === 0
        ? `All ${outcomes.length} expectations were met.`
        : `${failed} of ${outcomes.length} expectations were not met.`,
    );
  return lines;
}

/** The whole story as one text. */
export function tellStory(played: Played): string {
  return `${[...storyLines(played), '', ...summaryLines(played)].join('\n')}\n`;
}
