/** Handlers of the lines that open a medium (heartbeat-admin.md 1.4, heartbeat-protocol.md 2). */
import { shown } from '../problems.js';
import { type Handler, type LineContext, refuse } from './draft.js';
import { leadingInteger } from './keyword.js';
import { blankWords, type Word } from './lexer.js';
import {
  addMedium,
  addNode,
  interfaceExists,
  isLinkLocal6,
  isMulticast4,
  isMulticast6,
  resolved,
  wirePort,
} from './media-checks.js';

export const addBroadcast: Handler = (word, context) => {
  if (!interfaceExists(word, context)) return false;
  const port = wirePort(context.draft.udpport);
  return addMedium({ kind: 'bcast', device: word.text, port }, word, context);
};

export const addOldBroadcast: Handler = (word, context) => {
  const message = 'udp is the old name of bcast.';
  context.problems.warning(word, 'udp-alias', message, `Write bcast ${word.text}.`);
  return addBroadcast(word, context);
};

export const addSerial: Handler = (word, context) => {
  const kind = context.machine.deviceKind(word.text);
  if (kind === 'absent') {
    const message = `There is no serial device ${shown(word.text)}.`;
    return refuse(context, word, 'serial-missing', message, 'Write one that exists, e.g. /dev/ttyS0.');
  }
  if (kind === 'other') {
    const message = `${shown(word.text)} is no terminal line, so no heartbeat can be sent over it.`;
    return refuse(context, word, 'serial-not-tty', message, 'Write a serial port, e.g. /dev/ttyS0.');
  }
  return addMedium({ kind: 'serial', device: word.text, baud: context.draft.baud }, word, context);
};

/** Port, TTL or hops, and loop of a multicast line. */
interface MulticastNumbers {
  readonly port: number;
  readonly ttl: number;
  readonly loop: boolean;
}

/** Largest TTL that the original lets through (heartbeat-protocol.md 2.3). */
const MAX_TTL = 4;
const MULTICAST_PARTS = ['device', 'group', 'port', 'ttl', 'loop'] as const;

function multicastNumbers(
  words: readonly Word[],
  maxTtl: number,
  context: LineContext,
): MulticastNumbers | undefined {
  const [, , portWord, ttlWord, loopWord] = words;
  if (portWord === undefined || ttlWord === undefined || loopWord === undefined) return undefined;
  const { directive } = context;
  const port = leadingInteger(portWord.text);
  if (port < 1 || wirePort(port) === 0) {
    const message = `${directive}: ${shown(portWord.text)} is no port number.`;
    refuse(context, portWord, 'mcast-port-invalid', message, 'Write a number, usually 694.');
    return undefined;
  }
  // The original keeps one byte of these two numbers.
  const ttl = leadingInteger(ttlWord.text) & 0xff;
  if (ttl > maxTtl) {
    const message = `${directive}: ${shown(ttlWord.text)} is no time to live.`;
    refuse(context, ttlWord, 'mcast-ttl-invalid', message, `Write a number from 1 to ${maxTtl}.`);
    return undefined;
  }
  const loop = leadingInteger(loopWord.text) & 0xff;
  if (loop > 1) {
    const message = `${directive}: ${shown(loopWord.text)} is no value of loop.`;
    refuse(context, loopWord, 'mcast-loop-invalid', message, 'Write 0 or 1.');
    return undefined;
  }
  if (ttl === 0) {
    const message = `${directive}: a ttl of 0 keeps every packet on this machine.`;
    context.problems.warning(ttlWord, 'mcast-ttl-zero', message, 'Write 1.');
  }
  return { port: wirePort(port), ttl, loop: loop === 1 };
}

/** The words of a multicast line, or undefined after a diagnostic about a missing one. */
function multicastWords(rest: Word, context: LineContext): readonly Word[] | undefined {
  const words = blankWords(rest);
  const missing = MULTICAST_PARTS[words.length];
  if (missing !== undefined) {
    const group = context.directive === 'mcast' ? '225.0.0.1' : 'ff12::1';
    const message = `The ${context.directive} line stops before the ${missing}.`;
    const hint = `Write ${context.directive} eth0 ${group} 694 1 0 (device, group, port, ttl, loop).`;
    refuse(context, rest, `mcast-missing-${missing}`, message, hint);
    return undefined;
  }
  const extra = words[MULTICAST_PARTS.length];
  if (extra !== undefined) {
    const message = `${context.directive}: ${shown(extra.text)} and what follows is ignored.`;
    context.problems.warning(extra, 'mcast-extra-words', message, 'Remove it.');
  }
  return words;
}

