/** The table of `npm run interop`: a line for each row. */
import type { GroupName } from './mixed-cluster.js';
import type { Row } from './story.js';

const milliseconds = (value: number | null): string => (value === null ? '-' : value.toFixed(0));

function outageCell(row: Row): string {
  return (['a', 'b'] satisfies GroupName[]).map((name) => milliseconds(row.outageMs[name])).join('/');
}

function ownersCell(row: Row): string {
  const total = row.twoOwnersMs.a + row.twoOwnersMs.b;
  if (total === 0) return 'never';
  return `${total.toFixed(0)} ms${row.twoOwnersWhy === undefined ? '' : ' (as two originals)'}`;
}

function wireCell(row: Row): string {
  if (row.wire === undefined) return 'no trace';
  return row.wire.verdict === 'acts'
    ? `same acts; ${row.wire.detail || 'other order of reports'}`
    : row.wire.verdict;
}

const HEAD = [
  'scenario',
  'step',
  'node1+node2',
  'setting',
  'before',
  'after',
  'outage a/b ms',
  'two owners',
  'wire',
  'verdict',
];

/** The cells of a row. */
export function cellsOf(row: Row): string[] {
  const holding = ({ node1, node2 }: Row['before']): string => `${node1}|${node2}`;
  return [
    row.story,
    row.step,
    row.kinds.join('+'),
    row.setting,
    holding(row.before),
    holding(row.after),
    outageCell(row),
    ownersCell(row),
    wireCell(row),
    row.passed ? 'pass' : 'FAIL',
  ];
}

/** All rows as a table in plain text, problems below their row. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const shown = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const out = [shown[0] ?? ''];
  rows.forEach((row, index) => {
    out.push(shown[index + 1] ?? '');
    for (const problem of row.problems) out.push(`    ${problem}`);
  });
  return out.join('\n');
}
