/** virtual_server_group blocks: addresses with ranges written out, and firewall marks (keepalived.conf(5)). */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIpv6 } from '../address.js';
import { shown } from '../problems.js';
import type { VirtualServerGroup } from '../virtual-server-types.js';
import type { Draft } from './draft.js';
import type { Word } from './lexer.js';
import type { Statement } from './tree.js';
import { first, integer } from './values.js';

type Member = VirtualServerGroup['members'][number];

/** More addresses in one range are a slip of the pen. */
const RANGE_MAX = 4096n;

/** Reads a whole block into the draft. */
export function readServerGroup(statement: Statement, file: Draft): void {
  const name = first(statement, 'a name')?.text;
  if (name === undefined) return;
  const members = (statement.block ?? []).flatMap((entry) => membersOf(entry));
  if (file.virtualServerGroups.some((group) => group.name === name)) {
    statement.problems.error(statement, 'name-twice', `virtual_server_group ${name} is there twice.`);
    return;
  }
  file.virtualServerGroups.push({ name, members, line: statement.line });
}

function membersOf(entry: Statement): Member[] {
  if (entry.keyword.text === 'fwmark') {
    const mark = integer(entry, { min: 1, max: 4_294_967_295 });
    return mark === undefined ? [] : [{ kind: 'fwmark', mark }];
  }
  const addresses = expand(entry.keyword);
  if (addresses === undefined) {
    const message = `${shown(entry.keyword.text)} is no address, no range of addresses and no "fwmark N".`;
    const hint = 'Write for example "192.0.2.1-10 80", "192.0.2.8/29 80" or "fwmark 5".';
    entry.problems.error(entry.keyword, 'address-invalid', message, hint);
    return [];
  }
  const [portWord] = entry.args;
  const port = portWord === undefined ? 0 : integer(entry, { min: 0, max: 65_535 }, portWord);
  if (port === undefined) return [];
  return addresses.map((address) => ({ kind: 'address', address, port }));
}

/** Every address of "A", "A-LAST", "A-B" or "A/LENGTH". */
function expand({ text }: Word): string[] | undefined {
  const dash = text.indexOf('-');
  const slash = text.indexOf('/');
  const family = text.includes(':') ? 6 : 4;
  if (dash < 0 && slash < 0) {
    const value = numberOf(text, family);
    return value === undefined ? undefined : [textOf(value, family)];
  }
  if (slash >= 0) {
    const bits = family === 4 ? 32 : 128;
    const base = numberOf(text.slice(0, slash), family);
    const length = Number(text.slice(slash + 1));
    if (base === undefined || !Number.isInteger(length) || length < 0 || length > bits) return undefined;
    const size = 1n << BigInt(bits - length);
    const start = base - (base % size);
    return list(start, start + size - 1n, family);
  }
  const from = numberOf(text.slice(0, dash), family);
  if (from === undefined) return undefined;
  const last = text.slice(dash + 1);
  // Only the last part of the address may be written: decimal in IPv4, hexadecimal in IPv6.
  const part = /^[0-9a-f]{1,4}$/i.test(last) ? Number.parseInt(last, family === 4 ? 10 : 16) : undefined;
  const size = family === 4 ? 256n : 65_536n;
  const to = part === undefined ? numberOf(last, family) : from - (from % size) + BigInt(part);
  return to === undefined || (part !== undefined && BigInt(part) >= size)
    ? undefined
    : list(from, to, family);
}

function list(from: bigint, to: bigint, family: 4 | 6): string[] | undefined {
  if (to < from || to - from >= RANGE_MAX) return undefined;
  return Array.from({ length: Number(to - from) + 1 }, (_, at) => textOf(from + BigInt(at), family));
}

function numberOf(text: string, family: 4 | 6): bigint | undefined {
  if (family === 4) {
    if (!isIPv4(text)) return undefined;
    return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  if (!isIPv6(text) || text.includes('.') || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = words(head);
  const after = words(tail ?? '');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

function textOf(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const words = Array.from({ length: 8 }, (_, at) => (value >> BigInt(112 - 16 * at)) & 0xffffn);
  return canonicalIpv6(words.map((word) => word.toString(16)).join(':'));
}
