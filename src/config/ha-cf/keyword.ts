/** One row of the table of ha.cf: parser, checker, `heartbeat -D`, help and manual are made from it. */
import { shown } from '../problems.js';
import { parseTimeMs, timeHint } from '../time.js';
import { type Handler, type LineContext, refuse } from './draft.js';
import type { Word } from './lexer.js';

export interface Keyword {
  readonly name: string;
  /**
   * scalar: the line is split at blanks and commas and the last piece wins; list: every piece counts;
   * line: the text behind the name is one argument.
   */
  readonly kind: 'scalar' | 'list' | 'line';
  /** How the argument is written, e.g. "TIME" or "DEV GROUP PORT TTL LOOP". */
  readonly argument: string;
  /** Unit of a plain number, e.g. "s"; empty when there is none. */
  readonly unit: string;
  /** As in the file; empty when there is no default. */
  readonly defaultText: string;
  /** What is accepted, in words. */
  readonly range: string;
  /** One sentence of documentation. */
  readonly sentence: string;
  /** A second value is refused. */
  readonly once?: boolean;
  /** Another name that counts as the same directive. */
  readonly alias?: string;
  /** A line without an argument is an error (otherwise it changes nothing). */
  readonly required?: boolean;
  readonly handle: Handler;
}

/** The parts of a scalar row that differ. */
export interface ScalarParts {
  readonly name: string;
  readonly defaultText: string;
  readonly sentence: string;
}

/** `atoi` of C: the leading decimal digits with their sign, 0 when there are none. */
export function leadingInteger(text: string): number {
  return Number(/^[+-]?\d+/.exec(text)?.[0] ?? 0);
}

export function timeRow(parts: ScalarParts): Keyword {
  return {
    ...parts,
    kind: 'scalar',
    argument: 'TIME',
    unit: 's',
    range: 'more than 0',
    handle: (word, context) => {
      const ms = parseTimeMs(word.text);
      if (ms === undefined) {
        const message = `${shown(word.text)} is no time for ${parts.name}.`;
        return refuse(context, word, 'time-invalid', message, timeHint(word.text));
      }
      context.draft.timesMs.set(parts.name, ms);
      return true;
    },
  };
}

const TRUE_WORDS = ['true', 'on', 'yes', 'y', '1'];
const FALSE_WORDS = ['false', 'off', 'no', 'n', '0'];

/** Booleans of ha.cf, any letter case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  return FALSE_WORDS.includes(word) ? false : undefined;
}

export function booleanRow(parts: ScalarParts): Keyword {
  return {
    ...parts,
    kind: 'scalar',
    argument: 'BOOLEAN',
    unit: '',
    range: 'true on yes y 1, false off no n 0',
    handle: (word, context) => {
      const value = parseBoolean(word.text);
      if (value === undefined) {
        const message = `${shown(word.text)} is no truth value for ${parts.name}.`;
        return refuse(context, word, 'boolean-invalid', message, 'Write on or off.');
      }
      context.draft.flags.set(parts.name, value);
      return true;
    },
  };
}

/** A whole number in a range; `wordIsZero`: text without digits counts as 0, as the original takes it. */
export function numberRow(
  parts: ScalarParts & { unit: string; min: number; max: number; code: string; wordIsZero?: boolean },
): Keyword {
  const { name, min, max, code } = parts;
  const limit = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
  return {
    ...parts,
    kind: 'scalar',
    argument: 'NUMBER',
    range: limit,
    handle: (word, context) => {
      const value = leadingInteger(word.text);
      const isNumber = /^[+-]?\d/.test(word.text);
      if (value < min || value > max || (!isNumber && parts.wordIsZero !== true)) {
        const message = `${shown(word.text)} is no value for ${name}.`;
        return refuse(context, word, code, message, `Write a number, ${limit}.`);
      }
      if (!/^[+-]?\d+$/.test(word.text)) {
        const message = `${shown(word.text)} is no number; ${name} takes it as ${value}.`;
        context.problems.warning(word, 'number-doubtful', message, `Write a number, ${limit}.`);
      }
      context.draft.numbers.set(name, value);
      return true;
    },
  };
}

/** One word of a fixed set, letter case counts. */
export function choiceRow(
  parts: ScalarParts & { choices: readonly string[]; code: string; also?: Handler },
): Keyword {
  const { name, choices, code } = parts;
  return {
    ...parts,
    kind: 'scalar',
    argument: 'WORD',
    unit: '',
    range: choices.join(' '),
    handle: (word, context) => {
      if (!choices.includes(word.text)) {
        const message = `${shown(word.text)} is no value of ${name}.`;
        return refuse(context, word, code, message, `Write ${orList(choices)}.`);
      }
      return parts.also === undefined || parts.also(word, context);
    },
  };
}

/** Any word; `check` may refuse it or add a warning. */
export function wordRow(parts: ScalarParts & { argument: string; range: string; check?: Handler }): Keyword {
  return { ...parts, kind: 'scalar', unit: '', handle: parts.check ?? accept };
}

function accept(_word: Word, _context: LineContext): boolean {
  return true;
}

/** "a", "a or b", "a, b or c". */
export function orList(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
