/**
 * Routing netlink messages (rtnetlink(7)) from and to bytes, pure. All numbers are in host order, little-endian here;
 * everything is padded to 4 bytes.
 *
 *    0          4      6       8       12      16
 *   +----------+------+-------+-------+-------+----------------+---------------------------+
 *   | length   | type | flags | seq   | port  | family header  | attributes: len type data |
 *   +----------+------+-------+-------+-------+----------------+---------------------------+
 */
import { addressBytes } from './ip-address.js';

export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;
const NLM_F_REPLACE = 0x100;
const NLM_F_CREATE = 0x400;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_SETLINK = 19;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;

export const HEADER_BYTES = 16;
const AF_INET = 2;
const AF_INET6 = 10;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const NLM_F_EXCL = 0x200;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_LINK = 5;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_MACVLAN_MODE = 1;
const MACVLAN_MODE_PRIVATE = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const ADDR_GEN_NONE = 1;
const IPV4_DEVCONF_RP_FILTER = 8;
const IPV4_DEVCONF_ARP_IGNORE = 19;
const IPV4_DEVCONF_ACCEPT_LOCAL = 23;
const ONE = Buffer.from([1, 0, 0, 0]);
const ZERO = Buffer.alloc(4);
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;
const RTA_DST = 1;
const RTM_F_FIB_MATCH = 0x2000;
const IFF_UP = 1;
const INFINITE_LIFETIME = 0xffff_ffff;

/** An address to be set or removed. */
export interface AddressRequest {
  readonly interfaceIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly broadcast?: string;
  readonly label?: string;
  /** IFA_F_* */
  readonly flags?: number;
  /** RT_SCOPE_*, default global. */
  readonly scope?: number;
  /** Whole seconds, 1..2^32-2, until the kernel removes it; absent: it stays. */
  readonly lifetimeS?: number;
  /** Whole seconds until it is no longer used as a source; absent: as long as it lives. */
  readonly preferredS?: number;
  /** Other end of a point-to-point address. */
  readonly peer?: string;
}

/** RTM_NEWADDR that creates the address, or sets the lifetime of one that is there already. */
export function setAddressMessage(request: AddressRequest): Uint8Array {
  const attributes = addressAttributes(request);
  const cacheInfo = Buffer.alloc(16);
  const lifetime = request.lifetimeS ?? INFINITE_LIFETIME;
  cacheInfo.writeUInt32LE(request.preferredS ?? lifetime, 0); // preferred
  cacheInfo.writeUInt32LE(lifetime, 4); // valid
  attributes.push(attribute(IFA_CACHEINFO, cacheInfo));
  if (request.flags !== undefined) {
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(request.flags);
    attributes.push(attribute(IFA_FLAGS, flags));
  }
  const wanted = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
  return message(RTM_NEWADDR, wanted, [addressHeader(request), ...attributes]);
}

/** RTM_DELADDR. The kernel answers EADDRNOTAVAIL when the address is not there. */
export function deleteAddressMessage(request: AddressRequest): Uint8Array {
  return message(RTM_DELADDR, NLM_F_REQUEST, [addressHeader(request), ...addressAttributes(request)]);
}

/** RTM_GETLINK for all interfaces. */
export function dumpLinksMessage(): Uint8Array {
  return message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, [Buffer.alloc(16)]);
}

/** RTM_GETADDR for all addresses of both families. */
export function dumpAddressesMessage(): Uint8Array {
  return message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, [Buffer.alloc(8)]);
}

/** RTM_GETROUTE: by which routing entry is this address reached? */
export function routeMessage(address: string): Uint8Array {
  const bytes = addressBytes(address) ?? new Uint8Array(4);
  const header = Buffer.alloc(12);
  header[0] = familyOf(bytes);
  header[1] = bytes.length * 8;
  header.writeUInt32LE(RTM_F_FIB_MATCH, 8);
  return message(RTM_GETROUTE, NLM_F_REQUEST, [header, attribute(RTA_DST, bytes)]);
}

/** RTM_SETLINK that brings an interface up. */
export function linkUpMessage(interfaceIndex: number): Uint8Array {
  return message(RTM_SETLINK, NLM_F_REQUEST, [linkHeader(interfaceIndex, IFF_UP)]);
}

/** RTM_SETLINK that sets net.ipv4.conf.IF.promote_secondaries to 1. */
export function promoteSecondariesMessage(interfaceIndex: number): Uint8Array {
  const one = Buffer.from([1, 0, 0, 0]);
  const conf = attribute(IFLA_INET_CONF, attribute(IPV4_DEVCONF_PROMOTE_SECONDARIES, one));
  const spec = attribute(IFLA_AF_SPEC, attribute(AF_INET, conf));
  return message(RTM_SETLINK, NLM_F_REQUEST, [linkHeader(interfaceIndex, 0), spec]);
}

