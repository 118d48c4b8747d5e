/** Reads heartbeat.ini into Settings. */
import { parse } from 'ini';
import { likelyMeant } from '../nearest.js';
import { type Place, Problems, shown } from '../problems.js';
import type { Settings } from '../types.js';
import { healthCheck } from './check.js';
import { INI_ROWS, INI_SECTIONS, NAMED_SECTIONS, SETTING_ROWS } from './keywords.js';
import { type IniLine, readIniLines } from './lines.js';
import { monitorRule } from './monitor.js';
import type { IniRow } from './row.js';

export interface ReadSettings {
  /** Defaults where the file says nothing or something wrong. */
  readonly settings: Settings;
  readonly problems: Problems;
  /** Headers `[SECTION NAME]`, for the check whether there is such a thing. */
  readonly named: readonly (Place & { readonly section: string; readonly subject: string })[];
}

/** Values of one section by row; the key is `SECTION NAME` of `[SECTION NAME]`, empty for plain sections. */
type Values = Map<string, Map<IniRow<unknown>, unknown>>;

/** Understands the text of heartbeat.ini (empty when there is none); never throws. */
export function parseSettings(text: string, file: string): ReadSettings {
  const problems = new Problems(file);
  const values: Values = new Map();
  const seen = new Map<string, number>();
  const lines = readIniLines(text);
  for (const line of lines) {
    const row = rowOf(line, problems);
    if (row === undefined || line.kind !== 'key') continue;
    const place = `${line.section}\0${line.subject}\0${row.key}`;
    const earlier = seen.get(place);
    if (earlier !== undefined) {
      const message = `${row.key} was set in line ${earlier} already; the last value counts.`;
      problems.warning(line, 'duplicate-key', message, 'Remove one of the two.');
    }
    seen.set(place, line.line);
    const value = line.hasValue ? textOf(line.text, row) : '';
    const read = row.read(value);
    if ('value' in read) {
      const key = valuesKey(line.section, line.subject);
      const own = values.get(key) ?? new Map<IniRow<unknown>, unknown>();
      values.set(key, own.set(row, read.value));
    } else
      problems.error(
        line,
        'value-invalid',
        `${shown(value)} is no value of ${row.key} in [${row.section}].`,
        read.hint,
      );
  }
  const named = lines.flatMap((line) =>
    line.kind === 'section' && line.subject !== '' && NAMED_SECTIONS.includes(line.name)
      ? [{ line: line.line, column: line.column, section: line.name, subject: line.subject }]
      : [],
  );
  return { settings: settingsOf(values), problems, named };
}

/** The settings in force when there is no heartbeat.ini. */
export function defaultSettings(): Settings {
  return settingsOf(new Map());
}

function settingsOf(values: Values): Settings {
  const plain = values.get('') ?? new Map<IniRow<unknown>, unknown>();
  const fields = Object.entries(SETTING_ROWS).map(([field, row]): [string, unknown] => {
    const known: IniRow<unknown> = row;
    return [field, plain.has(known) ? plain.get(known) : known.defaultValue];
  });
  const monitor = monitorRule(plain, undefined);
  const monitorOf = Object.fromEntries(
    named(values, 'monitor').map(([name, own]) => [name, monitorRule(own, monitor)]),
  );
  const checks = named(values, 'check').map(([name, own]) => healthCheck(name, own, plain));
  const deadlines = {
    start: SETTING_ROWS.startDeadlineMs,
    stop: SETTING_ROWS.stopDeadlineMs,
    status: SETTING_ROWS.statusDeadlineMs,
  };
  const writtenDeadlines = Object.entries(deadlines).flatMap(([verb, row]) => (plain.has(row) ? [verb] : []));
  const whole = { ...Object.fromEntries(fields), monitor, monitorOf, checks, writtenDeadlines };
  // SETTING_ROWS has a row of the right type for every field, which the compiler checks there.
  return Object.freeze(whole) as unknown as Settings;
}

function valuesKey(section: string, subject: string): string {
  return subject === '' ? '' : `${section} ${subject}`;
}

/** The values of all `[SECTION NAME]` of one section, by NAME. */
function named(values: Values, section: string): [string, Map<IniRow<unknown>, unknown>][] {
  const begin = `${section} `;
  return [...values].flatMap(([key, own]) => (key.startsWith(begin) ? [[key.slice(begin.length), own]] : []));
}

/** The value of a line `key = value` as the package `ini` reads it (quotes, comments behind it). */
function textOf(line: string, row: IniRow<unknown>): string {
  try {
    const value: unknown = new Map(Object.entries(parse(line))).get(row.key);
    return typeof value === 'object' || value === undefined || value === null ? '' : String(value).trim();
  } catch {
    return '';
  }
}

/** The row of a key, or undefined after a diagnostic; a known section header needs none. */
function rowOf(line: IniLine, problems: Problems): IniRow<unknown> | undefined {
  const section = line.kind === 'section' ? line.name : line.section;
  const misnamed = line.subject !== '' && !NAMED_SECTIONS.includes(section);
  if (misnamed && INI_SECTIONS.includes(section)) {
    if (line.kind === 'section') {
      const what = `Section [${section}] is one for all: ${shown(line.subject)} has no place there.`;
      problems.error(line, 'unknown-section', what, `Write [${section}].`);
    }
    return undefined;
  }
  if (!INI_SECTIONS.includes(section)) {
    if (line.kind === 'key' && section !== '') return undefined;
    const what =
      line.kind === 'section'
        ? `There is no section [${section}].`
        : `${shown(line.name)} stands in no section.`;
    const meant = likelyMeant(section, INI_SECTIONS);
    const hint =
      meant === undefined ? `Sections are ${INI_SECTIONS.join(', ')}.` : `Did you mean [${meant}]?`;
    problems.error(line, line.kind === 'section' ? 'unknown-section' : 'no-section', what, hint);
    return undefined;
  }
  if (line.kind === 'section') return undefined;
  const rows = INI_ROWS.filter((row) => row.section === section);
  const row = rows.find((candidate) => candidate.key === line.name);
  if (row !== undefined) return row;
  const keys = rows.map((candidate) => candidate.key);
  const meant = likelyMeant(line.name, keys);
  const elsewhere = INI_ROWS.find((candidate) => candidate.key === line.name);
  const hint =
    elsewhere !== undefined
      ? `It belongs into section [${elsewhere.section}].`
      : meant === undefined
        ? `Keys of this section are ${keys.join(', ')}.`
        : `Did you mean ${meant}?`;
  problems.error(line, 'unknown-key', `Section [${section}] has no key ${shown(line.name)}.`, hint);
  return undefined;
}
