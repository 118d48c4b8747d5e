/**
 * Builds advertisements (vrrp-lvs.md 2.2 and 2.3).
 *
 *   version 2                                       version 3
 *    0      1      2      3                          0      1      2      3
 *   +------+------+------+------+                   +------+------+------+------+
 *   | 21   | VRID | prio | count|                   | 31   | VRID | prio | count|
 *   +------+------+------+------+                   +------+------+------+------+
 *   | auth | secs | checksum    |                   | 0, 12 bit cs| checksum    |
 *   +------+------+------+------+                   +------+------+------+------+
 *   | addresses, 4 bytes each   |                   | addresses, 4 or 16 each   |
 *   +---------------------------+                   +---------------------------+
 *   | authentication, 8 bytes   |
 *   +---------------------------+
 */
import { invariant } from '../../errors/assert.js';
import { ipv4Bytes, ipv6Bytes } from '../ip-text.js';
import { AUTH_BYTES, AUTH_NONE, AUTH_PASSWORD } from './advert.js';
import { vrrpChecksum } from './checksum.js';

export interface AdvertToSend {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly intervalMs: number;
  readonly family: 4 | 6;
  readonly addresses: readonly string[];
  /** Version 2: latin1, the first eight bytes count. Absent: no authentication. */
  readonly password?: string;
  /** Version 3 needs both for its checksum. */
  readonly source: string;
  readonly destination: string;
}

/** The VRRP part of the packet, with its checksum. The configuration was checked: what does not fit is our own fault. */
export function encodeAdvert(advert: AdvertToSend): Uint8Array {
  const { version, family, addresses } = advert;
  invariant(addresses.length <= 255, 'an advert holds at most 255 addresses');
  invariant(version === 3 || family === 4, 'version 2 is for IPv4 only');
  const size = family === 4 ? 4 : 16;
  const packet = new Uint8Array(8 + size * addresses.length + (version === 2 ? AUTH_BYTES : 0));
  packet[0] = (version << 4) | 1;
  packet[1] = advert.virtualRouterId;
  packet[2] = advert.priority;
  packet[3] = addresses.length;
  for (const [i, address] of addresses.entries()) packet.set(addressOf(address, family), 8 + i * size);
  if (version === 2) {
    packet[4] = advert.password === undefined ? AUTH_NONE : AUTH_PASSWORD;
    packet[5] = advert.intervalMs / 1000;
    if (advert.password !== undefined) packet.set(passwordBytes(advert.password), packet.length - AUTH_BYTES);
  } else {
    const centiseconds = Math.round(advert.intervalMs / 10);
    packet[4] = (centiseconds >> 8) & 0x0f;
    packet[5] = centiseconds & 0xff;
  }
  const endpoints =
    version === 2
      ? undefined
      : { source: addressOf(advert.source, family), destination: addressOf(advert.destination, family) };
  const checksum = vrrpChecksum(packet, endpoints);
  packet[6] = checksum >> 8;
  packet[7] = checksum & 0xff;
  return packet;
}

/** The eight bytes of a password on the wire: its first eight, padded with zeros. */
export function passwordBytes(password: string): Uint8Array {
  const bytes = new Uint8Array(AUTH_BYTES);
  bytes.set(Buffer.from(password, 'latin1').subarray(0, AUTH_BYTES));
  return bytes;
}

function addressOf(text: string, family: 4 | 6): Uint8Array {
  const bytes = family === 4 ? ipv4Bytes(text) : ipv6Bytes(text);
  invariant(bytes !== undefined, `not an IPv${family} address: ${text}`);
  return bytes;
}