/**
 * RTM_NEWLINK for a macvlan in private mode on another interface (RFC 5798 7.3: the virtual router's own MAC). EEXIST
 * when there is one of that name.
 */
export function newMacvlanMessage(name: string, baseIndex: number, mac: Uint8Array): Uint8Array {
  const base = Buffer.alloc(4);
  base.writeUInt32LE(baseIndex);
  const mode = attribute(IFLA_MACVLAN_MODE, Buffer.from([MACVLAN_MODE_PRIVATE, 0, 0, 0]));
  const info = [attribute(IFLA_INFO_KIND, Buffer.from('macvlan')), attribute(IFLA_INFO_DATA, mode)];
  return message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL, [
    linkHeader(0, 0),
    attribute(IFLA_IFNAME, Buffer.from(`${name}\0`)),
    attribute(IFLA_LINK, base),
    attribute(IFLA_ADDRESS, mac),
    attribute(IFLA_LINKINFO, Buffer.concat(info)),
  ]);
}

/**
 * RTM_SETLINK by name: up, without a link-local address of its own making, taking packets of this host's addresses, and
 * answering ARP only for its own addresses.
 */
export function virtualRouterLinkMessage(name: string): Uint8Array {
  const conf = [
    attribute(IPV4_DEVCONF_ARP_IGNORE, ONE),
    attribute(IPV4_DEVCONF_RP_FILTER, ZERO),
    attribute(IPV4_DEVCONF_ACCEPT_LOCAL, ONE),
  ];
  const four = attribute(AF_INET, attribute(IFLA_INET_CONF, Buffer.concat(conf)));
  const six = attribute(AF_INET6, attribute(IFLA_INET6_ADDR_GEN_MODE, Buffer.from([ADDR_GEN_NONE])));
  return message(RTM_SETLINK, NLM_F_REQUEST, [
    linkHeader(0, IFF_UP),
    attribute(IFLA_IFNAME, Buffer.from(`${name}\0`)),
    attribute(IFLA_AF_SPEC, Buffer.concat([four, six])),
  ]);
}

/**
 * RTM_SETLINK: for which addresses the interface answers ARP (arp_ignore): 1 its own, not those of a macvlan above it;
 * 0 all of the machine.
 */
export function arpIgnoreMessage(interfaceIndex: number, level: number): Uint8Array {
  const value = Buffer.alloc(4);
  value.writeInt32LE(level);
  const conf = attribute(IFLA_INET_CONF, attribute(IPV4_DEVCONF_ARP_IGNORE, value));
  return message(RTM_SETLINK, NLM_F_REQUEST, [
    linkHeader(interfaceIndex, 0),
    attribute(IFLA_AF_SPEC, attribute(AF_INET, conf)),
  ]);
}

/** RTM_DELLINK by index. */
export function deleteLinkMessage(interfaceIndex: number): Uint8Array {
  return message(RTM_DELLINK, NLM_F_REQUEST, [linkHeader(interfaceIndex, 0)]);
}

/** struct ifaddrmsg: family, prefix length, flags, scope, interface index. */
function addressHeader(request: AddressRequest): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = familyOf(addressBytes(request.address) ?? new Uint8Array(4));
  header[1] = request.prefixLength;
  header[2] = (request.flags ?? 0) & 0xff;
  header[3] = request.scope ?? 0;
  header.writeUInt32LE(request.interfaceIndex, 4);
  return header;
}

function addressAttributes(request: AddressRequest): Uint8Array[] {
  const bytes = addressBytes(request.address) ?? new Uint8Array(4);
  const other = request.peer === undefined ? bytes : (addressBytes(request.peer) ?? bytes);
  const attributes = [attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, other)];
  const broadcast = request.broadcast === undefined ? undefined : addressBytes(request.broadcast);
  if (broadcast !== undefined) attributes.push(attribute(IFA_BROADCAST, broadcast));
  if (request.label !== undefined) attributes.push(attribute(IFA_LABEL, Buffer.from(`${request.label}\0`)));
  return attributes;
}

/** struct ifinfomsg: family, type, index, flags, change mask. */
function linkHeader(interfaceIndex: number, setFlags: number): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeInt32LE(interfaceIndex, 4);
  header.writeUInt32LE(setFlags, 8);
  header.writeUInt32LE(setFlags, 12);
  return header;
}

function familyOf(bytes: Uint8Array): number {
  return bytes.length === 4 ? AF_INET : AF_INET6;
}

/** Attribute header (length without padding, type), data, padding. */
function attribute(type: number, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + aligned(data.length));
  bytes.writeUInt16LE(4 + data.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(data, 4);
  return bytes;
}

/** Sequence number and port stay 0; the socket fills in the former. */
function message(type: number, flags: number, parts: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  const bytes = Buffer.concat([header, ...parts]);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  return bytes;
}

/** Rounded up to the next multiple of four. */
export function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}
