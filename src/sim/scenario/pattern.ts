/**
 * Statements are described by patterns: `cut NODE LINK [in|out]`. Small letters stand for themselves, `a|b` for either,
 * capitals for a value of that kind (`NODE:from` is a NODE that the verb calls `from`), brackets for what may be absent.
 */
export interface Word {
  readonly text: string;
  /** 1-based */
  readonly column: number;
}

export type Part =
  | { readonly kind: 'literal'; readonly words: readonly string[]; readonly name: string }
  | { readonly kind: 'slot'; readonly slot: string; readonly name: string }
  | { readonly kind: 'optional'; readonly parts: readonly Part[] };

/** A value that a slot reads: the value, or what was expected there and which words would have done. */
export type SlotValue =
  | { readonly ok: true; readonly value: string | number }
  | { readonly ok: false; readonly expected: string; readonly known?: readonly string[] };

export type ReadSlot = (slot: string, text: string) => SlotValue;

/** Values by name; alternatives that were written are under their first word's name. */
export type Values = ReadonlyMap<string, string | number>;

export type Match =
  | { readonly ok: true; readonly values: Values }
  | {
      readonly ok: false;
      /** Words understood before the trouble. */
      readonly at: number;
      readonly expected: readonly string[];
      readonly known: readonly string[];
    };

/** The parts of a pattern. */
export function readPattern(pattern: string): readonly Part[] {
  const tokens = pattern
    .replace(/\[/g, ' [ ')
    .replace(/\]/g, ' ] ')
    .split(/\s+/)
    .filter((token) => token !== '');
  const stack: Part[][] = [[]];
  for (const token of tokens) {
    const top = stack.at(-1) ?? [];
    if (token === '[') stack.push([]);
    else if (token === ']') {
      stack.pop();
      stack.at(-1)?.push({ kind: 'optional', parts: top });
    } else if (/^[A-Z]/.test(token)) {
      const [slot = '', name = slot.toLowerCase()] = token.split(':');
      top.push({ kind: 'slot', slot, name });
    } else {
      const words = token.split('|');
      top.push({ kind: 'literal', words, name: words[0] ?? '' });
    }
  }
  return stack[0] ?? [];
}

/** Matches all words with all parts. */
export function match(parts: readonly Part[], words: readonly Word[], read: ReadSlot): Match {
  const failure = { at: -1, expected: new Set<string>(), known: new Set<string>() };
  const fail = (at: number, expected: string, known: readonly string[]): void => {
    if (at < failure.at) return;
    if (at > failure.at) {
      failure.at = at;
      failure.expected.clear();
      failure.known.clear();
    }
    failure.expected.add(expected);
    for (const word of known) failure.known.add(word);
  };
  const walk = (rest: readonly Part[], at: number, values: Values): Values | undefined => {
    const [part, ...later] = rest;
    const word = words[at];
    if (part === undefined) {
      if (word === undefined) return values;
      fail(at, 'nothing more', []);
      return undefined;
    }
    if (part.kind === 'optional') {
      return walk([...part.parts, ...later], at, values) ?? walk(later, at, values);
    }
    if (part.kind === 'literal') {
      if (word !== undefined && part.words.includes(word.text)) {
        // Only a choice is a value: "maintenance off on node1" must not be heard as "on".
        const known = part.words.length > 1 ? new Map(values).set(part.name, word.text) : values;
        return walk(later, at + 1, known);
      }
      fail(at, part.words.map((one) => `"${one}"`).join(' or '), part.words);
      return undefined;
    }
    const value = read(part.slot, word?.text ?? '');
    if (word !== undefined && value.ok)
      return walk(later, at + 1, new Map(values).set(part.name, value.value));
    if (!value.ok) fail(at, value.expected, value.known ?? []);
    return undefined;
  };
  const values = walk(parts, 0, new Map());
  if (values !== undefined) return { ok: true, values };
  return { ok: false, at: failure.at, expected: [...failure.expected], known: [...failure.known] };
}
