/** One table per kind of block: a row holds a keyword, its arguments, what it means and how it is read. */
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import type { Word } from './lexer.js';
import type { Statement } from './tree.js';

export interface Row<Draft> {
  readonly name: string;
  /** How the arguments are written, for messages and the manual; "" when there are none. */
  readonly arguments: string;
  readonly sentence: string;
  /** The statement has a block. `either`: with or without. */
  readonly block?: boolean | 'either';
  /** How many words may follow at most; absent: any number. */
  readonly maxArguments?: number;
  /** Set for words that keepalived has given up or never had: what to say. */
  readonly legacy?: string;
  /** Recognised, and without effect here: the reason, as the end of a sentence. */
  readonly unsupported?: string;
  readonly read: (statement: Statement, draft: Draft) => void;
}

export type Table<Draft> = ReadonlyMap<string, Row<Draft>>;

export function tableOf<Draft>(...rows: readonly (readonly Row<Draft>[])[]): Table<Draft> {
  return new Map(rows.flat().map((row) => [row.name, row]));
}

/** A row for a keyword that is known and does nothing here. */
export function unsupported<Draft>(name: string, why: string): Row<Draft> {
  return { name, arguments: '', sentence: '', block: 'either', unsupported: why, read: () => undefined };
}

/** Where a statement stands: the block around it, and the blocks around that. */
export interface Surrounding {
  /** "vrrp_instance VI_1" */
  readonly name: string;
  readonly line: number;
  readonly outer: Surrounding | undefined;
  readonly keywords: readonly string[];
  /** Keywords of a block that may stand here, for those who closed it too early: block and keywords. */
  readonly inner?: { readonly block: string; readonly keywords: readonly string[] };
}

/** Reads all statements of a block by its table. */
export function interpret<Draft>(
  statements: readonly Statement[],
  table: Table<Draft>,
  draft: Draft,
  where: Surrounding,
): void {
  for (const statement of statements) {
    const row = findRow(statement, table, where);
    if (row === undefined) continue;
    if (!shapeIsRight(statement, row, table)) continue;
    if (row.unsupported !== undefined) {
      const message = `${row.name} is known and not supported: ${row.unsupported}`;
      statement.problems.warning(statement, 'not-supported', message);
      continue;
    }
    if (row.legacy !== undefined)
      statement.problems.info(statement, 'legacy-keyword', `${row.name}: ${row.legacy}`);
    row.read(statement, draft);
  }
}

/** The surrounding of the statements of a block. */
export function within<Draft>(
  statement: Statement,
  table: Table<Draft>,
  outer: Surrounding | undefined,
): Surrounding {
  const name = [statement.keyword, ...statement.args].map(({ text }) => text).join(' ');
  return { name, line: statement.line, outer, keywords: [...table.keys()] };
}

function findRow<Draft>(
  statement: Statement,
  table: Table<Draft>,
  where: Surrounding,
): Row<Draft> | undefined {
  const { keyword, problems } = statement;
  const exact = table.get(keyword.text);
  if (exact !== undefined) return exact;
  const sameLetters = [...table.keys()].find((name) => name.toLowerCase() === keyword.text.toLowerCase());
  if (sameLetters !== undefined) {
    const message = `${shown(keyword.text)} is taken as ${sameLetters}; the real keepalived tells capital letters apart.`;
    problems.warning(keyword, 'keyword-case', message, `Write ${sameLetters}.`);
    return table.get(sameLetters);
  }
  if (keyword.text.startsWith('~')) {
    const message = `${shown(keyword.text)}: lines that ~SEQ and ~LST write are known and not supported.`;
    problems.error(keyword, 'not-supported', message, 'Write the lines themselves.');
  } else unknown(keyword, statement, where);
  return undefined;
}

function unknown(keyword: Word, { problems }: Statement, where: Surrounding): void {
  const lower = keyword.text.toLowerCase();
  for (let outer = where.outer; outer !== undefined; outer = outer.outer) {
    if (!outer.keywords.includes(lower)) continue;
    const message = `${keyword.text} does not belong into "${where.name}" of line ${where.line}, but one block further out.`;
    problems.error(keyword, 'wrong-block', message, 'A } is probably missing before this line.');
    return;
  }
  const bare = lower.replace(/\W+$/, '');
  if (where.inner?.keywords.includes(bare) === true) {
    const message = `${shown(keyword.text)} stands outside all blocks; ${bare} belongs into ${where.inner.block}.`;
    problems.error(keyword, 'wrong-block', message, 'Look for a } above that closes that block too early.');
    return;
  }
  const meant = likelyMeant(bare, where.keywords);
  const message = `There is no keyword ${shown(keyword.text)} in ${where.name === '' ? 'keepalived.conf' : `"${where.name}"`}.`;
  const hint = meant === undefined ? 'Remove the line, or look for a misspelling.' : `Did you mean ${meant}?`;
  problems.error(keyword, 'unknown-keyword', message, hint);
}

function shapeIsRight<Draft>(statement: Statement, row: Row<Draft>, table: Table<Draft>): boolean {
  const { keyword, args, block, problems } = statement;
  if (row.block === true && block === undefined) {
    problems.error(keyword, 'missing-open', `${row.name} needs a block.`, `Write "${row.name} {".`);
    return false;
  }
  if (row.block === undefined && block !== undefined) {
    const message = `${row.name} takes no block; the one that begins here is skipped.`;
    problems.error(
      keyword,
      'unexpected-block',
      message,
      `Write "${row.name} ${row.arguments}" in one line.`.replace('  ', ' '),
    );
    return false;
  }
  if (row.maxArguments === undefined || args.length <= row.maxArguments) return true;
  const extra = args[row.maxArguments];
  if (extra === undefined) return true;
  if (table.has(extra.text.toLowerCase()) && extra.text.toLowerCase() !== row.name) {
    const message = `Another directive, ${shown(extra.text)}, stands in the line of ${row.name}: line ends were lost, and a # hides all that follows it.`;
    problems.error(extra, 'lost-line-end', message, 'Write each directive in a line of its own.');
    return false;
  }
  const message = `${row.name} takes ${row.maxArguments === 0 ? 'no argument' : `${row.maxArguments} at most`}; ${shown(extra.text)} is skipped.`;
  problems.warning(extra, 'extra-words', message, 'Begin remarks with #.');
  return true;
}
