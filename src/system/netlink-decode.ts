/** Reading what rtnetlink(7) says: messages, links, addresses, routes, acknowledgements. Pure. */
import { addressText } from './ip-address.js';
import {
  aligned,
  HEADER_BYTES,
  NLMSG_ERROR,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
} from './netlink-messages.js';
import type { InterfaceAddress, LinkState, Route } from './network-types.js';

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x10000;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const ARP_IGNORE = 19;
const PROMOTE_SECONDARIES = 20;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_MULTIPATH = 9;
const RTA_VIA = 18;
const NLMSGERR_ATTR_MSG = 1;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const INFINITE_LIFETIME = 0xffff_ffff;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Behind the header; valid as long as the buffer that it was read into. */
  readonly payload: Buffer;
}

export interface LinkMessage {
  readonly removed: boolean;
  readonly link: LinkState;
}

export interface AddressMessage {
  readonly removed: boolean;
  readonly interfaceIndex: number;
  readonly address: InterfaceAddress;
}

/** Cuts what one recv gave into messages. A truncated end is dropped. */
export function splitMessages(bytes: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset + HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(offset);
    if (length < HEADER_BYTES || offset + length > bytes.length) break;
    messages.push({
      type: bytes.readUInt16LE(offset + 4),
      flags: bytes.readUInt16LE(offset + 6),
      sequence: bytes.readUInt32LE(offset + 8),
      payload: bytes.subarray(offset + HEADER_BYTES, offset + length),
    });
    offset += aligned(length);
  }
  return messages;
}

/** The attributes of one level by type; of one type the last. Flag bits of the type are dropped. */
export function readAttributes(bytes: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(offset);
    if (length < 4 || offset + length > bytes.length) break;
    attributes.set(bytes.readUInt16LE(offset + 2) & 0x3fff, bytes.subarray(offset + 4, offset + length));
    offset += aligned(length);
  }
  return attributes;
}

/** An RTM_NEWLINK or RTM_DELLINK about an interface itself; undefined for anything else. */
export function decodeLink(message: NetlinkMessage): LinkMessage | undefined {
  if (message.type !== RTM_NEWLINK && message.type !== RTM_DELLINK) return undefined;
  const { payload } = message;
  // Another family: only a part of it changed, such as its place in a bridge.
  if (payload.length < 16 || payload[0] !== AF_UNSPEC) return undefined;
  const attributes = readAttributes(payload.subarray(16));
  const flags = payload.readUInt32LE(8);
  const spec = attributes.get(IFLA_AF_SPEC);
  const arpIgnore = ipv4Setting(spec, ARP_IGNORE);
  return {
    removed: message.type === RTM_DELLINK,
    link: {
      name: text(attributes.get(IFLA_IFNAME)),
      index: payload.readInt32LE(4),
      mac: macText(attributes.get(IFLA_ADDRESS)),
      mtuBytes: u32(attributes.get(IFLA_MTU)),
      up: (flags & IFF_UP) !== 0,
      carrier: (flags & IFF_RUNNING) !== 0 && (flags & IFF_LOWER_UP) !== 0,
      loopback: (flags & IFF_LOOPBACK) !== 0,
      noArp: (flags & IFF_NOARP) !== 0,
      hardwareType: payload.readUInt16LE(2),
      promoteSecondaries: ipv4Setting(spec, PROMOTE_SECONDARIES) !== 0,
      ...(arpIgnore === 0 ? {} : { arpIgnore }),
    },
  };
}

/** An RTM_NEWADDR or RTM_DELADDR of IPv4 or IPv6; undefined for anything else. */
export function decodeAddress(message: NetlinkMessage): AddressMessage | undefined {
  if (message.type !== RTM_NEWADDR && message.type !== RTM_DELADDR) return undefined;
  const { payload } = message;
  if (payload.length < 8 || (payload[0] !== AF_INET && payload[0] !== AF_INET6)) return undefined;
  const attributes = readAttributes(payload.subarray(8));
  // On a point-to-point interface IFA_ADDRESS is the other end's.
  const own = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  const family = payload[0] === AF_INET ? 4 : 6;
  if (own === undefined || own.length !== (family === 4 ? 4 : 16)) return undefined;
  const broadcast = attributes.get(IFA_BROADCAST);
  const label = attributes.get(IFA_LABEL);
  const flags = attributes.get(IFA_FLAGS);
  const cacheInfo = attributes.get(IFA_CACHEINFO);
  const valid = cacheInfo === undefined ? INFINITE_LIFETIME : cacheInfo.readUInt32LE(4);
  return {
    removed: message.type === RTM_DELADDR,
    interfaceIndex: payload.readUInt32LE(4),
    address: {
      family,
      address: addressText(own),
      prefixLength: payload[1] ?? 0,
      ...(broadcast?.length === 4 ? { broadcast: addressText(broadcast) } : {}),
      ...(label === undefined ? {} : { label: text(label) }),
      flags: flags === undefined ? (payload[2] ?? 0) : u32(flags),
      scope: payload[3] ?? 0,
      validS: valid === INFINITE_LIFETIME ? Number.POSITIVE_INFINITY : valid,
    },
  };
}

/** An RTM_NEWROUTE as answer to routeMessage; of several next hops the first. */
export function decodeRoute(message: NetlinkMessage): Route | undefined {
  if (message.type !== RTM_NEWROUTE || message.payload.length < 12) return undefined;
  const { payload } = message;
  let attributes = readAttributes(payload.subarray(12));
  let interfaceIndex = u32(attributes.get(RTA_OIF));
  const hops = attributes.get(RTA_MULTIPATH);
  if (hops !== undefined && hops.length >= 8) {
    // struct rtnexthop: length, flags, hops, interface index, attributes
    interfaceIndex = hops.readInt32LE(4);
    attributes = readAttributes(hops.subarray(8, hops.readUInt16LE(0)));
  }
  return {
    interfaceIndex,
    prefixLength: payload[1] ?? 0,
    onLink: !attributes.has(RTA_GATEWAY) && !attributes.has(RTA_VIA),
    type: payload[7] ?? 0,
  };
}

/** An NLMSG_ERROR: errno 0 is an acknowledgement. `words`: the kernel's own explanation, where it gives one. */
export function decodeAck(message: NetlinkMessage): { errno: number; words?: string } | undefined {
  if (message.type !== NLMSG_ERROR || message.payload.length < 4 + HEADER_BYTES) return undefined;
  const { payload, flags } = message;
  const errno = -payload.readInt32LE(0);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  const capped = (flags & NLM_F_CAPPED) !== 0;
  const original = capped || errno === 0 ? HEADER_BYTES : aligned(payload.readUInt32LE(4));
  const words = readAttributes(payload.subarray(4 + original)).get(NLMSGERR_ATTR_MSG);
  return words === undefined ? { errno } : { errno, words: text(words) };
}

/** IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF: one 32-bit number per setting, counted from 1 } } */
function ipv4Setting(spec: Buffer | undefined, setting: number): number {
  const inet = spec === undefined ? undefined : readAttributes(spec).get(AF_INET);
  const conf = inet === undefined ? undefined : readAttributes(inet).get(IFLA_INET_CONF);
  const offset = (setting - 1) * 4;
  return conf !== undefined && conf.length >= offset + 4 ? conf.readInt32LE(offset) : 0;
}

function u32(bytes: Buffer | undefined): number {
  return bytes === undefined || bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

/** Up to the first NUL. */
function text(bytes: Buffer | undefined): string {
  if (bytes === undefined) return '';
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

function macText(bytes: Buffer | undefined): string {
  if (bytes === undefined || bytes.length !== 6) return '';
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
