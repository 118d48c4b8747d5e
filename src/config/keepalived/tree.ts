/** Lines to statements with their blocks. Every mistake with braces is told once, with the block that it concerns. */
import type { Place, Problems } from '../problems.js';
import type { Line, Word } from './lexer.js';

export interface Statement extends Place {
  readonly keyword: Word;
  readonly args: readonly Word[];
  /** Present when the statement has a block. */
  readonly block: readonly Statement[] | undefined;
  readonly problems: Problems;
}

const MAX_DEPTH = 16;

/** Keywords that make no sense without a block: a missing brace is noticed there, instead of at the end of the file. */
const ALWAYS_BLOCKS: ReadonlySet<string> = new Set([
  'global_defs',
  'notification_email',
  'vrrp_instance',
  'vrrp_sync_group',
  'vrrp_script',
  'vrrp_track_process',
  'authentication',
  'virtual_ipaddress',
  'virtual_ipaddress_excluded',
  'track_interface',
  'track_script',
  'virtual_server',
  'virtual_server_group',
  'real_server',
  'url',
]);

export function treeOf(lines: readonly Line[], wholeFile: Problems): Statement[] {
  return new Builder(lines, wholeFile).build();
}

class Builder {
  readonly #lines: readonly Line[];
  readonly #wholeFile: Problems;
  #at = 0;

  constructor(lines: readonly Line[], wholeFile: Problems) {
    this.#lines = lines;
    this.#wholeFile = wholeFile;
  }

  build(): Statement[] {
    const statements: Statement[] = [];
    while (this.#at < this.#lines.length) {
      statements.push(...this.#block(0, undefined));
      const extra = this.#lines[this.#at - 1];
      if (extra?.end === '}' && this.#at <= this.#lines.length && this.#closedTooMuch) {
        this.#closedTooMuch = false;
        const message = 'This } closes nothing: every block above it is closed already.';
        extra.problems.error(
          extra,
          'extra-brace',
          message,
          'Remove it, or look for a { that is missing above.',
        );
      }
    }
    return statements;
  }

  #closedTooMuch = false;

  /** Statements up to the } of this block, which is taken. */
  #block(depth: number, opener: Line | undefined): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const line = this.#lines[this.#at++];
      if (line === undefined) {
        if (opener !== undefined) this.#notClosed(opener);
        return statements;
      }
      const statement = this.#statement(line, depth);
      if (statement !== undefined) statements.push(statement);
      if (line.end === '}') {
        this.#closedTooMuch = opener === undefined;
        return statements;
      }
    }
  }

  #notClosed(opener: Line): void {
    const name = opener.words.map(({ text }) => text).join(' ');
    const message = `The block "${name}" that begins here is not closed: a } is missing.`;
    opener.problems.error(opener, 'missing-close', message, 'Add the } where the block ends.');
  }

  #statement(line: Line, depth: number): Statement | undefined {
    const [keyword, ...args] = line.words;
    if (keyword === undefined) {
      if (line.end === '{') {
        const message = 'This { opens a block without a name.';
        line.problems.error(line, 'nameless-block', message, 'Write the keyword of the block before it.');
        this.#block(depth + 1, line);
      }
      return undefined;
    }
    const block = this.#blockOf(line, keyword, depth);
    return { keyword, args, block, problems: line.problems, line: keyword.line, column: keyword.column };
  }

  #blockOf(line: Line, keyword: Word, depth: number): readonly Statement[] | undefined {
    if (line.end === '}') return undefined;
    if (line.end === '{') return this.#deeper(line, depth);
    const next = this.#lines[this.#at];
    if (next !== undefined && next.words.length === 0 && next.end === '{') {
      this.#at++;
      return this.#deeper(line, depth);
    }
    if (keyword.quoted || !ALWAYS_BLOCKS.has(keyword.text.toLowerCase())) return undefined;
    const message = `${keyword.text} needs a block, and no { follows.`;
    line.problems.error(keyword, 'missing-open', message, `Write "${keyword.text} {".`);
    return this.#deeper(line, depth);
  }

  #deeper(line: Line, depth: number): Statement[] {
    if (depth < MAX_DEPTH) return this.#block(depth + 1, line);
    this.#wholeFile.error(line, 'too-deep', `More than ${MAX_DEPTH} blocks stand in each other here.`);
    this.#at = this.#lines.length;
    return [];
  }
}
