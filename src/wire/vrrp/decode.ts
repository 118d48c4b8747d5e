/** Reads advertisements: every byte sequence is either one, or gives the reason why it is none. Never throws. */
import { timingSafeEqual } from 'node:crypto';
import { ipText, ipv4Bytes, ipv6Bytes } from '../ip-text.js';
import {
  type Advert,
  type AdvertEnvelope,
  type AdvertFault,
  AUTH_BYTES,
  AUTH_NONE,
  AUTH_PASSWORD,
} from './advert.js';
import { VRRP_PROTOCOL, vrrpChecksum } from './checksum.js';
import { passwordBytes } from './encode.js';

export type DecodedAdvert =
  | { readonly ok: true; readonly advert: Advert }
  /** `virtualRouterId`: whose advert it seems to be; absent when not even that can be told. */
  | { readonly ok: false; readonly reason: AdvertFault; readonly virtualRouterId?: number };

export type OpenedPacket =
  | { readonly ok: true; readonly envelope: AdvertEnvelope; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: AdvertFault };

const IPV4_HEADER_BYTES = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** Takes the IPv4 header off, as a raw socket delivers it. The payload is exactly what the header's length says. */
export function openIpv4Packet(packet: Uint8Array): OpenedPacket {
  const first = packet[0] ?? 0;
  const headerBytes = (first & 0x0f) * 4;
  if (packet.length < IPV4_HEADER_BYTES || first >> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES) {
    return { ok: false, reason: 'ip-header' };
  }
  const totalBytes = wordAt(packet, 2);
  if (totalBytes !== packet.length || headerBytes > totalBytes) return { ok: false, reason: 'ip-header' };
  if ((wordAt(packet, 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0)
    return { ok: false, reason: 'fragment' };
  if (packet[9] !== VRRP_PROTOCOL) return { ok: false, reason: 'not-vrrp' };
  return {
    ok: true,
    envelope: {
      ttl: packet[8] ?? 0,
      source: ipText(packet.subarray(12, 16)),
      destination: ipText(packet.subarray(16, 20)),
    },
    payload: packet.subarray(headerBytes),
  };
}

/** Reads the VRRP part. `family` is that of the packet around it. */
export function decodeAdvert(payload: Uint8Array, envelope: AdvertEnvelope, family: 4 | 6): DecodedAdvert {
  const refuse = (reason: AdvertFault): DecodedAdvert => {
    const virtualRouterId = payload[1];
    return { ok: false, reason, ...(virtualRouterId === undefined ? {} : { virtualRouterId }) };
  };
  if (payload.length < 8) return refuse('too-short');
  const first = payload[0] ?? 0;
  const version = first >> 4;
  if (version !== 3 && (version !== 2 || family === 6)) return refuse('version');
  if ((first & 0x0f) !== 1) return refuse('type');
  const virtualRouterId = payload[1] ?? 0;
  if (virtualRouterId === 0) return refuse('virtual-router-id');
  const size = family === 4 ? 4 : 16;
  const count = payload[3] ?? 0;
  const end = 8 + count * size;
  const expected = end + (version === 2 ? AUTH_BYTES : 0);
  if (payload.length < expected) return refuse('too-short');
  if (payload.length > expected) return refuse('length');
  const endpoints = version === 2 ? undefined : endpointsOf(envelope, family);
  if (vrrpChecksum(payload, endpoints) !== 0) return refuse('checksum');
  const intervalMs = version === 2 ? (payload[5] ?? 0) * 1000 : (wordAt(payload, 4) & 0x0fff) * 10;
  if (intervalMs === 0) return refuse('interval');
  const addresses: string[] = [];
  for (let at = 8; at < end; at += size) addresses.push(ipText(payload.subarray(at, at + size)));
  return {
    ok: true,
    advert: {
      version,
      virtualRouterId,
      priority: payload[2] ?? 0,
      intervalMs,
      addresses,
      ...(version === 3
        ? {}
        : { authentication: { type: payload[4] ?? 0, data: Uint8Array.from(payload.subarray(end)) } }),
    },
  };
}

/** How an advert's authentication compares with what an instance is configured to. */
export type AuthenticationVerdict = 'right' | 'other-type' | 'wrong-password';

/** `password`: that of the instance; undefined: none is configured. Version 3 has no authentication: always right. */
export function judgeAuthentication(advert: Advert, password: string | undefined): AuthenticationVerdict {
  if (advert.authentication === undefined) return 'right';
  const { type, data } = advert.authentication;
  if (type !== (password === undefined ? AUTH_NONE : AUTH_PASSWORD)) return 'other-type';
  if (password === undefined) return 'right';
  return timingSafeEqual(passwordBytes(password), data) ? 'right' : 'wrong-password';
}

function endpointsOf(
  envelope: AdvertEnvelope,
  family: 4 | 6,
): { source: Uint8Array; destination: Uint8Array } {
  const read = family === 4 ? ipv4Bytes : ipv6Bytes;
  const none = new Uint8Array(0);
  return { source: read(envelope.source) ?? none, destination: read(envelope.destination) ?? none };
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
