/**
 * Gratuitous ARP (RFC 826, RFC 5227 section 3): tells the segment where a floating IPv4 address now lives.
 *
 *    0               6               12      14
 *   +---------------+---------------+-------+
 *   | ff:ff:...:ff  | source MAC    | 08 06 |                                            Ethernet
 *   +-------+-------+---+---+-------+-------+-------+---------------+-------+
 *   | 00 01 | 08 00 | 6 | 4 | op    | sender MAC    | sender IPv4   | target MAC    | target IPv4   |
 *   +-------+-------+---+---+-------+---------------+---------------+---------------+---------------+
 *     14      16      18  19  20      22              28              32              38        ... 42
 */
import { invariant } from '../errors/assert.js';
import { ipv4Bytes, macBytes } from './ip-text.js';

/** Both forms exist because some stacks learn only from one of them. */
export type ArpForm =
  /** Operation 1, target MAC zero: the announcement of RFC 5227. */
  | 'request'
  /** The same with a target MAC of all ones, as keepalived sends it (vrrp-lvs.md 2.6). */
  | 'request-to-all'
  /** Operation 2, target MAC equal to the sender's (RFC 5944 section 4.6). */
  | 'reply';

/** A whole Ethernet frame of 42 bytes, to be broadcast on the device with that MAC address ("aa:bb:cc:dd:ee:ff"). */
export function gratuitousArp(mac: string, ipv4: string, form: ArpForm = 'request'): Uint8Array {
  const sender = macBytes(mac);
  const address = ipv4Bytes(ipv4);
  invariant(sender !== undefined, `not a MAC address: ${mac}`);
  invariant(address !== undefined, `not an IPv4 address: ${ipv4}`);
  const frame = new Uint8Array(42);
  frame.fill(0xff, 0, 6);
  frame.set(sender, 6);
  frame.set([0x08, 0x06], 12);
  frame.set([0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, form === 'reply' ? 2 : 1], 14);
  frame.set(sender, 22);
  frame.set(address, 28);
  if (form === 'reply') frame.set(sender, 32);
  else if (form === 'request-to-all') frame.fill(0xff, 32, 38);
  frame.set(address, 38);
  return frame;
}

/** What the sender of an ARP frame says of itself ("aa:bb:...", dotted quad); undefined: it is no ARP for IPv4. */
export function arpSender(frame: Uint8Array): { readonly mac: string; readonly address: string } | undefined {
  if (frame.length < 42 || frame[12] !== 0x08 || frame[13] !== 0x06) return undefined;
  const header = [0x00, 0x01, 0x08, 0x00, 6, 4];
  if (header.some((byte, index) => frame[14 + index] !== byte)) return undefined;
  const mac = [...frame.subarray(22, 28)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { mac, address: frame.subarray(28, 32).join('.') };
}
