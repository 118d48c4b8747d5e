/** The last hours: which node served each group, and when none did. */
import type { GroupAvailability, ServiceSpan } from '../../daemon/runner/availability.js';
import { availabilityPercent, counted, duration } from '../../log/words.js';
import { clock, dayAndClock, html, type Markup, shortKey } from './html.js';

const MINUTE_MS = 60_000;
/** What the bars may span: what was seen fills a good part of them. */
const WINDOWS = [
  { minutes: 12, words: '12 minutes' },
  { minutes: 30, words: '30 minutes' },
  { minutes: 60, words: 'hour' },
  { minutes: 180, words: '3 hours' },
  { minutes: 360, words: '6 hours' },
] as const;
const TICKS = 6;
const WIDTH = 1000;
/** Shorter outages are drawn so wide, so that they are seen. */
const OUTAGE_WIDTH_MIN = 4;
const SERVERS = 4;
const GROUPS_SHOWN = 40;

interface Drawn {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly words: string;
}

/** How much of the past is shown. */
export function windowOf(
  groups: readonly GroupAvailability[],
  nowWallMs: number,
): { readonly lengthMs: number; readonly words: string } {
  const oldest = Math.min(nowWallMs, ...groups.map(({ sinceWallMs }) => sinceWallMs));
  const fitting = WINDOWS.find(({ minutes }) => nowWallMs - oldest <= minutes * MINUTE_MS);
  const { minutes, words } = fitting ?? WINDOWS[WINDOWS.length - 1] ?? WINDOWS[0];
  return { lengthMs: minutes * MINUTE_MS, words };
}

/** Bars for each group, or nothing when no group was ever served. `nodes`: in the order of ha.cf, for their colours. */
export function timeline(
  groups: readonly GroupAvailability[],
  nodes: readonly string[],
  nowWallMs: number,
): Markup {
  if (groups.length === 0) return html`<p class="dim">No service has been seen yet.</p>`;
  const { lengthMs } = windowOf(groups, nowWallMs);
  const from = nowWallMs - lengthMs;
  const bars = groups.slice(0, GROUPS_SHOWN).map((one) => {
    const drawn = drawnOf(one.spans, nodes, from, nowWallMs);
    const rows = drawn.map(
      ({ from: x, to, kind, words }) =>
        html`<rect class="${kind}" x="${x.toFixed(1)}" y="0" width="${(to - x).toFixed(1)}" height="22"><title>${words}</title></rect>`,
    );
    const label = `${one.group}: ${drawn.map(({ words }) => words).join('; ')}`;
    return html`<div class="who" title="${one.group}">${shortKey(one.group)}</div><div><svg viewBox="0 0 ${WIDTH} 22" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="unseen" width="${WIDTH}" height="22"/>${rows}</svg></div>`;
  });
  const hours = Array.from({ length: TICKS + 1 }, (_, at) =>
    clock(from + (at * lengthMs) / TICKS).slice(0, 5),
  );
  const more = groups.length - GROUPS_SHOWN;
  return html`<div class="timeline">${bars}<div></div><div class="hours" aria-hidden="true">${hours.map((hour) => html`<span>${hour}</span>`)}</div></div>
${more > 0 ? html`<p class="dim">And ${counted(more, 'group')} more in status.json.</p>` : undefined}
<ul class="legend">${nodes.slice(0, SERVERS).map((node, at) => legend(`server${at}`, `served by ${node}`))}${legend('down', 'served by none')}${legend('unseen', 'not seen from here')}</ul>`;
}

function legend(kind: string, words: string): Markup {
  return html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg>${words}</li>`;
}

function drawnOf(
  spans: readonly ServiceSpan[],
  nodes: readonly string[],
  fromMs: number,
  toMs: number,
): readonly Drawn[] {
  const at = (wallMs: number): number =>
    (WIDTH * (Math.min(Math.max(wallMs, fromMs), toMs) - fromMs)) / (toMs - fromMs);
  const drawn = spans.flatMap((span, index): Drawn[] => {
    const endMs = spans[index + 1]?.startWallMs ?? toMs;
    if (endMs < fromMs || span.startWallMs >= toMs) return [];
    const isDown = span.seen && span.server === null;
    const from = at(span.startWallMs);
    const to = Math.max(at(endMs), isDown ? Math.min(from + OUTAGE_WIDTH_MIN, WIDTH) : 0);
    return [{ from, to, kind: kindOf(span, nodes), words: wordsOf(span, endMs, index === spans.length - 1) }];
  });
  // Outages last: they are drawn over what stands beside them.
  return [...drawn.filter(({ kind }) => kind !== 'down'), ...drawn.filter(({ kind }) => kind === 'down')];
}

function kindOf({ seen, server }: ServiceSpan, nodes: readonly string[]): string {
  if (!seen) return 'unseen';
  if (server === null) return 'down';
  return `server${Math.max(0, nodes.indexOf(server)) % SERVERS}`;
}

function wordsOf({ seen, server, startWallMs }: ServiceSpan, endMs: number, isLast: boolean): string {
  const what = seen ? (server === null ? 'served by none' : `served by ${server}`) : 'not seen from here';
  const length = isLast ? '' : ` for ${duration(Math.max(0, endMs - startWallMs))}`;
  return `${what} from ${dayAndClock(startWallMs)}${length}`;
}

/** Availability in figures. */
export function availabilityRows(
  groups: readonly GroupAvailability[],
): readonly (readonly (Markup | string)[])[] {
  return groups.map((one) => {
    const last = one.lastOutages.at(-1);
    return [
      one.group,
      availabilityPercent(one.availability),
      duration(one.observedMs),
      String(one.outages),
      one.mttrMs === null ? '-' : duration(one.mttrMs),
      one.mtbfMs === null ? '-' : duration(one.mtbfMs),
      last === undefined
        ? '-'
        : last.endWallMs === null
          ? html`<span class="bad">since ${dayAndClock(last.startWallMs)}</span>`
          : `${dayAndClock(last.startWallMs)}, ${duration(Math.max(0, last.endWallMs - last.startWallMs))}`,
    ];
  });
}
