/**
 * keepalived.conf as logical lines of words (vrrp-lvs.md 3.1). A brace outside quotes ends the line:
 *
 *   vrrp_instance VI_1 { interface eth0     ->   [vrrp_instance VI_1] {   [interface eth0]
 *
 * What published walk-throughs contain and the real program refuses is understood with a warning: no-break spaces, a
 * byte order mark, and remarks that begin with "//" or "<-".
 */
import type { Place, Problems } from '../problems.js';

export interface Word extends Place {
  readonly text: string;
  readonly quoted: boolean;
}

export type LineEnd = 'newline' | '{' | '}';

export interface Line extends Place {
  readonly words: readonly Word[];
  readonly end: LineEnd;
  /** Diagnostics of the file that this line stands in. */
  readonly problems: Problems;
}

const NO_BREAK_SPACES = /[\u00a0\u3000\u2007\u202f]/g;
const REMARK = /^(?:\/\/|<-|←|\/\*)/;

/** The lines of one text; what is odd goes to `problems`. `firstLine` is the number of its first line. */
export function linesOf(text: string, problems: Problems, firstLine = 1): Line[] {
  const lines: Line[] = [];
  text.split('\n').forEach((raw, index) => {
    lines.push(...linesOfRow(raw, { line: firstLine + index, column: 0 }, problems));
  });
  return lines;
}

/** The same for one physical line. */
export function linesOfRow(raw: string, at: Place, problems: Problems): Line[] {
  const scanner = new Scanner(raw.replace(NO_BREAK_SPACES, ' ').replace(/\r$/, ''), at.line, problems);
  return scanner.lines();
}

/** Says once per file what blanks the real program would stumble over. Returns the text without a byte order mark. */
export function withoutOddBlanks(text: string, problems: Problems): string {
  let rest = text;
  if (rest.startsWith('\ufeff')) {
    rest = rest.slice(1);
    const message =
      'The file begins with a byte order mark, which the real keepalived takes for part of the first word.';
    problems.warning({ line: 1, column: 1 }, 'byte-order-mark', message, 'Save it as UTF-8 without BOM.');
  }
  const count = rest.match(NO_BREAK_SPACES)?.length ?? 0;
  if (count > 0) {
    const before = rest.slice(0, rest.search(NO_BREAK_SPACES)).split('\n');
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    const message = `${count} no-break spaces (U+00A0), first here, are taken as blanks; the real keepalived refuses them.`;
    problems.warning(place, 'no-break-space', message, 'Replace them by ordinary blanks.');
  }
  return rest;
}

class Scanner {
  readonly #text: string;
  readonly #line: number;
  readonly #problems: Problems;
  #at = 0;

  constructor(text: string, line: number, problems: Problems) {
    this.#text = text;
    this.#line = line;
    this.#problems = problems;
  }

  lines(): Line[] {
    const lines: Line[] = [];
    let words: Word[] = [];
    const endLine = (end: LineEnd): void => {
      const column = words[0]?.column ?? this.#at;
      if (words.length > 0 || end !== 'newline')
        lines.push({ words, end, line: this.#line, column, problems: this.#problems });
      words = [];
    };
    for (;;) {
      this.#skipBlanks();
      const char = this.#text.charAt(this.#at);
      if (char === '' || char === '#' || char === '!' || this.#isRemark()) break;
      if (char === '{' || char === '}') {
        this.#at++;
        endLine(char);
      } else {
        words.push(char === '"' ? this.#quoted() : this.#plain());
      }
    }
    endLine('newline');
    return lines;
  }

  #skipBlanks(): void {
    while (this.#text.charAt(this.#at) === ' ' || this.#text.charAt(this.#at) === '\t') this.#at++;
  }

  #isRemark(): boolean {
    if (!REMARK.test(this.#text.slice(this.#at, this.#at + 2))) return false;
    const message = 'This remark is skipped; the real keepalived takes it for words of the directive.';
    const place = { line: this.#line, column: this.#at + 1 };
    this.#problems.warning(place, 'foreign-remark', message, 'Begin remarks with # or !.');
    return true;
  }

  #quoted(): Word {
    const column = this.#at + 1;
    const end = this.#text.indexOf('"', column);
    const text = end < 0 ? this.#text.slice(column) : this.#text.slice(column, end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    const word = { text, quoted: true, line: this.#line, column };
    if (end < 0) {
      const hint = 'Close it in the same line.';
      this.#problems.error(word, 'unterminated-quote', 'This quote is not closed.', hint);
    }
    return word;
  }

  #plain(): Word {
    const column = this.#at + 1;
    let text = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at);
      if (char === '\\' && /[#!]/.test(this.#text.charAt(this.#at + 1))) {
        text += this.#text.charAt(++this.#at);
        continue;
      }
      if (' \t{}#!"'.includes(char)) break;
      text += char;
    }
    return { text, quoted: false, line: this.#line, column };
  }
}
