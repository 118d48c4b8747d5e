/** The table of a bench, as text. */
import type { Figures } from './row.js';
import { summariesOf } from './statistics.js';

const NAMES = { ours: 'this program', original: 'Heartbeat 3.0.6', keepalived: 'keepalived' } as const;

function shown(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : value.toFixed(value !== 0 && Math.abs(value) < 10 ? 2 : 1);
}

/** A verdict against the bound of a figure; empty when there is none for it. */
export function verdictOf(figures: Figures, name: string, median: number): string {
  const bound = figures.row.bounds[name];
  if (bound === undefined || figures.contender !== 'ours') return '';
  return median <= bound ? `reached (<= ${bound})` : `NOT reached (<= ${bound})`;
}

/** Lines of the table for one row. */
export function linesOf(all: readonly Figures[]): string[] {
  const [first] = all;
  if (first === undefined) return [];
  const lines = [`${first.row.title}${first.row.unit === '' ? '' : ` [${first.row.unit}]`}`];
  for (const figures of all) {
    const name = NAMES[figures.contender].padEnd(16);
    if (figures.failed !== undefined) lines.push(`  ${name} not measured: ${figures.failed}`);
    for (const [figure, { min, median, max, count }] of summariesOf(figures)) {
      const label = figure === 'ms' ? '' : `${figure}  `;
      const again = figures.repeated > 0 ? `, ${figures.repeated} repeated` : '';
      lines.push(
        `  ${name} ${label}median ${shown(median)}  min ${shown(min)}  max ${shown(max)}  (${count} runs${again})  ${verdictOf(figures, figure, median)}`.trimEnd(),
      );
    }
  }
  return lines;
}
