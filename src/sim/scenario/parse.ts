/** From the text of a scenario to its statements, or to what is wrong with it, line by line. */
import { likelyMeant } from '../../config/nearest.js';
import { type Names, readTimeMs, readValue } from './names.js';
import { type Match, match, type Part, readPattern, type Values, type Word } from './pattern.js';
import { EXPECTATIONS, type Expectation, VERBS, type Verb } from './verbs.js';

interface Common {
  /** ms from the beginning. */
  readonly atMs: number;
  /** 1-based line of the file. */
  readonly line: number;
  /** The statement without its time. */
  readonly text: string;
  readonly values: Values;
}

export type Statement =
  | (Common & { readonly kind: 'act'; readonly verb: Verb; readonly undoes: boolean })
  | (Common & { readonly kind: 'expect'; readonly expectation: Expectation });

export interface Scenario {
  /** In order of time; of the same moment: as in the file. */
  readonly statements: readonly Statement[];
  /** When it is over. */
  readonly untilMs: number;
  readonly seed: number;
}

export interface Complaint {
  readonly line: number;
  /** 1-based; 0: the whole file. */
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

export type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** A scenario of more lines is refused. */
const LINES_MAX = 10_000;
const DAY_MS = 86_400_000;
/** After the last statement the cluster gets this long to show what follows. */
const REST_MS = 1000;

const DURATION: readonly Part[] = readPattern('for TIME');

function wordsOf(line: string): Word[] {
  const withoutComment = line.replace(/#.*/, '');
  return [...withoutComment.matchAll(/\S+/g)].map((found) => ({ text: found[0], column: found.index + 1 }));
}

interface Best<T> {
  readonly row: T;
  readonly values: Values;
}

class Reader {
  readonly statements: Statement[] = [];
  readonly complaints: Complaint[] = [];
  readonly #names: Names;
  #nowMs = 0;
  untilMs = 0;
  hasEnd = false;
  seed = 1;

  constructor(names: Names) {
    this.#names = names;
  }

  line(text: string, line: number): void {
    const words = wordsOf(text);
    const [first, second] = words;
    if (first === undefined) return;
    const complain = (word: Word, message: string, hint: string): void => {
      this.complaints.push({ line, column: word.column, message, hint });
    };
    if (first.text === 'at' || first.text === 'after' || first.text === 'until') {
      const timeMs = second === undefined ? undefined : readTimeMs(second.text);
      if (timeMs === undefined || timeMs > DAY_MS) {
        const message = `"${first.text}" needs a time of at most one day.`;
        complain(second ?? first, message, `Write for example "${first.text} 10s".`);
        return;
      }
      const atMs = first.text === 'after' ? this.#nowMs + timeMs : timeMs;
      if (atMs < this.#nowMs) {
        const message = `${seconds(atMs)} is before the statement above, which is at ${seconds(this.#nowMs)}.`;
        complain(second ?? first, message, 'Put the statements in the order of their times.');
        return;
      }
      this.#nowMs = atMs;
      this.untilMs = Math.max(this.untilMs, atMs);
      if (first.text === 'until') {
        this.hasEnd = true;
        if (words.length > 2) complain(words[2] ?? first, 'Nothing stands behind the time of "until".', '');
        return;
      }
    }
    const timed = first.text === 'at' || first.text === 'after';
    const rest = timed ? words.slice(2) : words;
    if (rest.length === 0) {
      complain(
        first,
        'There is a time but nothing that happens then.',
        'Write for example "at 10s power-off node1".',
      );
      return;
    }
    this.#statement(rest, line, complain);
  }

  #statement(
    words: readonly Word[],
    line: number,
    complain: (word: Word, message: string, hint: string) => void,
  ): void {
    const [first, second] = words;
    if (first?.text === 'seed' && words.length === 2 && /^\d{1,9}$/.test(second?.text ?? '')) {
      this.seed = Number(second?.text);
      return;
    }
    const text = words.map((word) => word.text).join(' ');
    const common = { atMs: this.#nowMs, line, text };
    if (first?.text === 'expect') {
      const found = this.#best(EXPECTATIONS, words.slice(1), complain, first, 'expect ');
      if (found === undefined) return;
      const lastsMs = Number(found.values.get('time') ?? 0);
      const waits = found.row.pattern.includes('within TIME') || found.row.kind === 'unmoved';
      if (waits) this.untilMs = Math.max(this.untilMs, this.#nowMs + lastsMs);
      this.statements.push({ ...common, kind: 'expect', expectation: found.row, values: found.values });
      return;
    }
    const duration = words.length > 2 ? match(DURATION, words.slice(-2), this.#read) : undefined;
    const lasting = duration?.ok === true;
    const found = this.#best(VERBS, lasting ? words.slice(0, -2) : words, complain, words[0], '');
    if (found === undefined) return;
    const { row: verb, values } = found;
    this.statements.push({ ...common, kind: 'act', verb, values, undoes: false });
    if (!lasting || !duration.ok) return;
    if (verb.undo === undefined) {
      complain(
        words.at(-2) ?? words[0] ?? { text: '', column: 1 },
        `"${verb.pattern}" does not last, so it has no "for".`,
        '',
      );
      return;
    }
    const atMs = this.#nowMs + Number(duration.values.get('time'));
    this.untilMs = Math.max(this.untilMs, atMs);
    const plain = words.slice(0, -2).map((word) => word.text);
    this.statements.push({
      atMs,
      line,
      text: `end of "${plain.join(' ')}"`,
      kind: 'act',
      verb,
      values,
      undoes: true,
    });
  }

  readonly #read = (slot: string, text: string) => readValue(this.#names, slot, text);

  #best<T extends { readonly parts: readonly Part[]; readonly pattern: string }>(
    rows: readonly T[],
    words: readonly Word[],
    complain: (word: Word, message: string, hint: string) => void,
    fallback: Word | undefined,
    prefix: string,
  ): Best<T> | undefined {
    let failure: Extract<Match, { ok: false }> | undefined;
    let patterns: string[] = [];
    for (const row of rows) {
      const outcome = match(row.parts, words, this.#read);
      if (outcome.ok) return { row, values: outcome.values };
      if (failure === undefined || outcome.at > failure.at) {
        failure = outcome;
        patterns = [row.pattern];
      } else if (outcome.at === failure.at) {
        failure = {
          ...failure,
          expected: [...failure.expected, ...outcome.expected],
          known: [...failure.known, ...outcome.known],
        };
        patterns.push(row.pattern);
      }
    }
    const { at, expected, known } = failure ?? { at: 0, expected: [], known: [] };
    const word = words[at];
    const last = words.at(-1) ?? fallback ?? { text: '', column: 1 };
    const meant = word === undefined ? undefined : likelyMeant(word.text, [...new Set(known)]);
    const wanted = [...new Set(expected)];
    const many = wanted.length > 4;
    const said =
      word === undefined
        ? `Something is missing behind "${last.text}"`
        : `"${word.text}" is not understood here`;
    const message = many ? `${said}.` : `${said}: expected is ${wanted.join(', or ')}.`;
    const forms = [...new Set(patterns)].slice(0, 3).map((pattern) => `"${prefix}${pattern}"`);
    const hint =
      meant !== undefined
        ? `Did you mean "${meant}"?`
        : many || at === 0
          ? '"heartbeat simulate --list" shows every statement.'
          : `It is written ${forms.join(' or ')}.`;
    complain(word ?? { ...last, column: last.column + last.text.length }, message, hint);
    return undefined;
  }
}

const seconds = (ms: number): string => `${ms / 1000} s`;

/** Reads a scenario for a cluster with those names. Never throws, whatever the text is. */
export function readScenario(text: string, names: Names): ReadScenario {
  const lines = text.split(/\r?\n/);
  if (lines.length > LINES_MAX) {
    const message = `A scenario has at most ${LINES_MAX} lines; this has ${lines.length}.`;
    return { ok: false, complaints: [{ line: 0, column: 0, message, hint: 'Write several scenarios.' }] };
  }
  const reader = new Reader(names);
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  if (reader.complaints.length > 0) return { ok: false, complaints: reader.complaints };
  if (reader.statements.length === 0) {
    const message = 'The scenario holds no statement.';
    const hint = 'Write for example "at 0s start node1"; "heartbeat simulate --list" shows every statement.';
    return { ok: false, complaints: [{ line: 0, column: 0, message, hint }] };
  }
  const statements = reader.statements
    .map((statement, order) => ({ statement, order }))
    .sort((a, b) => a.statement.atMs - b.statement.atMs || a.order - b.order)
    .map(({ statement }) => statement);
  const untilMs = reader.hasEnd ? reader.untilMs : reader.untilMs + REST_MS;
  return { ok: true, scenario: { statements, untilMs, seed: reader.seed } };
}
