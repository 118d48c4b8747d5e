/** Collects what is wrong or risky while files are read. */
import type { Diagnostic, Severity } from './types.js';

/** Where a diagnostic points: 1-based; column 0 means the whole line, line 0 the whole file. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export const WHOLE_FILE: Place = { line: 0, column: 0 };

/** The diagnostics of one file, in the order found. */
export class Problems {
  readonly list: Diagnostic[] = [];

  constructor(readonly file: string) {}

  error(place: Place, code: string, message: string, hint?: string): void {
    this.add('error', place, code, message, hint);
  }

  warning(place: Place, code: string, message: string, hint?: string): void {
    this.add('warning', place, code, message, hint);
  }

  info(place: Place, code: string, message: string, hint?: string): void {
    this.add('info', place, code, message, hint);
  }

  get errors(): number {
    return this.list.filter((entry) => entry.severity === 'error').length;
  }

  private add(
    severity: Severity,
    place: Place,
    code: string,
    message: string,
    hint: string | undefined,
  ): void {
    const { line, column } = place;
    const base = { file: this.file, line, column, severity, code, message: printable(message, MAX_SENTENCE) };
    this.list.push(hint === undefined ? base : { ...base, hint: printable(hint, MAX_SENTENCE) });
  }
}

/** Longest message or hint; words of a file may be of any length. */
const MAX_SENTENCE = 400;

/** By file (in the order in which the files were read), line and column; stable. */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  const rank = (file: string): number => {
    const index = files.indexOf(file);
    return index < 0 ? files.length : index;
  };
  return [...diagnostics].sort(
    (a, b) => rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column,
  );
}

const CONTROL = /[\p{Cc}\ufeff]/gu;

/** At most `length` characters, control characters as \xNN. */
function printable(text: string, length: number): string {
  const visible = text.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return visible.length > length ? `${visible.slice(0, length - 3)}...` : visible;
}

/** A word of a file as it may be shown in a sentence: quoted, control characters visible, at most 60 characters. */
export function shown(word: string): string {
  return `"${printable(word, 60)}"`;
}
