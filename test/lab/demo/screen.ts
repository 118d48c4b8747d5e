/** What the demonstration shows: its own sentences, and below them, on a terminal, the picture painted again and again. */

export interface ScreenTarget {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const CLEAR_BELOW = '\u001b[J';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the terminal's colours.
const COLOUR = /\u001b\[\d+m/g;

/** A line cut to a width, its colours not counted; a cut line loses them. */
export function cutLine(line: string, width: number): string {
  const plain = line.replace(COLOUR, '');
  return plain.length <= width ? line : `${plain.slice(0, Math.max(0, width - 1))}…`;
}

/** Sentences stay, the picture below them is replaced. Without a terminal a picture is one line, printed when it changes. */
export class Screen {
  readonly #out: ScreenTarget;
  readonly #begunMs: number;
  readonly #nowMs: () => number;
  #painted = 0;
  #lastLine = '';

  constructor(out: ScreenTarget, nowMs: () => number) {
    this.#out = out;
    this.#nowMs = nowMs;
    this.#begunMs = nowMs();
  }

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  /** A sentence of the story, with the seconds since the beginning. */
  say(text: string): void {
    const seconds = ((this.#nowMs() - this.#begunMs) / 1000).toFixed(1).padStart(5);
    this.#out.write(`${this.#erase()}[${seconds} s] ${text}\n`);
  }

  /** Text without a time. */
  plain(text: string): void {
    this.#out.write(`${this.#erase()}${text}\n`);
  }

  /** Paints the picture; `line` is the short form for an output that is no terminal. */
  picture(lines: readonly string[], line: string): void {
    if (!this.isTerminal) {
      if (line !== this.#lastLine) this.say(`    ${line}`);
      this.#lastLine = line;
      return;
    }
    const width = this.#out.columns ?? 80;
    const shown = lines.map((one) => cutLine(one, width));
    this.#out.write(`${this.#erase()}${shown.join('\n')}\n`);
    this.#painted = shown.length;
  }

  #erase(): string {
    const up = this.#painted > 0 ? `\u001b[${this.#painted}A\r${CLEAR_BELOW}` : '';
    this.#painted = 0;
    return up;
  }
}
