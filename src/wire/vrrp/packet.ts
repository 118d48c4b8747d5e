/** The IPv4 header that goes before an advert, as keepalived writes it: no options, TOS 0xc0, may be fragmented. */
import { ipv4Bytes } from '../ip-text.js';
import { VRRP_PROTOCOL } from './checksum.js';

const HEADER_BYTES = 20;
/** Internetwork control (RFC 791). */
const TOS = 0xc0;

/** `id`: 0..65535, counted up by the sender; `ttl`: 255 but for unicast. Addresses are canonical text. */
export function ipv4Packet(
  payload: Uint8Array,
  ends: { readonly source: string; readonly destination: string; readonly id: number; readonly ttl: number },
): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + payload.length);
  packet.set([0x45, TOS, packet.length >> 8, packet.length & 0xff, ends.id >> 8, ends.id & 0xff], 0);
  packet.set([ends.ttl, VRRP_PROTOCOL], 8);
  packet.set(ipv4Bytes(ends.source) ?? [], 12);
  packet.set(ipv4Bytes(ends.destination) ?? [], 16);
  let sum = 0;
  for (let i = 0; i < HEADER_BYTES; i += 2) sum += ((packet[i] ?? 0) << 8) | (packet[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  packet[10] = (~sum >> 8) & 0xff;
  packet[11] = ~sum & 0xff;
  packet.set(payload, HEADER_BYTES);
  return packet;
}
