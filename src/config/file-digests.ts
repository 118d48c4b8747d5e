/**
 * Keyed digests of the configuration files, by which nodes notice that their files are not the same without telling what
 * stands in them. Only what matters counts: comments, blank lines and spacing do not, and neither do the lines that name
 * the other node or a device of this machine.
 */
import { createHmac } from 'node:crypto';
import { readDirectiveLines } from './ha-cf/lexer.js';
import { readResourceLines } from './haresources/lexer.js';
import { Problems } from './problems.js';
import type { AuthKeys } from './types.js';

/** Directives whose values belong to one machine: the way to the other node, interfaces, serial lines. */
const NODE_LINES: readonly string[] = ['ucast', 'ucast6', 'bcast', 'mcast', 'mcast6', 'serial', 'watchdog'];
/** With crc there is no secret: who hears the digest could guess at the passwords in these lines. */
const SECRET_LINES: readonly string[] = ['stonith', 'stonith_host'];

export interface ConfigurationTexts {
  readonly 'ha.cf': string;
  readonly haresources: string;
  /** Empty when there is none: the same as one in which nothing is set. */
  readonly 'heartbeat.ini': string;
}

/** 16 hex digits each; they are only comparable where `keyHint` is equal. */
export interface ConfigurationDigests {
  readonly keyHint: string;
  readonly digests: readonly { readonly file: string; readonly digest: string }[];
}

/** The digests of what stands in the files, made with the key that signs. */
export function fileDigests(texts: ConfigurationTexts, authKeys: AuthKeys): ConfigurationDigests {
  const active = authKeys.keys.find(({ index }) => index === authKeys.activeIndex);
  const secret = Buffer.from(active?.key ?? '', 'latin1');
  const hasSecret = secret.length > 0;
  const digest = (subject: string, content: string): string =>
    createHmac('sha256', secret).update(`${subject}\0${content}`, 'utf8').digest('hex').slice(0, 16);
  const left = hasSecret ? NODE_LINES : [...NODE_LINES, ...SECRET_LINES];
  const contents: readonly (readonly [string, string])[] = [
    ['ha.cf', normalHaCf(texts['ha.cf'], left)],
    ['haresources', normalHaresources(texts.haresources)],
    ['heartbeat.ini', normalIni(texts['heartbeat.ini'])],
    ...(hasSecret ? ([['authkeys', normalKeys(authKeys)]] as const) : []),
  ];
  return {
    keyHint: digest('key', active?.method ?? ''),
    digests: contents.map(([file, content]) => ({ file, digest: digest(file, content) })),
  };
}

function normalHaCf(text: string, without: readonly string[]): string {
  return readDirectiveLines(text)
    .filter(({ name }) => !without.includes(name.text))
    .map(({ name, rest }) => `${name.text} ${rest.text.replace(/[ \t]+/g, ' ')}`)
    .join('\n');
}

function normalHaresources(text: string): string {
  const lines = readResourceLines(text, new Problems('haresources'));
  return lines.map(({ words }) => words.map((word) => word.text).join(' ')).join('\n');
}

function normalIni(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/\s*=\s*/, '='))
    .filter((line) => line !== '' && !/^[;#]/.test(line))
    .join('\n');
}

function normalKeys({ activeIndex, keys }: AuthKeys): string {
  const lines = [...keys].sort((a, b) => a.index - b.index);
  return [activeIndex, ...lines.map(({ index, method, key }) => `${index} ${method} ${key}`)].join('\n');
}

/**
 * Our ha.cf for another node: the lines that belong to one machine are those that it has now (`theirs`, empty: it has no
 * ha.cf), in the place of ours.
 */
export function mergeHaCf(ours: string, theirs: string): string {
  if (theirs.trim() === '') return ours;
  const isOwn = (line: string): boolean =>
    readDirectiveLines(line).some(({ name }) => NODE_LINES.includes(name.text));
  const kept = theirs.split('\n').filter(isOwn);
  let placed = false;
  const merged = ours.split('\n').flatMap((line) => {
    if (!isOwn(line)) return [line];
    const first = !placed;
    placed = true;
    return first ? kept : [];
  });
  return placed || kept.length === 0
    ? merged.join('\n')
    : `${ours.replace(/\n*$/, '\n')}${kept.join('\n')}\n`;
}
