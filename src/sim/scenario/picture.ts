/** A played scenario as a picture (SVG): who had what when, when a service was down, and what was done meanwhile. */
import { groupTitle } from './names.js';
import type { Played } from './play.js';
import type { Sight } from './watch.js';

const WIDTH = 1120;
const LEFT = 170;
const RIGHT = 30;
const LANE = 20;
const GAP = 26;
const ACT_LINE = 16;
const LETTER = 6.8;

const INK = '#1f2933';
const FAINT = '#9aa5b1';
const SERVES = '#2f8f5b';
const PARTLY = '#b7dfc7';
const DOWN = '#d64545';
const DOUBLE = '#8e3fbf';

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** Steps of the scale that a person can read, ms. */
const STEPS_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000, 3_600_000,
];

class Drawing {
  readonly parts: string[] = [];
  /** How far to the right labels reach, by their line. */
  readonly #labelled = new Map<number, number>();
  readonly #untilMs: number;

  constructor(untilMs: number) {
    this.#untilMs = Math.max(1, untilMs);
  }

  x(atMs: number): number {
    return LEFT + ((WIDTH - LEFT - RIGHT) * Math.min(atMs, this.#untilMs)) / this.#untilMs;
  }

  bar(fromMs: number, untilMs: number, y: number, height: number, colour: string, title: string): void {
    const x = this.x(fromMs);
    // What lasted a moment only must still be seen.
    const width = Math.max(1.5, this.x(untilMs) - x);
    const box = `x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}"`;
    this.parts.push(`<rect ${box} fill="${colour}"><title>${escaped(title)}</title></rect>`);
  }

  text(
    x: number,
    y: number,
    text: string,
    options: { anchor?: 'middle' | 'end'; colour?: string; bold?: boolean } = {},
  ): void {
    const anchor = options.anchor === undefined ? '' : ` text-anchor="${options.anchor}"`;
    const weight = options.bold === true ? ' font-weight="bold"' : '';
    this.parts.push(
      `<text x="${x.toFixed(1)}" y="${y}" fill="${options.colour ?? INK}"${anchor}${weight}>${escaped(text)}</text>`,
    );
  }

  /** A label that would cover another is left out: the bar has it as its title. */
  label(x: number, y: number, text: string, colour: string): void {
    if (x < (this.#labelled.get(y) ?? 0)) return;
    this.#labelled.set(y, x + text.length * LETTER + 6);
    this.text(x, y, text, { colour });
  }

  line(x: number, fromY: number, toY: number, colour: string, dashed = false): void {
    const dash = dashed ? ' stroke-dasharray="3 3"' : '';
    this.parts.push(
      `<line x1="${x.toFixed(1)}" y1="${fromY}" x2="${x.toFixed(1)}" y2="${toY}" stroke="${colour}"${dash}/>`,
    );
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 1000 ? 3 : 1)} s`;

/** Times in which a predicate holds, from the sights of a group. */
function spans(
  sights: readonly Sight[],
  untilMs: number,
  holds: (sight: Sight) => boolean,
): { readonly fromMs: number; readonly untilMs: number }[] {
  return sights.flatMap((sight, index) => {
    const endMs = sights[index + 1]?.atMs ?? untilMs;
    return holds(sight) && endMs > sight.atMs ? [{ fromMs: sight.atMs, untilMs: endMs }] : [];
  });
}

function drawGroup(drawing: Drawing, played: Played, key: string, top: number): number {
  const { watch, names, untilMs } = played;
  const sights = watch.sights(key);
  const title = groupTitle(names.groups, key);
  drawing.text(12, top + 14, title, { bold: true });
  let y = top;
  for (const node of names.nodes) {
    drawing.text(LEFT - 10, y + 14, node, { anchor: 'end' });
    drawing.parts.push(
      `<rect x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${LANE - 4}" fill="#f1f4f7"/>`,
    );
    for (const span of spans(sights, untilMs, ({ owners }) => owners.includes(node)))
      drawing.bar(span.fromMs, span.untilMs, y, LANE - 4, PARTLY, `${title} is partly active on ${node}`);
    for (const span of spans(sights, untilMs, ({ serving }) => serving.includes(node)))
      drawing.bar(span.fromMs, span.untilMs, y, LANE - 4, SERVES, `${node} serves ${title}`);
    y += LANE;
  }
  drawing.text(LEFT - 10, y + 9, 'service', { anchor: 'end', colour: FAINT });
  // Two owners first: their labels matter most.
  for (const { fromMs, untilMs: endMs } of watch.twoOwners(key)) {
    const until = endMs ?? untilMs;
    drawing.bar(fromMs, until, y, 8, DOUBLE, `two owners of ${title} for ${seconds(until - fromMs)}`);
    drawing.label(drawing.x(fromMs), y + 21, `two owners ${seconds(until - fromMs)}`, DOUBLE);
  }
  for (const { fromMs, untilMs: endMs } of watch.outages(key)) {
    const until = endMs ?? untilMs;
    drawing.bar(fromMs, until, y, 8, DOWN, `${title} is down for ${seconds(until - fromMs)}`);
    drawing.label(drawing.x(fromMs), y + 21, `down ${seconds(until - fromMs)}`, DOWN);
  }
  return y + GAP + 6;
}

function drawScale(drawing: Drawing, untilMs: number, top: number, bottom: number): void {
  const stepMs = STEPS_MS.find((step) => untilMs / step <= 12) ?? STEPS_MS.at(-1) ?? 3_600_000;
  for (let atMs = 0; atMs <= untilMs; atMs += stepMs) {
    drawing.line(drawing.x(atMs), top, bottom, '#e4e9ee');
    drawing.text(drawing.x(atMs), bottom + 16, `${atMs / 1000} s`, { anchor: 'middle', colour: FAINT });
  }
}

/** Acts of the same moment share a number; the list below the picture says what each is. */
function drawActs(drawing: Drawing, played: Played, top: number, bottom: number): string[] {
  const list: string[] = [];
  let lastX = Number.NEGATIVE_INFINITY;
  let level = 0;
  for (const { atMs, text } of played.acts) {
    list.push(`${list.length + 1}  ${seconds(atMs)}  ${text}`);
    const x = drawing.x(atMs);
    level = x - lastX < 16 ? (level + 1) % 3 : 0;
    lastX = x;
    drawing.line(x, top - 6, bottom, '#52606d', true);
    drawing.text(x, top - 9 - level * 12, String(list.length), { anchor: 'middle' });
  }
  return list;
}

/** The picture as the text of an SVG file. */
export function drawPicture(played: Played, title: string): string {
  const drawing = new Drawing(played.untilMs);
  const top = 96;
  const { names, watch, untilMs } = played;
  const bottom = top + watch.groups.length * (names.nodes.length * LANE + GAP + 6);
  drawing.text(12, 24, title, { bold: true });
  drawScale(drawing, untilMs, top - 4, bottom);
  const list = drawActs(drawing, played, top, bottom);
  let y = top;
  for (const key of watch.groups) y = drawGroup(drawing, played, key, y);
  const legend: readonly (readonly [string, string])[] = [
    [SERVES, 'serves'],
    [PARTLY, 'partly active'],
    [DOWN, 'nobody serves'],
    [DOUBLE, 'two owners'],
  ];
  legend.forEach(([colour, text], index) => {
    const x = LEFT + index * 140;
    drawing.parts.push(`<rect x="${x}" y="34" width="12" height="12" fill="${colour}"/>`);
    drawing.text(x + 18, 45, text);
  });
  for (const [index, text] of list.entries()) drawing.text(LEFT, bottom + 42 + index * ACT_LINE, text);
  const height = bottom + 50 + list.length * ACT_LINE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...drawing.parts,
    '</svg>',
    '',
  ].join('\n');
}
