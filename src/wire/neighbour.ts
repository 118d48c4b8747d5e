/**
 * Unsolicited neighbour advertisement (RFC 4861 sections 4.4 and 7.2.6): the IPv6 counterpart of gratuitous ARP.
 *
 *   0       6       12      14                                54                                          86
 *   +-------+-------+-------+---------------------------------+------------------------------------------+
 *   | 33:33 | src   | 86 dd | IPv6 header, hop limit 255,     | ICMPv6                                   |
 *   | :0..1 | MAC   |       | source: the address, to ff02::1 |                                          |
 *   +-------+-------+-------+---------------------------------+------------------------------------------+
 *   ICMPv6:  | 136 | 0 | checksum | R S O, 29 bits reserved | target address (16) | 2 | 1 | MAC address (6) |
 */
import { invariant } from '../errors/assert.js';
import { ipv6Bytes, macBytes } from './ip-text.js';

const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
const ICMP_BYTES = 32;
const ICMPV6 = 58;
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;

export interface AdvertisementOptions {
  /** Replace what neighbours have cached. Default true: that is what a takeover needs. */
  readonly override?: boolean;
  /** This node forwards packets. Default false. */
  readonly router?: boolean;
}

/** A whole Ethernet frame of 86 bytes, sent to all nodes of the link from the device with that MAC address. */
export function unsolicitedNeighbourAdvertisement(
  mac: string,
  ipv6: string,
  options: AdvertisementOptions = {},
): Uint8Array {
  const sender = macBytes(mac);
  const address = ipv6Bytes(ipv6);
  invariant(sender !== undefined, `not a MAC address: ${mac}`);
  invariant(address !== undefined, `not an IPv6 address: ${ipv6}`);
  const frame = new Uint8Array(ETHERNET_BYTES + IPV6_BYTES + ICMP_BYTES);

  frame.set([0x33, 0x33, 0, 0, 0, 1], 0);
  frame.set(sender, 6);
  frame.set([0x86, 0xdd], 12);

  const ip = frame.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IPV6_BYTES);
  ip.set([0x60, 0, 0, 0, 0, ICMP_BYTES, ICMPV6, 255], 0);
  ip.set(address, 8);
  ip.set([0xff, 0x02], 24);
  ip[39] = 1;

  const icmp = frame.subarray(ETHERNET_BYTES + IPV6_BYTES);
  icmp[0] = 136;
  icmp[4] = ((options.override ?? true) ? FLAG_OVERRIDE : 0) | (options.router === true ? FLAG_ROUTER : 0);
  icmp.set(address, 8);
  icmp.set([2, 1], 24);
  icmp.set(sender, 26);
  const checksum = icmpv6Checksum(ip.subarray(8, 24), ip.subarray(24, 40), icmp);
  icmp[2] = checksum >> 8;
  icmp[3] = checksum & 0xff;
  return frame;
}

/** Sum of the big-endian 16-bit words of `bytes` (an even number of bytes). */
function sumWords(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

/** RFC 4443 section 2.3: over the pseudo-header and the message, whose checksum field is still zero. */
function icmpv6Checksum(source: Uint8Array, destination: Uint8Array, message: Uint8Array): number {
  let sum = sumWords(source) + sumWords(destination) + message.length + ICMPV6 + sumWords(message);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
