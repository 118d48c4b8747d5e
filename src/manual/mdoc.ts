/** Text for manual pages in mdoc(7): escaping, one sentence per line, lines that mandoc -Tlint has no objection to. */

const LINE_MAX = 76;
/** The pages carry one date, so that the same tables give the same bytes. */
const DATE = 'November 21, 2026';

/** Text in which nothing is taken for a request or an escape. */
export function escaped(text: string): string {
  const safe = text.replaceAll('\\', '\\e').replace(/\s+/g, ' ').trim();
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}

/** One word of a macro line: never taken for a macro or a delimiter. */
function word(text: string): string {
  const safe = text.replaceAll('\\', '\\e').replaceAll('"', '\\(dq');
  const guarded = /^(?:[A-Z%][A-Za-z0-9]{0,2}|[.,:;()[\]?!|]+)$/.test(safe) ? `\\&${safe}` : safe;
  return /\s/.test(guarded) ? `"${guarded}"` : guarded;
}

/** A macro line such as `.It Cm name Ar value`; an empty word is left out. */
export function macro(name: string, ...words: readonly string[]): string {
  return [`.${name}`, ...words.filter((one) => one !== '').map(word)].join(' ');
}

/** Words that are macros on purpose: `mixed('It', ['Cm', 'keepalive'], ['Ar', 'TIME'])`. */
export function mixed(
  name: string,
  ...pairs: readonly (readonly [macroName: string, text: string])[]
): string {
  const parts = pairs.filter(([, text]) => text !== '').map(([inner, text]) => `${inner} ${word(text)}`);
  return [`.${name}`, ...parts].join(' ');
}

/** A paragraph: sentences on lines of their own, wrapped. */
export function prose(text: string): readonly string[] {
  const sentences = text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[a-z0-9)"'*][.!?]"?) (?=[A-Z"(`])/);
  return sentences.flatMap((sentence) => wrapped(escaped(sentence)));
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(' ')) {
    if (line !== '' && line.length + part.length + 1 > LINE_MAX) {
      lines.push(line);
      line = '';
    }
    // A line may not begin with what counts as a request.
    line = line === '' ? part.replace(/^([.'])/, '\\&$1') : `${line} ${part}`;
  }
  return [...lines, line];
}

/** A list of terms: each is a ready macro line and the text below it. */
export function terms(
  items: readonly { readonly term: string; readonly text: readonly string[] }[],
): string[] {
  return ['.Bl -tag -width Ds', ...items.flatMap(({ term, text }) => [term, ...text]), '.El'];
}

/** Literal text in its lines. */
export function example(...lines: readonly string[]): string[] {
  const safe = lines.map((line) => {
    const text = line.replaceAll('\\', '\\e').replaceAll('\t', '    ');
    return /^[.']/.test(text) ? `\\&${text}` : text;
  });
  return ['.Bd -literal -offset indent', ...safe, '.Ed'];
}

export interface Page {
  /** "ha.cf" */
  readonly name: string;
  readonly section: 1 | 5 | 8;
  readonly summary: string;
  /** Lines below SYNOPSIS; absent: the section is left out. */
  readonly synopsis?: readonly string[];
  readonly description: readonly string[];
  /** Further sections in their order. */
  readonly sections?: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly seeAlso: readonly (readonly [name: string, section: number])[];
}

/** The text of a page, ending with a newline. */
export function pageText(page: Page): string {
  const seeAlso = [...page.seeAlso].sort(
    ([a, as], [b, bs]) => as - bs || (a.toLowerCase() < b.toLowerCase() ? -1 : 1),
  );
  const lines = [
    '.\\" Made from the tables of the program.',
    `.Dd ${DATE}`,
    `.Dt ${page.name.toUpperCase()} ${page.section}`,
    '.Os',
    '.Sh NAME',
    macro('Nm', page.name),
    macro('Nd', '').concat(` ${page.summary}`),
    ...(page.synopsis === undefined ? [] : ['.Sh SYNOPSIS', ...page.synopsis]),
    '.Sh DESCRIPTION',
    ...page.description,
    ...(page.sections ?? []).flatMap(({ title, lines: inner }) => [`.Sh ${title}`, ...inner]),
    '.Sh SEE ALSO',
    ...seeAlso.map(([name, section], at) => `.Xr ${name} ${section}${at < seeAlso.length - 1 ? ' ,' : ''}`),
  ];
  return `${lines.join('\n')}\n`;
}
