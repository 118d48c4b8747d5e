/** Arguments of keepalived.conf: numbers, times, switches, commands. A wrong one is told and gives undefined. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIpv6 } from '../address.js';
import { likelyMeant } from '../nearest.js';
import { type Place, type Problems, shown } from '../problems.js';
import type { VrrpCommand } from '../vrrp-types.js';
import type { Word } from './lexer.js';
import type { Statement } from './tree.js';

/** The only argument, or a diagnostic that it is absent. */
export function first(statement: Statement, what: string): Word | undefined {
  const word = statement.args[0];
  if (word !== undefined && word.text !== '') return word;
  const message = `${statement.keyword.text} needs ${what}.`;
  statement.problems.error(statement, 'argument-missing', message);
  return undefined;
}

/** A whole number in a range. */
export function integer(
  statement: Statement,
  range: { readonly min: number; readonly max: number },
  word: Word | undefined = first(statement, `a number from ${range.min} to ${range.max}`),
): number | undefined {
  if (word === undefined) return undefined;
  const value = Number(word.text);
  if (/^[+-]?\d+$/.test(word.text) && value >= range.min && value <= range.max) return value;
  const message = `${statement.keyword.text} ${shown(word.text)}: not a whole number from ${range.min} to ${range.max}.`;
  statement.problems.error(word, 'number-invalid', message);
  return undefined;
}

/** Seconds with decimals, as milliseconds. `zeroMeans`: 0 is allowed though the real program refuses it. */
export function seconds(
  statement: Statement,
  range: { readonly minMs: number; readonly maxMs: number; readonly zeroMeans?: string },
  word: Word | undefined = first(statement, 'a number of seconds'),
): number | undefined {
  if (word === undefined) return undefined;
  const valueMs = Number(word.text) * 1000;
  const isNumber = /^\d+(\.\d+)?$/.test(word.text);
  if (isNumber && valueMs === 0 && range.zeroMeans !== undefined) {
    const message = `${statement.keyword.text} 0 is taken as ${range.zeroMeans}; the real keepalived refuses it.`;
    statement.problems.info(word, 'zero-taken', message);
    return 0;
  }
  if (isNumber && valueMs >= range.minMs && valueMs <= range.maxMs) return Math.round(valueMs * 1000) / 1000;
  const leading = /^(\d+)[^\d.]/.exec(word.text)?.[1];
  const message = `${statement.keyword.text} ${shown(word.text)}: not a number of seconds from ${range.minMs / 1000} to ${range.maxMs / 1000}.`;
  const hint = leading === undefined ? undefined : `Write ${leading}, and remarks behind a #.`;
  statement.problems.error(word, 'time-invalid', message, hint);
  return undefined;
}

const YES: readonly string[] = ['on', 'true', 'yes'];
const NO: readonly string[] = ['off', 'false', 'no'];

/** A switch that stands alone or is followed by on, off, true, false, yes, no. */
export function flag(statement: Statement): boolean {
  const word = statement.args[0];
  if (word === undefined || YES.includes(word.text.toLowerCase())) return true;
  if (NO.includes(word.text.toLowerCase())) return false;
  const message = `${statement.keyword.text} ${shown(word.text)}: neither on nor off; taken as on.`;
  statement.problems.warning(word, 'switch-invalid', message, 'Write on or off.');
  return true;
}

/** One of several words, letter case aside. */
export function oneOf<T extends string>(statement: Statement, choices: readonly T[]): T | undefined {
  const word = first(statement, `one of ${choices.join(', ')}`);
  if (word === undefined) return undefined;
  const found = choices.find((choice) => choice.toLowerCase() === word.text.toLowerCase());
  if (found !== undefined) return found;
  const meant = likelyMeant(word.text, choices);
  const message = `${statement.keyword.text} ${shown(word.text)}: not one of ${choices.join(', ')}.`;
  const hint = meant === undefined ? undefined : `Did you mean ${meant}?`;
  statement.problems.error(word, 'word-invalid', message, hint);
  return undefined;
}

/** An IP address in its canonical text. */
export function ipAddress(word: Word, problems: Problems, what: string): string | undefined {
  if (isIPv4(word.text)) return word.text;
  if (isIPv6(word.text) && !word.text.includes('%')) return canonicalIpv6(word.text);
  const placeholder = word.text.startsWith('<');
  const message = `${what}: ${shown(word.text)} is no IP address.`;
  const hint = placeholder ? 'This is a placeholder: put your own address there.' : undefined;
  problems.error(word, 'address-invalid', message, hint);
  return undefined;
}

/** `"program arg arg" [user [group]]`: the program with its arguments, without a shell. */
export function command(statement: Statement): VrrpCommand | undefined {
  const word = first(statement, 'a command');
  if (word === undefined) return undefined;
  const [, user, group] = statement.args;
  const words = mended(word.quoted ? commandWords(word.text) : [word.text], word, statement.problems);
  if (words.length === 0) {
    statement.problems.error(word, 'argument-missing', `${statement.keyword.text} names no program.`);
    return undefined;
  }
  return {
    words,
    ...(user === undefined ? {} : { user: user.text }),
    ...(group === undefined ? {} : { group: group.text }),
  };
}

/** "/ etc/keepalived/notify.sh": a blank slipped into the path; no program is called "/". */
function mended(words: readonly string[], place: Place, problems: Problems): readonly string[] {
  const [root, path, ...rest] = words;
  if (root !== '/' || path === undefined) return words;
  const message = `A blank has slipped into the path of this command; /${path} is taken.`;
  problems.warning(place, 'path-torn', message, `Write "${[`/${path}`, ...rest].join(' ')}".`);
  return [`/${path}`, ...rest];
}

/** The second tokenizer of the original: quotes of both kinds join, a backslash takes the next character as it is. */
export function commandWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === '\\' && at + 1 < text.length) {
      word = (word ?? '') + text.charAt(++at);
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
