/** The Internet checksum (RFC 1071) with the pseudo headers that VRRP version 3 puts before its packet. */

export const VRRP_PROTOCOL = 112;

/** Source and destination in network order: 4 bytes each, or 16. */
export interface Endpoints {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** Ones-complement sum of the big-endian 16-bit words; an odd last byte counts as the high half of one. */
function sumOf(bytes: Uint8Array, from: number): number {
  let sum = from;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

/**
 * The checksum of a packet whose checksum field is zero; of one with its checksum in place, 0 when that is right.
 * `endpoints` only for version 3: RFC 5798 5.2.8 for IPv6, and for IPv4 as every implementation does it
 * (source, destination, zero, protocol, length).
 */
export function vrrpChecksum(packet: Uint8Array, endpoints: Endpoints | undefined): number {
  let sum = 0;
  if (endpoints !== undefined) {
    sum = sumOf(endpoints.source, sum);
    sum = sumOf(endpoints.destination, sum);
    sum += VRRP_PROTOCOL + packet.length;
  }
  sum = sumOf(packet, sum);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
