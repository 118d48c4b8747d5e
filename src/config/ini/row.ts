/** Rows of the table of heartbeat.ini: parser, checker, sample and manual are made from them. */
import { parseTimeMs, timeHint } from '../time.js';

/** One key. Adding a field to Settings and its row here is all that a new key needs. */
export interface IniRow<T> {
  readonly section: string;
  readonly key: string;
  /** How the value is written: a list of words or "TIME" or "NUMBER". */
  readonly argument: string;
  /** Unit of a plain number; empty when there is none. */
  readonly unit: string;
  /** As in the file. */
  readonly defaultText: string;
  readonly defaultValue: T;
  readonly range: string;
  /** One sentence of documentation. */
  readonly sentence: string;
  /** The value, or the sentence that says what to write instead. */
  read(text: string): { readonly value: T } | { readonly hint: string };
}

interface Parts {
  readonly section: string;
  readonly key: string;
  readonly sentence: string;
}

export function choiceOf<T extends string>(
  parts: Parts & { readonly choices: readonly T[]; readonly defaultValue: T },
): IniRow<T> {
  const range = parts.choices.join(' or ');
  return {
    ...parts,
    argument: parts.choices.join('|'),
    unit: '',
    range,
    defaultText: parts.defaultValue,
    read: (text) => {
      const value = parts.choices.find((choice) => choice === text.toLowerCase());
      return value === undefined ? { hint: `Write ${range}.` } : { value };
    },
  };
}

/** A file by its absolute path; empty: none. */
export function fileOf(parts: Parts): IniRow<string> {
  return {
    ...parts,
    argument: 'FILE',
    unit: '',
    range: 'an absolute path',
    defaultText: '',
    defaultValue: '',
    read: (text) =>
      text.startsWith('/') || text === '' ? { value: text } : { hint: 'Write an absolute path.' },
  };
}

const TRUE_WORDS = ['yes', 'true', 'on', '1'];
const FALSE_WORDS = ['no', 'false', 'off', '0'];

/** Any text; empty by default. */
export function textOf(parts: Parts): IniRow<string> {
  return {
    ...parts,
    argument: 'TEXT',
    unit: '',
    range: 'any text',
    defaultText: '',
    defaultValue: '',
    read: (text) => ({ value: text }),
  };
}

export function yesNo(parts: Parts & { readonly defaultValue: boolean }): IniRow<boolean> {
  return {
    ...parts,
    argument: 'yes|no',
    unit: '',
    range: 'yes or no',
    defaultText: parts.defaultValue ? 'yes' : 'no',
    read: (text) => {
      const word = text.toLowerCase();
      if (TRUE_WORDS.includes(word)) return { value: true };
      return FALSE_WORDS.includes(word) ? { value: false } : { hint: 'Write yes or no.' };
    },
  };
}

export function countOf(
  parts: Parts & { readonly min: number; readonly max: number; readonly defaultValue: number },
): IniRow<number> {
  const range = `${parts.min} to ${parts.max}`;
  return {
    ...parts,
    argument: 'NUMBER',
    unit: '',
    range,
    defaultText: String(parts.defaultValue),
    read: (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      const good = value >= parts.min && value <= parts.max;
      return good ? { value } : { hint: `Write a whole number, ${range}.` };
    },
  };
}

/** A time in the syntax of ha.cf: plain numbers are seconds. */
export function timeOf(
  parts: Parts & { readonly minMs: number; readonly maxMs: number; readonly defaultMs: number },
): IniRow<number> {
  const range = `${parts.minMs / 1000} s to ${parts.maxMs / 1000} s`;
  return {
    ...parts,
    argument: 'TIME',
    unit: 's',
    range,
    defaultText: String(parts.defaultMs / 1000),
    defaultValue: parts.defaultMs,
    read: (text) => {
      // ha.cf has no time of 0; where 0 is in the range it means none.
      const isNone = parts.minMs === 0 && /^0+(ms|us)?$/.test(text);
      const value = isNone ? 0 : parseTimeMs(text);
      if (value === undefined) return { hint: timeHint(text) };
      const good = value >= parts.minMs && value <= parts.maxMs;
      return good ? { value } : { hint: `Write a time of ${range}.` };
    },
  };
}

/** A time as with `timeOf`, or "auto", which is 0. */
export function timeOrAuto(
  parts: Parts & { readonly minMs: number; readonly maxMs: number },
): IniRow<number> {
  const time = timeOf({ ...parts, defaultMs: 0 });
  return {
    ...time,
    argument: 'auto|TIME',
    defaultText: 'auto',
    range: `auto, or ${time.range}`,
    read: (text) => (text.toLowerCase() === 'auto' ? { value: 0 } : time.read(text)),
  };
}

/** Minute, hour, day of month, month, day of week: numbers, names, `*`, ranges, lists and steps. */
const CRON_FIELD = /^[0-9a-z*,/-]{1,80}$/i;

/** A cron expression of five fields, or `never`. */
export function scheduleOf(parts: Parts & { readonly defaultValue: string }): IniRow<string> {
  return {
    ...parts,
    argument: 'SCHEDULE',
    unit: '',
    range: 'five fields as in crontab (minute, hour, day, month, weekday), or never',
    defaultText: parts.defaultValue,
    read: (text) => {
      if (text.toLowerCase() === 'never') return { value: 'never' };
      const fields = text.split(/\s+/);
      const good = fields.length === 5 && fields.every((field) => CRON_FIELD.test(field));
      return good ? { value: fields.join(' ') } : { hint: 'Write five fields as in crontab, or never.' };
    },
  };
}
