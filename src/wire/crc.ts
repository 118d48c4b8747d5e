/**
 * The `crc` method of authkeys (heartbeat-protocol.md 4.2): CRC-32, polynomial 0x04C11DB7, most significant bit
 * first, no reflection, final bitwise NOT. It guards against noise, not against people.
 */

const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 0x80000000 ? (remainder << 1) ^ 0x04c11db7 : remainder << 1;
    }
    table[byte] = remainder >>> 0;
  }
  return table;
}

/** Feeds `bytes[start..end)` into a running remainder (begin with 0). */
export function crcUpdate(remainder: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = remainder;
  for (let i = start; i < end; i++) {
    crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return crc >>> 0;
}

/** The token of a finished remainder: lower-case hex without leading zeros. */
export function crcToken(remainder: number): string {
  return (~remainder >>> 0).toString(16);
}