export const addMulticast: Handler = (rest, context) => {
  const words = multicastWords(rest, context);
  const [deviceWord, groupWord] = words ?? [];
  if (words === undefined || deviceWord === undefined || groupWord === undefined) return false;
  if (!isMulticast4(groupWord.text)) {
    const message = `mcast: ${shown(groupWord.text)} is no multicast address.`;
    const hint = 'Write an address from 224.0.0.0 to 239.255.255.255, e.g. 225.0.0.1.';
    return refuse(context, groupWord, 'address-invalid', message, hint);
  }
  const numbers = multicastNumbers(words, MAX_TTL, context);
  if (numbers === undefined || !interfaceExists(deviceWord, context)) return false;
  const addresses = context.machine.interfaceAddresses(deviceWord.text) ?? [];
  if (!addresses.some((address) => !address.includes(':'))) {
    const message = `mcast: the interface ${deviceWord.text} has no IPv4 address.`;
    return refuse(context, deviceWord, 'interface-no-address', message, 'Give it an address first.');
  }
  const medium = { kind: 'mcast', device: deviceWord.text, group: groupWord.text, ...numbers } as const;
  return addMedium(medium, deviceWord, context);
};

export const addMulticast6: Handler = (rest, context) => {
  const words = multicastWords(rest, context);
  const [deviceWord, groupWord] = words ?? [];
  if (words === undefined || deviceWord === undefined || groupWord === undefined) return false;
  const group = groupWord.text.split('%')[0] ?? '';
  if (!isMulticast6(group)) {
    const message = `mcast6: ${shown(groupWord.text)} is no IPv6 multicast address.`;
    return refuse(context, groupWord, 'address-invalid', message, 'Write an address that begins with ff.');
  }
  const numbers = multicastNumbers(words, 255, context);
  if (numbers === undefined || !interfaceExists(deviceWord, context)) return false;
  const { port, ttl, loop } = numbers;
  const medium = { kind: 'mcast6', device: deviceWord.text, group, port, hops: ttl, loop } as const;
  return addMedium(medium, deviceWord, context);
};

/** The two words of a ucast line, or undefined after a diagnostic. */
function unicastWords(rest: Word, context: LineContext): readonly [Word, Word] | undefined {
  const [device, peer, extra] = blankWords(rest);
  if (device === undefined || peer === undefined) {
    const missing = device === undefined ? 'interface' : "peer's address";
    const message = `The ${context.directive} line stops before the ${missing}.`;
    const example = context.directive === 'ucast' ? '10.0.0.2' : '2001:db8::2';
    refuse(context, rest, 'ucast-incomplete', message, `Write ${context.directive} eth0 ${example}.`);
    return undefined;
  }
  if (extra !== undefined) {
    const message = `${context.directive}: ${shown(extra.text)} and what follows is ignored.`;
    const hint = `Write one ${context.directive} line for each peer.`;
    context.problems.warning(extra, 'ucast-extra-words', message, hint);
  }
  return [device, peer];
}

export const addUnicast: Handler = (rest, context) => {
  const words = unicastWords(rest, context);
  if (words === undefined) return false;
  const [device, peer] = words;
  const address = resolved(peer, 4, context);
  if (address === undefined || !interfaceExists(device, context)) return false;
  const port = wirePort(context.draft.udpport);
  const medium = { kind: 'ucast', device: device.text, peer: peer.text, address, port } as const;
  return addMedium(medium, device, context);
};

export const addUnicast6: Handler = (rest, context) => {
  const words = unicastWords(rest, context);
  if (words === undefined) return false;
  const [device, peer] = words;
  const [bare = '', scope] = peer.text.split('%');
  const plain = context.machine.resolve(bare, 6);
  if (plain === undefined) {
    const message = `ucast6 ${device.text}: ${shown(peer.text)} is no IPv6 address.`;
    return refuse(context, peer, 'address-invalid', message, 'Write one, e.g. 2001:db8::2.');
  }
  if (!interfaceExists(device, context)) return false;
  const zone = scope ?? (isLinkLocal6(plain) ? device.text : undefined);
  const address = zone === undefined ? plain : `${plain}%${zone}`;
  const port = wirePort(context.draft.udpport);
  const medium = { kind: 'ucast6', device: device.text, peer: peer.text, address, port } as const;
  return addMedium(medium, device, context);
};

export const addPing: Handler = (word, context) => {
  const address = resolved(word, 4, context);
  if (address === undefined) return false;
  return (
    addNode(word, 'ping', context) && addMedium({ kind: 'ping', node: word.text, address }, word, context)
  );
};

export const addPing6: Handler = (word, context) => {
  const address = resolved(word, 6, context);
  if (address === undefined) return false;
  return (
    addNode(word, 'ping', context) && addMedium({ kind: 'ping6', node: word.text, address }, word, context)
  );
};

export const addPingGroup: Handler = (rest, context) => {
  const [name, ...members] = blankWords(rest);
  if (name === undefined || members.length === 0) {
    const message = 'The ping_group line names no address to ping.';
    const hint = 'Write ping_group NAME ADDRESS..., e.g. ping_group routers 10.0.0.254 10.0.0.253.';
    return refuse(context, rest, 'ping_group-empty', message, hint);
  }
  const addresses: string[] = [];
  for (const member of members) {
    const address = context.machine.resolve(member.text, 4);
    if (address !== undefined) addresses.push(address);
    else {
      const message = `ping_group ${name.text}: ${shown(member.text)} is no IPv4 address and does not resolve.`;
      context.problems.warning(member, 'host-unknown', message, 'This member is never pinged; correct it.');
    }
  }
  return (
    addNode(name, 'ping', context) &&
    addMedium({ kind: 'ping_group', node: name.text, addresses }, name, context)
  );
};
