/** Reads heartbeat.ini into Settings. */
import { parse } from 'ini';
import { likelyMeant } from '../nearest.js';
import { Problems, shown } from '../problems.js';
import type { Settings } from '../types.js';
import { INI_ROWS, INI_SECTIONS, SETTING_ROWS } from './keywords.js';
import { type IniLine, readIniLines } from './lines.js';
import type { IniRow } from './row.js';

export interface ReadSettings {
  /** Defaults where the file says nothing or something wrong. */
  readonly settings: Settings;
  readonly problems: Problems;
}

/** Understands the text of heartbeat.ini (empty when there is none); never throws. */
export function parseSettings(text: string, file: string): ReadSettings {
  const problems = new Problems(file);
  const values = new Map<IniRow<unknown>, unknown>();
  const seen = new Map<IniRow<unknown>, number>();
  const content = iniValues(text);
  for (const line of readIniLines(text)) {
    const row = rowOf(line, problems);
    if (row === undefined || line.kind !== 'key') continue;
    const earlier = seen.get(row);
    if (earlier !== undefined) {
      const message = `${row.key} was set in line ${earlier} already; the last value counts.`;
      problems.warning(line, 'duplicate-key', message, 'Remove one of the two.');
    }
    seen.set(row, line.line);
    const value = line.hasValue ? textOf(content, row) : '';
    const read = row.read(value);
    if ('value' in read) values.set(row, read.value);
    else
      problems.error(
        line,
        'value-invalid',
        `${shown(value)} is no value of ${row.key} in [${row.section}].`,
        read.hint,
      );
  }
  return { settings: settingsOf(values), problems };
}

/** The settings in force when there is no heartbeat.ini. */
export function defaultSettings(): Settings {
  return settingsOf(new Map());
}

function settingsOf(values: ReadonlyMap<IniRow<unknown>, unknown>): Settings {
  const fields = Object.entries(SETTING_ROWS).map(([field, row]): [string, unknown] => {
    const known: IniRow<unknown> = row;
    return [field, values.has(known) ? values.get(known) : known.defaultValue];
  });
  // SETTING_ROWS has a row of the right type for every field, which the compiler checks there.
  return Object.freeze(Object.fromEntries(fields)) as unknown as Settings;
}

function iniValues(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch {
    return {};
  }
}

function textOf(content: Record<string, unknown>, row: IniRow<unknown>): string {
  const section = content[row.section];
  if (typeof section !== 'object' || section === null) return '';
  const value: unknown = new Map(Object.entries(section)).get(row.key);
  return typeof value === 'object' || value === undefined || value === null ? '' : String(value).trim();
}

/** The row of a key, or undefined after a diagnostic; a known section header needs none. */
function rowOf(line: IniLine, problems: Problems): IniRow<unknown> | undefined {
  const section = line.kind === 'section' ? line.name : line.section;
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
