/** Reads ha.cf: each line through its row of the table, then the checks that need the whole file. */
import type { Machine } from '../machine-facts.js';
import { likelyMeant } from '../nearest.js';
import { Problems, shown } from '../problems.js';
import { type Draft, emptyDraft, type LineContext } from './draft.js';
import type { Keyword } from './keyword.js';
import { ABSENT_DIRECTIVES, HA_CF_NAMES, haCfKeyword } from './keywords.js';
import { type DirectiveLine, readDirectiveLines } from './lexer.js';
import { checkWholeFile, type Timing } from './whole-file.js';

/** ha.cf as understood. Only without errors among `problems` may a daemon run by it. */
export interface HaCf {
  readonly draft: Draft;
  readonly timing: Timing;
  readonly problems: Problems;
}

/** Understands the text of ha.cf for the node `self`; never throws. */
export function parseHaCf(text: string, file: string, self: string, machine: Machine): HaCf {
  const problems = new Problems(file);
  const draft = emptyDraft(machine);
  for (const line of readDirectiveLines(text)) {
    readLine(line, { draft, machine, problems, self, directive: line.name.text });
  }
  const timing = checkWholeFile({ draft, machine, problems, self });
  return { draft, timing, problems };
}

function readLine(line: DirectiveLine, context: LineContext): void {
  const { problems } = context;
  if (line.cutColumn !== undefined) {
    const message = 'The rest of the line, behind a control character, is ignored.';
    problems.warning({ line: line.name.line, column: line.cutColumn }, 'line-cut', message, 'Remove it.');
  }
  const row = haCfKeyword(line.name.text);
  if (row === undefined) {
    const { message, hint } = unknownDirective(line);
    problems.error(line.name, 'unknown-directive', message, hint);
    return;
  }
  if (line.pieces.length === 0 && (row.kind !== 'line' || line.rest.text === '')) {
    noArgument(row, line, context);
    return;
  }
  if (row.kind === 'line') row.handle(line.rest, context);
  else if (row.kind === 'list') for (const piece of line.pieces) row.handle(piece, context);
  else readScalar(row, line, context);
}

function noArgument(row: Keyword, line: DirectiveLine, context: LineContext): void {
  if (row.required === true) {
    row.handle(line.rest, context);
    return;
  }
  const message = `${row.name} has no value; the line changes nothing.`;
  context.problems.warning(
    line.name,
    'no-value',
    message,
    `Write ${row.name} ${row.argument}, or remove it.`,
  );
}

/** Every piece is assigned in turn, so a refused one counts even if a good one follows. */
function readScalar(row: Keyword, line: DirectiveLine, context: LineContext): void {
  const { draft, problems } = context;
  const last = line.pieces.at(-1);
  for (const piece of line.pieces) {
    const earlier = draft.raw.get(row.name);
    if (row.once === true && earlier !== undefined) {
      const message = `${row.name} was set in line ${earlier.line} already and may be set once only.`;
      problems.error(piece, `${row.name}-duplicate`, message, 'Remove one of the two.');
      return;
    }
    if (!row.handle(piece, context)) return;
    draft.raw.set(row.name, { text: piece.text, line: piece.line, column: piece.column });
  }
  if (last !== undefined && line.pieces.length > 1 && row.name !== 'env') {
    const message = `${row.name} takes one value; of these the last one counts, ${shown(last.text)}.`;
    problems.warning(line.rest, 'many-values', message, 'Write one value without blanks and commas.');
  }
}

function unknownDirective(line: DirectiveLine): { message: string; hint: string } {
  const name = line.name.text;
  const message = `ha.cf has no directive ${shown(name)}.`;
  if (name.startsWith('\ufeff')) {
    return {
      message: 'The file begins with a byte order mark, which becomes part of the first directive.',
      hint: 'Save the file as UTF-8 without a byte order mark.',
    };
  }
  if (ABSENT_DIRECTIVES.includes(name)) {
    return { message: `The directive ${name} is not built into Heartbeat 3.`, hint: 'Remove the line.' };
  }
  if (name.startsWith(';') || name.startsWith('//')) {
    return { message, hint: 'Comments begin with #.' };
  }
  const glued = /^([a-z0-9_-]+)[=,:\v]+(.*)$/i.exec(name);
  const inner = glued?.[1] === undefined ? undefined : haCfKeyword(glued[1]);
  if (inner !== undefined && glued !== null) {
    return { message, hint: `Put a blank between name and value: ${inner.name} ${glued[2] ?? ''}`.trimEnd() };
  }
  const meant = likelyMeant(name, HA_CF_NAMES);
  if (meant !== undefined) return { message, hint: `Did you mean ${meant}?` };
  return { message, hint: 'Remove the line; "heartbeat -D" lists all directives.' };
}
