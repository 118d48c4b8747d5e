/** Diagnostics for people: `file:line:column: severity: message`, the hint on a line of its own. */
import type { Diagnostic, Severity } from '../config/types.js';

const COLOURS: Readonly<Record<Severity, string>> = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  info: '\x1b[36m',
};
const RESET = '\x1b[0m';

/** The lines of one diagnostic. A line or column of 0 is left out. */
export function diagnosticText(diagnostic: Diagnostic, colours: boolean): string {
  const { file, line, column, severity, message, hint } = diagnostic;
  const place = [file, ...(line > 0 ? [line] : []), ...(line > 0 && column > 0 ? [column] : [])].join(':');
  const word = colours ? `${COLOURS[severity]}${severity}${RESET}` : severity;
  return `${place}: ${word}: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`;
}

/** One line that says what it comes to. */
export function verdictText(accepted: boolean, diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Severity): number =>
    diagnostics.filter((entry) => entry.severity === severity).length;
  const warnings = amount(count('warning'), 'warning');
  if (accepted) return `The configuration is good: heartbeat would start (${warnings}).\n`;
  return `The configuration is refused: ${amount(count('error'), 'error')}, ${warnings}.\n`;
}

function amount(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
