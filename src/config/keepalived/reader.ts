/** The lines of a file with all that it includes, definitions replaced and conditions applied. */
import { Problems } from '../problems.js';
import { Definitions } from './definitions.js';
import { type Line, linesOfRow, withoutOddBlanks } from './lexer.js';

export interface IncludedFile {
  readonly path: string;
  readonly text: string;
}

export type Include = (pattern: string, from: string) => readonly IncludedFile[];

const INCLUDE = /^(include|includer|includem|includew|includeb|includea)$/;
const MAX_INCLUDES = 100;

export interface ReadLines {
  readonly lines: readonly Line[];
  /** Diagnostics of each file, the first one first. */
  readonly all: readonly Problems[];
}

/** `id`: see Definitions. */
export function readLines(file: IncludedFile, problems: Problems, id: string, include: Include): ReadLines {
  const definitions = new Definitions(id);
  const all: Problems[] = [problems];
  const lines: Line[] = [];
  const open: string[] = [];

  function read(one: IncludedFile, told: Problems): void {
    open.push(one.path);
    let pending = '';
    withoutOddBlanks(one.text, told)
      .split('\n')
      .forEach((row, index) => {
        const place = { line: index + 1, column: 0 };
        // A backslash at the end of a line continues definitions only.
        const whole = pending + row;
        if (/^\s*\$\w+\s*=/.test(whole) && whole.endsWith('\\')) {
          pending = whole.slice(0, -1);
          return;
        }
        pending = '';
        const text = definitions.apply(whole, place, told);
        if (text === undefined) return;
        for (const line of linesOfRow(text, place, told)) {
          if (INCLUDE.test(line.words[0]?.text ?? '')) includeAll(line, one.path, told);
          else lines.push(line);
        }
      });
    open.pop();
  }

  function includeAll(line: Line, from: string, told: Problems): void {
    const pattern = line.words[1]?.text;
    if (pattern === undefined) {
      told.error(line, 'argument-missing', 'include needs a file name or a pattern.');
      return;
    }
    const found = include(pattern, from);
    if (found.length === 0) {
      const message = `include ${pattern}: no such file.`;
      // A pattern that matches nothing is how empty conf.d folders look.
      if (/[*?[]/.test(pattern)) told.info(line, 'include-empty', message);
      else told.error(line, 'include-missing', message, `Names are relative to the folder of ${from}.`);
    }
    for (const one of found) {
      if (open.includes(one.path) || all.length > MAX_INCLUDES) {
        told.error(
          line,
          'include-circle',
          `include ${pattern} leads in a circle, or to more than ${MAX_INCLUDES} files.`,
        );
        return;
      }
      const inner = new Problems(one.path);
      all.push(inner);
      read(one, inner);
    }
  }

  read(file, problems);
  return { lines, all };
}
