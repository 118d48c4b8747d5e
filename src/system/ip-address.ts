/** IP addresses between text and bytes, and the arithmetic of networks. */
import { isIPv4, isIPv6 } from 'node:net';

/** 4 or 16 bytes in network order, or undefined if the text is no address. A zone ("%eth0") is not accepted. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const front = groupBytes(head);
  const back = tail === undefined ? [] : groupBytes(tail);
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(back, 16 - back.length);
  return bytes;
}

/** The bytes of "1:2:10.0.0.1", which is one side of `::`. */
function groupBytes(side: string): number[] {
  if (side === '') return [];
  return side.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Canonical text (IPv6: RFC 5952) of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  const { start, length } = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}

/** The same address in canonical text, or undefined if the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = addressBytes(text);
  return bytes === undefined ? undefined : addressText(bytes);
}

/** True when both addresses are of one family and their first `prefixLength` bits are the same. */
export function inSameNetwork(left: string, right: string, prefixLength: number): boolean {
  const a = addressBytes(left);
  const b = addressBytes(right);
  return a !== undefined && b !== undefined && startAlike(a, b, prefixLength);
}

/** The same for addresses in bytes. */
export function startAlike(a: Uint8Array, b: Uint8Array, prefixLength: number): boolean {
  if (a.length !== b.length) return false;
  for (let bit = 0; bit < prefixLength; bit += 8) {
    const mask = 0xff00 >> Math.min(8, prefixLength - bit);
    if ((((a[bit >> 3] ?? 0) ^ (b[bit >> 3] ?? 0)) & mask & 0xff) !== 0) return false;
  }
  return true;
}

/** The last address of an IPv4 network, or undefined where there is none (/31, /32) or the text is no IPv4 address. */
export function broadcastAddress(address: string, prefixLength: number): string | undefined {
  const bytes = addressBytes(address);
  if (bytes === undefined || bytes.length !== 4 || prefixLength > 30) return undefined;
  return addressText(bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, prefixLength - i * 8)))));
}

/** fe80::/10: valid on one link only, so that the interface has to be named with it. */
export function isLinkLocal6(address: string): boolean {
  return inSameNetwork(address, 'fe80::', 10);
}
