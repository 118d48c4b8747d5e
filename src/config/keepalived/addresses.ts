/** One line of virtual_ipaddress and its relatives (vrrp-lvs.md 3.3): an address and what `ip address add` is told. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIpv6, looksLikeIpv6 } from '../address.js';
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import type { VrrpAddress } from '../vrrp-types.js';
import type { Word } from './lexer.js';
import type { Statement } from './tree.js';

/** An address whose interface may still be that of the instance. */
export type DraftAddress = Omit<VrrpAddress, 'device' | 'onInstanceInterface'> & {
  readonly device?: string;
  readonly line: number;
  readonly column: number;
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };
const WITH_VALUE = ['brd', 'broadcast', 'dev', 'scope', 'label', 'peer', 'preferred_lft'] as const;
/** Understood, and no business of ours: the kernel's own choice is kept. */
const IGNORED = ['home', '-nodad', 'nodad', 'mngtmpaddr', 'autojoin', 'use_vmac'];
const ALONE = ['noprefixroute', 'no_track', ...IGNORED];

/** The address of a line, or undefined after a diagnostic. */
export function readAddress(statement: Statement): DraftAddress | undefined {
  const { keyword, args, problems } = statement;
  const [text = '', prefixText, ...rest] = keyword.text.split('/');
  const family = isIPv4(text) ? 4 : looksLikeIpv6(text) && isIPv6(text) ? 6 : undefined;
  if (family === undefined || rest.length > 0) {
    const placeholder = keyword.text.includes('<');
    const message = `${shown(keyword.text)} is no IP address.`;
    const hint = placeholder
      ? 'This is a placeholder: put your own address there, or remove the line.'
      : 'Write ADDRESS/PREFIX dev INTERFACE.';
    problems.error(keyword, 'address-invalid', message, hint);
    return undefined;
  }
  const prefixLength = prefixOf(statement, family, prefixText);
  if (prefixLength === undefined) return undefined;
  const draft: Writable<DraftAddress> = {
    family,
    address: family === 4 ? text : canonicalIpv6(text),
    prefixLength,
    scope: 0,
    tracked: true,
    line: keyword.line,
    column: keyword.column,
  };
  readOptions(args, draft, statement);
  return draft;
}

function prefixOf({ keyword, problems }: Statement, family: 4 | 6, text?: string): number | undefined {
  const most = family === 4 ? 32 : 128;
  if (text === undefined) return most;
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  const message = `${shown(keyword.text)}: ${shown(text)} is no prefix length from 1 to ${most}.`;
  problems.error(keyword, 'prefix-invalid', message);
  return undefined;
}

const WITHOUT_EFFECT: readonly string[] = ['home', 'mngtmpaddr', 'autojoin', 'use_vmac'];

function readOptions(args: readonly Word[], draft: Writable<DraftAddress>, { problems }: Statement): void {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) return;
    if (ALONE.includes(word.text)) {
      if (word.text === 'noprefixroute') draft.noPrefixRoute = true;
      if (word.text === 'no_track') draft.tracked = false;
      if (WITHOUT_EFFECT.includes(word.text)) {
        const message = `${word.text} of an address is known and not supported: the address is set without it.`;
        problems.warning(word, 'not-supported', message);
      }
      continue;
    }
    const value = args[++at];
    const name = WITH_VALUE.find((known) => known === word.text);
    if (name === undefined || value === undefined) {
      const meant = likelyMeant(word.text, [...WITH_VALUE, ...ALONE]);
      const message =
        name === undefined
          ? `${shown(word.text)} is no option of an address.`
          : `${name} needs a value behind it.`;
      problems.error(
        word,
        'address-option',
        message,
        meant === undefined ? undefined : `Did you mean ${meant}?`,
      );
      return;
    }
    setOption(name, value, draft, problems);
  }
}

function setOption(
  name: (typeof WITH_VALUE)[number],
  value: Word,
  draft: Writable<DraftAddress>,
  problems: Statement['problems'],
): void {
  const wrong = (what: string): void => {
    problems.error(value, 'address-option', `${name} ${shown(value.text)}: ${what}.`);
  };
  switch (name) {
    case 'dev':
      draft.device = value.text;
      return;
    case 'label':
      if (draft.family === 6)
        problems.warning(value, 'label-ignored', 'IPv6 addresses have no label; it is left out.');
      else if (value.text.length > 15) wrong('a label has at most 15 characters');
      else draft.label = value.text;
      return;
    case 'scope': {
      const scope = SCOPES[value.text] ?? (/^\d{1,3}$/.test(value.text) ? Number(value.text) : undefined);
      if (scope === undefined || scope > 255) wrong('not global, site, link, host or a number up to 255');
      else draft.scope = scope;
      return;
    }
    case 'brd':
    case 'broadcast': {
      if (draft.family === 6) {
        wrong('IPv6 has no broadcast address');
        return;
      }
      const address = value.text === '+' || value.text === '-' ? broadcastOf(draft, value.text) : value.text;
      if (isIPv4(address)) draft.broadcast = address;
      else wrong('no broadcast address');
      return;
    }
    case 'peer': {
      const [address = ''] = value.text.split('/');
      if (isIPv4(address) || isIPv6(address)) draft.peer = value.text;
      else wrong('no address of a peer');
      return;
    }
    case 'preferred_lft':
      if (value.text === 'forever') return;
      if (/^\d{1,9}$/.test(value.text)) draft.preferredLifetimeS = Number(value.text);
      else wrong('neither forever nor a number of seconds');
  }
}

/** "+": all host bits set; "-": all host bits cleared. */
function broadcastOf(draft: DraftAddress, sign: string): string {
  const bits = draft.address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const hostMask = 2 ** (32 - draft.prefixLength) - 1;
  const network = bits - (bits % (hostMask + 1));
  const value = sign === '+' ? network + hostMask : network;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
