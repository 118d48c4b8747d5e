/** HTML in which nothing from outside is markup: every value goes through `html`. */
import { oneLine } from '../../log/format.js';

/** Text that is markup already. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined;

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A template whose values are escaped, but for Markup; undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = parts[0] ?? '';
  for (const [at, value] of values.entries()) text += textOf(value) + (parts[at + 1] ?? '');
  return new Markup(text);
}

function textOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

/** `16:03:15`, of this machine's time zone. */
export function clock(wallMs: number): string {
  const time = new Date(wallMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
}

/** `Nov 21 16:03:15` */
export function dayAndClock(wallMs: number): string {
  const time = new Date(wallMs);
  return `${time.toLocaleString('en-GB', { month: 'short' })} ${two(time.getDate())} ${clock(wallMs)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A group's key is often an address with its prefix and interface: the address is name enough where room is scarce. */
export function shortKey(key: string): string {
  return /^[0-9a-fA-F.:]+\//.test(key) ? (key.split('/')[0] ?? key) : key;
}

/** A word with its colour and a sign, so that colour is never all there is. */
export function badge(kind: 'good' | 'busy' | 'bad' | 'quiet', word: string): Markup {
  const sign = { good: '●', busy: '◐', bad: '✕', quiet: '○' }[kind];
  return html`<span class="badge ${kind}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** A table that scrolls within itself on a small screen; reachable by keyboard. `named`: its first column is the rows' name. */
export function tableOf(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly (Markup | string)[])[],
  named = true,
): Markup {
  const id = caption.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return html`<div class="scroll" id="table-${id}" tabindex="0" role="region" aria-label="${caption}"><table>
<thead><tr>${header.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, at) => (at === 0 && named ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>\n`)}</tbody>
</table></div>`;
}
