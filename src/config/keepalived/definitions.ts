/**
 * What happens to the text before it is understood (vrrp-lvs.md 3.1): `@ID line` counts only where the program runs
 * with that id, `@^ID` only where it does not; `$NAME=value` defines, `$NAME` and `${NAME}` are replaced.
 */
import { type Place, type Problems, shown } from '../problems.js';

const CONDITION = /^(\s*)@(\^?)([\w.-]+)(\s+|$)/;
const DEFINITION = /^\s*\$([A-Za-z_]\w*)\s*=\s?(.*)$/;
const USE = /\$(?:\{([^}]*)\}|([A-Za-z_]\w*))/g;
/** A definition may name others; more levels than this are a circle. */
const MAX_LEVELS = 20;
/** No line grows beyond this. */
const MAX_LENGTH = 64 * 1024;

export class Definitions {
  readonly #id: string;
  readonly #values = new Map<string, string>();

  /** `id`: what `@ID` is compared with, the host name up to its first dot unless -i says otherwise. */
  constructor(id: string) {
    this.#id = id;
  }

  /** The line as it counts; undefined when it does not count, or defines something. */
  apply(row: string, place: Place, problems: Problems): string | undefined {
    let line = row;
    const condition = CONDITION.exec(line);
    if (condition !== null) {
      const [whole, , not, id] = condition;
      if ((id === this.#id) === (not === '^')) return undefined;
      // Blanks instead of the condition, so that columns stay.
      line = ' '.repeat(whole.length) + line.slice(whole.length);
    }
    const definition = DEFINITION.exec(line);
    if (definition !== null) {
      const [, name = '', value = ''] = definition;
      this.#values.set(name, value.trimEnd());
      return undefined;
    }
    return this.#replace(line, place, problems);
  }

  #replace(line: string, place: Place, problems: Problems): string {
    let text = line;
    for (let level = 0; level < MAX_LEVELS && text.includes('$') && text.length < MAX_LENGTH; level++) {
      const before = text;
      text = text.replace(USE, (whole, braced: string | undefined, plain: string | undefined) => {
        const name = braced ?? plain ?? '';
        const value = this.#values.get(name) ?? builtin(name);
        if (value !== undefined) return value;
        if (braced !== undefined) {
          const message = `${shown(whole)} is not defined above this line.`;
          problems.error(place, 'undefined-name', message, `Write a line "$${name}=..." before it.`);
          return '';
        }
        // A plain $WORD that nobody defined is text, such as in a script's arguments.
        return whole;
      });
      if (text === before) return text;
    }
    return text;
  }
}

function builtin(name: string): string | undefined {
  if (name === '_BANG') return '!';
  return name === '_HASH' ? '#' : undefined;
}
