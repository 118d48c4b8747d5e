/** Floating addresses as haresources writes them (heartbeat-admin.md 2.2): `ADDR[/PREFIX[/DEVICE[:LABEL]][/BROADCAST]]`. */
import { isIPv4, isIPv6 } from 'node:net';
import { shown } from './problems.js';
import type { AddressSpec } from './types.js';

export type ParsedAddress =
  | { readonly ok: true; readonly address: AddressSpec }
  /** What is wrong, as the end of a sentence about the word. */
  | { readonly ok: false; readonly reason: string };

/** IFNAMSIZ less its NUL: interface names and address labels. */
const MAX_NAME = 15;

/** Four dot-separated parts that each begin with a digit; anything may follow. */
export function looksLikeIpv4(word: string): boolean {
  return /^\d[^.]*\.\d[^.]*\.\d[^.]*\.\d/.test(word);
}

/** Whether the word is an IPv6 address with an optional `/...` behind it. */
export function looksLikeIpv6(word: string): boolean {
  return isIPv6(word.split('/')[0] ?? '') && !word.includes('%');
}

/** RFC 5952 text of an IPv6 address. */
export function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** Understands an address word. IPv6 takes no label and no broadcast address. */
export function parseAddress(word: string): ParsedAddress {
  const [addressText = '', prefixText = '', ...others] = word.split('/');
  if (isIPv4(addressText)) return parseIpv4(addressText, prefixText, others);
  if (isIPv6(addressText) && !addressText.includes('%')) {
    return parseIpv6(canonicalIpv6(addressText), prefixText, others);
  }
  return wrong(`${shown(addressText)} is no IP address`);
}

function parseIpv4(address: string, prefixText: string, others: readonly string[]): ParsedAddress {
  const prefixLength = prefixText === '' ? undefined : prefixOf(prefixText);
  if (prefixLength === null) {
    return wrong(`${shown(prefixText)} is no prefix length from 1 to 32`);
  }
  const first = others[0] ?? '';
  // A second part that begins with a digit is the broadcast address.
  const [device, broadcast, extra] = /^\d/.test(first) ? ['', ...others] : others;
  if (extra !== undefined) return wrong(`${shown(extra)} is one part too many`);
  const placed = placeOf(device ?? '');
  if (typeof placed === 'string') return wrong(placed);
  if (broadcast !== undefined && broadcast !== '' && !isIPv4(broadcast)) {
    return wrong(`${shown(broadcast)} is no broadcast address`);
  }
  return {
    ok: true,
    address: {
      family: 4,
      address,
      ...(prefixLength === undefined ? {} : { prefixLength }),
      ...placed,
      ...(broadcast === undefined || broadcast === '' ? {} : { broadcast }),
    },
  };
}

function parseIpv6(address: string, prefixText: string, others: readonly string[]): ParsedAddress {
  const prefixLength = prefixText === '' ? undefined : Number(prefixText);
  if (
    prefixLength !== undefined &&
    (!/^\d{1,3}$/.test(prefixText) || prefixLength < 1 || prefixLength > 128)
  ) {
    return wrong(`${shown(prefixText)} is no prefix length from 1 to 128`);
  }
  const [device = '', extra] = others;
  if (extra !== undefined) return wrong(`${shown(extra)} is one part too many`);
  const placed = placeOf(device);
  if (typeof placed === 'string') return wrong(placed);
  if (placed.label !== undefined) return wrong('IPv6 addresses have no label');
  return {
    ok: true,
    address: { family: 6, address, ...(prefixLength === undefined ? {} : { prefixLength }), ...placed },
  };
}

/** Prefix length of "24" or "255.255.255.0"; null for anything else. */
function prefixOf(text: string): number | null {
  if (/^\d{1,2}$/.test(text)) {
    const length = Number(text);
    return length >= 1 && length <= 32 ? length : null;
  }
  if (!isIPv4(text)) return null;
  const bits = text
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}

/** Device and label of "eth0" or "eth0:5"; a text says what is wrong. */
function placeOf(text: string): { readonly device?: string; readonly label?: string } | string {
  if (text === '') return {};
  const [device = '', label] = text.split(':');
  if (device === '' || text.split(':').length > 2 || device.length > MAX_NAME) {
    return `${shown(text)} is no interface name`;
  }
  if (label === undefined || label === '') return { device };
  return text.length > MAX_NAME
    ? `the label ${shown(text)} is longer than ${MAX_NAME} characters`
    : { device, label: text };
}

function wrong(reason: string): ParsedAddress {
  return { ok: false, reason };
}
