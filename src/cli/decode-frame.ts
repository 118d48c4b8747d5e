/** From a captured link-layer frame to the heartbeat packet in it: UDP payload, or data of an ICMP echo (ping nodes). */
import type { CaptureRecord } from './decode-capture.js';

export interface Candidate {
  /** "10.77.0.1:32769", "[fe80::1]:694", or the bare address for ICMP. */
  readonly from: string;
  readonly to: string;
  readonly payload: Buffer;
  /** Only the first piece of a fragmented datagram; the rest is not put together. */
  readonly fragment: boolean;
}

const HEARTBEAT_PORT = 694;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_ICMP = 1;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMPV6 = 58;

/** The packet in this frame if it may be one of heartbeat's: by its first bytes, or by the port. */
export function candidateIn(record: CaptureRecord): Candidate | undefined {
  const network = networkLayer(record.bytes, record.linkType);
  if (network === undefined) return undefined;
  const version = (network[0] ?? 0) >> 4;
  const packet = version === 4 ? readIpv4(network) : version === 6 ? readIpv6(network) : undefined;
  if (packet === undefined) return undefined;
  return packet.protocol === PROTOCOL_UDP ? readUdp(packet) : readEcho(packet);
}

/** The IP packet inside, by LINKTYPE_ value. */
function networkLayer(frame: Buffer, linkType: number): Buffer | undefined {
  switch (linkType) {
    case 1:
      return afterEtherType(frame, 12);
    case 0:
    case 108:
      return frame.subarray(4);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return frame;
    case 113:
      return afterEtherType(frame, 14);
    case 276:
      return frame.length >= 20 && isIp(frame.readUInt16BE(0)) ? frame.subarray(20) : undefined;
    default:
      return undefined;
  }
}

function isIp(etherType: number): boolean {
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
}

/** Skips up to two VLAN tags. */
function afterEtherType(frame: Buffer, typeOffset: number): Buffer | undefined {
  let offset = typeOffset;
  for (let tags = 0; tags <= 2 && offset + 2 <= frame.length; tags++) {
    const etherType = frame.readUInt16BE(offset);
    if (isIp(etherType)) return frame.subarray(offset + 2);
    if (etherType !== 0x8100 && etherType !== 0x88a8) return undefined;
    offset += 4;
  }
  return undefined;
}

interface IpPacket {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly payload: Buffer;
  readonly fragment: boolean;
}

function readIpv4(packet: Buffer): IpPacket | undefined {
  if (packet.length < 20) return undefined;
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  const totalLength = packet.readUInt16BE(2);
  const fragmentation = packet.readUInt16BE(6);
  if (headerLength < 20 || totalLength < headerLength || (fragmentation & 0x1fff) !== 0) return undefined;
  return {
    from: packet.subarray(12, 16).join('.'),
    to: packet.subarray(16, 20).join('.'),
    protocol: packet[9] ?? 0,
    payload: packet.subarray(headerLength, totalLength),
    fragment: (fragmentation & 0x2000) !== 0,
  };
}

function readIpv6(packet: Buffer): IpPacket | undefined {
  if (packet.length < 40) return undefined;
  const end = 40 + packet.readUInt16BE(4);
  let protocol = packet[6] ?? 0;
  let offset = 40;
  let fragment = false;
  // Hop-by-hop 0, routing 43, fragment 44, destination options 60.
  for (let headers = 0; headers < 8 && [0, 43, 44, 60].includes(protocol); headers++) {
    if (offset + 8 > packet.length) return undefined;
    if (protocol === 44) {
      const fragmentation = packet.readUInt16BE(offset + 2);
      if (fragmentation >> 3 !== 0) return undefined;
      fragment = (fragmentation & 1) !== 0;
    }
    const length = protocol === 44 ? 8 : ((packet[offset + 1] ?? 0) + 1) * 8;
    protocol = packet[offset] ?? 0;
    offset += length;
  }
  return {
    from: ipv6Text(packet.subarray(8, 24)),
    to: ipv6Text(packet.subarray(24, 40)),
    protocol,
    payload: packet.subarray(offset, end),
    fragment,
  };
}

/** RFC 5952 as far as a reader needs it: lower case, no leading zeros, the longest run of zeros as `::`. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  const runs = `:${groups.join(':')}:`.match(/:(?:0:){2,}/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups.join(':');
  return `:${groups.join(':')}:`
    .replace(longest, '::')
    .replace(/^:(?!:)/, '')
    .replace(/(?<!:):$/, '');
}

function looksLikeHeartbeat(payload: Buffer): boolean {
  const head = payload.toString('latin1', 0, 3);
  return head === '###' || head === '>>>';
}

function readUdp(packet: IpPacket): Candidate | undefined {
  const { payload: datagram, fragment } = packet;
  if (datagram.length < 8) return undefined;
  const sourcePort = datagram.readUInt16BE(0);
  const destinationPort = datagram.readUInt16BE(2);
  const payload = datagram.subarray(8, Math.max(8, datagram.readUInt16BE(4)));
  const known = sourcePort === HEARTBEAT_PORT || destinationPort === HEARTBEAT_PORT;
  if (!known && !looksLikeHeartbeat(payload)) return undefined;
  const from = withPort(packet.from, sourcePort);
  return { from, to: withPort(packet.to, destinationPort), payload, fragment };
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Echo request and reply: types 8 and 0, for IPv6 128 and 129. */
function readEcho(packet: IpPacket): Candidate | undefined {
  const types =
    packet.protocol === PROTOCOL_ICMP ? [8, 0] : packet.protocol === PROTOCOL_ICMPV6 ? [128, 129] : [];
  if (packet.payload.length < 8 || !types.includes(packet.payload[0] ?? -1)) return undefined;
  const payload = packet.payload.subarray(8);
  if (!looksLikeHeartbeat(payload)) return undefined;
  return { from: packet.from, to: packet.to, payload, fragment: packet.fragment };
}
