/** Where sections and keys of an INI text stand; the values themselves are read by the package `ini`. */
import type { Place } from '../problems.js';

export type IniLine =
  | (Place & { readonly kind: 'section'; readonly name: string; readonly subject: string })
  /** `section` is empty above the first one. */
  | (Place & {
      readonly kind: 'key';
      readonly section: string;
      /** NAME of `[SECTION NAME]`; empty for a plain section. */
      readonly subject: string;
      /** The whole line. */
      readonly text: string;
      readonly name: string;
      readonly hasValue: boolean;
    });

/** The sections and keys in order. Comments begin with ; or #. */
export function readIniLines(text: string): readonly IniLine[] {
  const found: IniLine[] = [];
  let section = '';
  let subject = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith(';') || trimmed.startsWith('#')) continue;
    const place = { line: index + 1, column: raw.indexOf(trimmed) + 1 };
    const header = /^\[([^\]]*)\]\s*$/.exec(trimmed);
    if (header !== null) {
      [section, subject] = readHeader((header[1] ?? '').trim());
      found.push({ ...place, kind: 'section', name: section, subject });
      continue;
    }
    const equals = trimmed.indexOf('=');
    const name = (equals < 0 ? trimmed : trimmed.slice(0, equals)).trim();
    found.push({ ...place, kind: 'key', section, subject, text: trimmed, name, hasValue: equals >= 0 });
  }
  return found;
}

/** `monitor "10.0.0.10"` is the section monitor for 10.0.0.10; the quotes may be left out. */
function readHeader(header: string): [section: string, subject: string] {
  const [, section = header, subject = ''] = /^(\S+)\s+(\S.*)$/.exec(header) ?? [];
  const [, quoted = subject] = /^"(.*)"$/.exec(subject) ?? [];
  return [section, quoted];
}
