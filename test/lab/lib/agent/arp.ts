/**
 * Questions for hardware addresses, and what is heard in answer: ARP (RFC 826) for IPv4, neighbour discovery
 * (RFC 4861 4.3, 4.4) for IPv6. Frames are whole Ethernet frames.
 */
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;

const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** Something that a host says about the hardware address of an address. */
export interface Heard {
  /** `answer`: to a question from `asker`. `announcement`: unasked (gratuitous). */
  readonly kind: 'answer' | 'announcement';
  readonly address: Buffer;
  readonly mac: string;
  /** The address that the question came from. */
  readonly asker: Buffer;
}

function macText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
}

/** Who has `target`? Asked by `sender` at `mac`. */
export function arpRequest(mac: Buffer, sender: Buffer, target: Buffer): Buffer {
  const frame = Buffer.alloc(42);
  frame.fill(0xff, 0, 6);
  mac.copy(frame, 6);
  frame.writeUInt16BE(ETH_P_ARP, 12);
  frame.writeUInt16BE(1, 14);
  frame.writeUInt16BE(0x0800, 16);
  frame.writeUInt8(6, 18);
  frame.writeUInt8(4, 19);
  frame.writeUInt16BE(ARP_REQUEST, 20);
  mac.copy(frame, 22);
  sender.copy(frame, 28);
  target.copy(frame, 38);
  return frame;
}

/** What an ARP frame says, or null when it is a mere question or none. */
export function readArp(frame: Buffer): Heard | null {
  if (frame.length < 42 || frame.readUInt16BE(12) !== ETH_P_ARP) return null;
  const address = frame.subarray(28, 32);
  const asker = frame.subarray(38, 42);
  const mac = macText(frame.subarray(22, 28));
  if (address.equals(asker)) return { kind: 'announcement', address, mac, asker };
  return frame.readUInt16BE(20) === ARP_REPLY ? { kind: 'answer', address, mac, asker } : null;
}

/** The Internet checksum of an ICMPv6 message with its pseudo header (RFC 8200 8.1). */
function icmpChecksum(source: Buffer, destination: Buffer, message: Buffer): number {
  const tail = Buffer.alloc(8);
  tail.writeUInt32BE(message.length, 0);
  tail.writeUInt8(ICMPV6, 7);
  const all = Buffer.concat([source, destination, tail, message]);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += all.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The same question for IPv6: a neighbour solicitation to the target's solicited-node group. */
export function neighbourSolicitation(mac: Buffer, sender: Buffer, target: Buffer): Buffer {
  const group = Buffer.from('ff0200000000000000000001ff000000', 'hex');
  target.copy(group, 13, 13);
  const message = Buffer.alloc(32);
  message.writeUInt8(SOLICITATION, 0);
  target.copy(message, 8);
  message.writeUInt8(1, 24);
  message.writeUInt8(1, 25);
  mac.copy(message, 26);
  message.writeUInt16BE(icmpChecksum(sender, group, message), 2);
  const header = Buffer.alloc(54);
  header.writeUInt16BE(0x3333, 0);
  group.copy(header, 2, 12);
  mac.copy(header, 6);
  header.writeUInt16BE(ETH_P_IPV6, 12);
  header.writeUInt8(0x60, 14);
  header.writeUInt16BE(message.length, 18);
  header.writeUInt8(ICMPV6, 20);
  header.writeUInt8(255, 21);
  sender.copy(header, 22);
  group.copy(header, 38);
  return Buffer.concat([header, message]);
}

/** What a neighbour advertisement says, or null when the frame is none. */
export function readAdvertisement(frame: Buffer): Heard | null {
  if (frame.length < 78 || frame.readUInt16BE(12) !== ETH_P_IPV6) return null;
  if (frame.readUInt8(20) !== ICMPV6 || frame.readUInt8(54) !== ADVERTISEMENT) return null;
  const asker = frame.subarray(38, 54);
  const isAnswer = (frame.readUInt8(58) & 0x40) !== 0;
  const mac = macText(frame.subarray(6, 12));
  return { kind: isAnswer ? 'answer' : 'announcement', address: frame.subarray(62, 78), mac, asker };
}
