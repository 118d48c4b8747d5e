/**
 * Echo requests and replies (RFC 792, RFC 4443 section 4), without the IP header:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     type      |   code = 0    |           checksum            |
 *   +---------------+---------------+-------------------------------+
 *   |          identifier           |        sequence number        |
 *   +-------------------------------+-------------------------------+
 *   |  data ...
 */

export interface Echo {
  /** 0..65535 */
  readonly id: number;
  /** 0..65535 */
  readonly sequence: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 8;
const TYPES = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** A request. For IPv6 the kernel fills the checksum in, for it covers addresses. */
export function encodeEchoRequest(family: 4 | 6, echo: Echo): Uint8Array {
  const packet = Buffer.alloc(HEADER_BYTES + echo.data.length);
  packet[0] = TYPES[family].request;
  packet.writeUInt16BE(echo.id & 0xffff, 4);
  packet.writeUInt16BE(echo.sequence & 0xffff, 6);
  packet.set(echo.data, HEADER_BYTES);
  if (family === 4) packet.writeUInt16BE(internetChecksum(packet), 2);
  return packet;
}

/** The reply in what a raw socket gives (IPv4: with the IP header), or undefined when it is something else. */
export function parseEchoReply(family: 4 | 6, bytes: Uint8Array): Echo | undefined {
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = family === 4 ? ((packet[0] ?? 0) & 0x0f) * 4 : 0;
  if (packet.length < start + HEADER_BYTES) return undefined;
  if (packet[start] !== TYPES[family].reply || packet[start + 1] !== 0) return undefined;
  return {
    id: packet.readUInt16BE(start + 4),
    sequence: packet.readUInt16BE(start + 6),
    data: packet.subarray(start + HEADER_BYTES),
  };
}

/** RFC 1071 */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
