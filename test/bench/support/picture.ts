/** A picture of the bench: for each row a bar for each program, on a logarithmic scale. */
import type { Figures } from './row.js';
import { summariesOf } from './statistics.js';

const COLOURS = { ours: '#1b7f5c', original: '#8a5a00', keepalived: '#3a5fa8' } as const;
const NAMES = { ours: 'this program', original: 'Heartbeat 3.0.6', keepalived: 'keepalived' } as const;
const WIDTH = 900;
const LABEL = 16;
const BAR = 16;
const LEFT = 150;
const RIGHT = 110;
/** The smallest figure that has a bar: a tenth of a millisecond. */
const LEAST = 0.1;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Bar {
  readonly contender: Figures['contender'];
  readonly median: number;
  readonly max: number;
}

/** An SVG document of the rows that are in milliseconds. */
export function pictureOf(rows: readonly (readonly Figures[])[]): string {
  const parts: string[] = [];
  const sections = rows
    .filter(([first]) => first?.row.unit === 'ms')
    .map((all) => ({
      title: all[0]?.row.title ?? '',
      bars: all.flatMap((figures): Bar[] =>
        [...summariesOf(figures)].map(([, { median, max }]) => ({
          contender: figures.contender,
          median,
          max,
        })),
      ),
    }))
    .filter(({ bars }) => bars.length > 0);
  const most = Math.max(1, ...sections.flatMap(({ bars }) => bars.map(({ max }) => max)));
  const scale = (value: number): number =>
    ((Math.log10(Math.max(LEAST, value)) - Math.log10(LEAST)) / (Math.log10(most) - Math.log10(LEAST))) *
    (WIDTH - LEFT - RIGHT);
  let y = 30;
  for (const { title, bars } of sections) {
    parts.push(`<text x="10" y="${y}" font-weight="bold">${escaped(title)}</text>`);
    y += LABEL;
    for (const { contender, median, max } of bars) {
      const width = scale(median).toFixed(1);
      const whisker = (LEFT + scale(max)).toFixed(1);
      parts.push(
        `<text x="10" y="${y + 11}">${NAMES[contender]}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 5}" fill="${COLOURS[contender]}"/>`,
        `<line x1="${LEFT + Number(width)}" x2="${whisker}" y1="${y + 5}" y2="${y + 5}" stroke="${COLOURS[contender]}"/>`,
        `<text x="${Number(whisker) + 6}" y="${y + 11}">${median.toFixed(1)} ms</text>`,
      );
      y += BAR;
    }
    y += LABEL;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12" role="img" aria-label="Medians of each measurement; the thin line ends at the longest run; logarithmic scale">`,
    `<rect width="${WIDTH}" height="${y}" fill="white"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
