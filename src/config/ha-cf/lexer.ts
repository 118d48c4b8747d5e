/** ha.cf as lines and words (heartbeat-admin.md 1.1). */
import type { Place } from '../problems.js';

/** A word with its place. */
export interface Word extends Place {
  readonly text: string;
}

/** One line that holds a directive. */
export interface DirectiveLine {
  readonly name: Word;
  /** All behind the name, without the blanks around it; empty when there is nothing. */
  readonly rest: Word;
  /** `rest` split at blanks, tabs and commas. */
  readonly pieces: readonly Word[];
  /** A NUL or form feed cut the line before its end (position of the cut), or undefined. */
  readonly cutColumn: number | undefined;
}

/** Where a line's text ends: a comment, a NUL, a form feed, a carriage return. */
const END_OF_TEXT = /[#\0\f\r]/;

/** The directives of the text, in order. Any text is fine; blank lines and comments vanish. */
export function readDirectiveLines(text: string): readonly DirectiveLine[] {
  const found: DirectiveLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = readLine(raw, index + 1);
    if (line !== undefined) found.push(line);
  }
  return found;
}

function readLine(raw: string, line: number): DirectiveLine | undefined {
  const end = raw.search(END_OF_TEXT);
  const text = (end < 0 ? raw : raw.slice(0, end)).replace(/[ \t]+$/, '');
  const start = text.search(/[^ \t]/);
  if (start < 0) return undefined;
  const name = /^[^ \t]+/.exec(text.slice(start))?.[0] ?? '';
  const afterName = start + name.length;
  const restText = text.slice(afterName).replace(/^[ \t]+/, '');
  const restStart = text.length - restText.length;
  const cut = end >= 0 && (raw[end] === '\0' || raw[end] === '\f') && raw.slice(end + 1).trim() !== '';
  return {
    name: { text: name, line, column: start + 1 },
    rest: { text: restText, line, column: restStart + 1 },
    pieces: splitWords(restText, /[^ \t,]+/g, line, restStart),
    cutColumn: cut ? end + 1 : undefined,
  };
}

/** The words of `text` that `pattern` matches; `offset` is the number of characters of the line before it. */
export function splitWords(text: string, pattern: RegExp, line: number, offset: number): readonly Word[] {
  return [...text.matchAll(pattern)].map((match) => ({
    text: match[0],
    line,
    column: offset + match.index + 1,
  }));
}

/** The blank-separated words of a whole-line argument. */
export function blankWords(rest: Word): readonly Word[] {
  return splitWords(rest.text, /[^ \t]+/g, rest.line, rest.column - 1);
}
