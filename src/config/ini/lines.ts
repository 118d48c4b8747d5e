/** Where sections and keys of an INI text stand; the values themselves are read by the package `ini`. */
import type { Place } from '../problems.js';

export type IniLine =
  | (Place & { readonly kind: 'section'; readonly name: string })
  /** `section` is empty above the first one. */
  | (Place & {
      readonly kind: 'key';
      readonly section: string;
      readonly name: string;
      readonly hasValue: boolean;
    });

/** The sections and keys in order. Comments begin with ; or #. */
export function readIniLines(text: string): readonly IniLine[] {
  const found: IniLine[] = [];
  let section = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith(';') || trimmed.startsWith('#')) continue;
    const place = { line: index + 1, column: raw.indexOf(trimmed) + 1 };
    const header = /^\[([^\]]*)\]\s*$/.exec(trimmed);
    if (header !== null) {
      section = (header[1] ?? '').trim();
      found.push({ ...place, kind: 'section', name: section });
      continue;
    }
    const equals = trimmed.indexOf('=');
    const name = (equals < 0 ? trimmed : trimmed.slice(0, equals)).trim();
    found.push({ ...place, kind: 'key', section, name, hasValue: equals >= 0 });
  }
  return found;
}
