/** Addresses between text and bytes, for the frame builders. */

/** The four bytes of a dotted IPv4 address, or undefined. */
export function ipv4Bytes(address: string): Uint8Array | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address)) return undefined;
  const parts = address.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : Uint8Array.from(parts);
}

/** The sixteen bytes of an IPv6 address in any form of RFC 4291 2.2, without zone; or undefined. */
export function ipv6Bytes(address: string): Uint8Array | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The 16-bit groups of one side of `::`. A dotted IPv4 address may stand at the very end. */
function groupsOf(part: string, atEnd: boolean): number[] | undefined {
  if (part === '') return [];
  const groups: number[] = [];
  const words = part.split(':');
  for (const [i, word] of words.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(word)) {
      groups.push(Number.parseInt(word, 16));
      continue;
    }
    const dotted = atEnd && i === words.length - 1 ? ipv4Bytes(word) : undefined;
    if (dotted === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = dotted;
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups;
}

/** The six bytes of a MAC address "aa:bb:cc:dd:ee:ff", or undefined. */
export function macBytes(mac: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(mac)) return undefined;
  return Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
}

/** Canonical text (IPv6: RFC 5952) of 4 or 16 bytes. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let start = 0;
  let length = 0;
  for (let at = 0, run = 0; at < 8; at++) {
    run = groups[at] === 0 ? run + 1 : 0;
    if (run > length) [start, length] = [at - run + 1, run];
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}
