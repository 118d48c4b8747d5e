/** What the cores asked for, as text lines and as one number: two runs of a seed must give the same. */
export class EffectLog {
  readonly #keep: boolean;
  readonly lines: string[] = [];
  #digest = 0x811c9dc5;
  #count = 0;

  /** @param keep whether the lines are kept; the digest is always made while `enabled`. */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  add(line: string): void {
    this.#count += 1;
    for (let index = 0; index < line.length; index++) {
      this.#digest = Math.imul(this.#digest ^ line.charCodeAt(index), 0x01000193);
    }
    if (this.#keep) this.lines.push(line);
  }

  /** FNV-1a over all lines, 8 hex digits, and their number. */
  get digest(): string {
    return `${(this.#digest >>> 0).toString(16).padStart(8, '0')}/${this.#count}`;
  }
}
