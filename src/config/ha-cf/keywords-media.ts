/** Rows of ha.cf about nodes and the media between them (heartbeat-admin.md 1.4, 1.6). */
import { shown } from '../problems.js';
import type { Medium } from '../types.js';
import { DEFAULT_BAUD, DEFAULT_PORT, type Handler, refuse } from './draft.js';
import { type Keyword, leadingInteger, orList } from './keyword.js';
import {
  addBroadcast,
  addMulticast,
  addMulticast6,
  addOldBroadcast,
  addPing,
  addPing6,
  addPingGroup,
  addSerial,
  addUnicast,
  addUnicast6,
} from './media.js';
import { addNode, wirePort } from './media-checks.js';

const BAUD_RATES = [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800];

/** A medium's name in sentences. */
function mediumName(medium: Medium): string {
  return 'device' in medium ? `${medium.kind} ${medium.device}` : `${medium.kind} ${medium.node}`;
}

const setPort: Handler = (word, context) => {
  const { draft, machine, problems } = context;
  const port = leadingInteger(word.text);
  if (port < 1 || !Number.isSafeInteger(port) || wirePort(port) === 0) {
    const message = `${shown(word.text)} is no port number.`;
    return refuse(
      context,
      word,
      'udpport-invalid',
      message,
      `Write a number from 1 to 65535, usually ${DEFAULT_PORT}.`,
    );
  }
  if (port > 65_535) {
    const message = `udpport ${port} is beyond 65535; port ${wirePort(port)} is used, as the original does.`;
    problems.warning(word, 'udpport-range', message, 'Write a number from 1 to 65535.');
  }
  const service = machine.serviceOfPort(port);
  if (service !== undefined && service !== 'ha-cluster') {
    const message = `Port ${port} is the well-known port of ${service}.`;
    problems.warning(word, 'udpport-reserved', message, `Write ${DEFAULT_PORT} or a free port.`);
  }
  for (const { medium, line } of draft.media) {
    const followsPort = medium.kind === 'bcast' || medium.kind === 'ucast' || medium.kind === 'ucast6';
    if (!followsPort || medium.port === wirePort(port)) continue;
    const message = `${mediumName(medium)} of line ${line} keeps port ${medium.port}: udpport counts from its line on.`;
    problems.warning(word, 'udpport-order', message, 'Put the udpport line before the media.');
  }
  draft.udpport = port;
  return true;
};

const setBaud: Handler = (word, context) => {
  const { draft, problems } = context;
  const baud = leadingInteger(word.text);
  if (!BAUD_RATES.includes(baud)) {
    const message = `${shown(word.text)} is no line speed.`;
    return refuse(context, word, 'baud-invalid', message, `Write ${orList(BAUD_RATES.map(String))}.`);
  }
  for (const { medium, line } of draft.media) {
    if (medium.kind !== 'serial' || medium.baud === baud) continue;
    const message = `${mediumName(medium)} of line ${line} keeps ${medium.baud} baud: baud counts from its line on.`;
    problems.warning(word, 'baud-order', message, 'Put the baud line before the serial lines.');
  }
  draft.baud = baud;
  return true;
};

const none = { unit: '', defaultText: '' } as const;

export const MEDIA_KEYWORDS: readonly Keyword[] = [
  {
    ...none,
    name: 'node',
    kind: 'list',
    argument: 'NAME...',
    range: 'names that uname -n prints on the nodes, letter case aside',
    sentence: 'Nodes of the cluster.',
    handle: (word, context) => addNode(word, 'member', context),
  },
  {
    name: 'udpport',
    kind: 'scalar',
    argument: 'NUMBER',
    unit: '',
    defaultText: String(DEFAULT_PORT),
    range: '1 to 65535',
    sentence: 'UDP port of the bcast and ucast lines that follow.',
    handle: setPort,
  },
  {
    name: 'baud',
    kind: 'scalar',
    argument: 'NUMBER',
    unit: 'bit/s',
    defaultText: String(DEFAULT_BAUD),
    range: BAUD_RATES.join(' '),
    sentence: 'Speed of the serial lines that follow.',
    once: true,
    handle: setBaud,
  },
  {
    ...none,
    name: 'bcast',
    kind: 'list',
    argument: 'DEVICE...',
    range: 'interfaces of this machine',
    sentence: 'Heartbeats by UDP broadcast on these interfaces.',
    handle: addBroadcast,
  },
  {
    ...none,
    name: 'udp',
    kind: 'list',
    argument: 'DEVICE...',
    range: 'interfaces of this machine',
    sentence: 'Old name of bcast.',
    handle: addOldBroadcast,
  },
  {
    ...none,
    name: 'mcast',
    kind: 'line',
    argument: 'DEVICE GROUP PORT TTL LOOP',
    range: 'group 224.0.0.0/4, port 1 to 65535, ttl 0 to 4, loop 0 or 1',
    sentence: 'Heartbeats by UDP multicast; the port is its own.',
    required: true,
    handle: addMulticast,
  },
  {
    ...none,
    name: 'mcast6',
    kind: 'line',
    argument: 'DEVICE GROUP PORT HOPS LOOP',
    range: 'group ff00::/8, port 1 to 65535, hops 0 to 255, loop 0 or 1',
    sentence: 'Heartbeats by IPv6 multicast; the port is its own.',
    required: true,
    handle: addMulticast6,
  },
  {
    ...none,
    name: 'ucast',
    kind: 'line',
    argument: 'DEVICE PEER',
    range: 'an interface and an IPv4 address or a name that resolves',
    sentence: 'Heartbeats to one peer; a line with our own address does no harm.',
    required: true,
    handle: addUnicast,
  },
  {
    ...none,
    name: 'ucast6',
    kind: 'line',
    argument: 'DEVICE PEER',
    range: 'an interface and an IPv6 address, optionally %SCOPE',
    sentence: 'Heartbeats to one peer over IPv6.',
    required: true,
    handle: addUnicast6,
  },
  {
    ...none,
    name: 'serial',
    kind: 'list',
    argument: 'DEVICE...',
    range: 'terminal lines, e.g. /dev/ttyS0',
    sentence: 'Heartbeats over serial lines.',
    handle: addSerial,
  },
  {
    ...none,
    name: 'ping',
    kind: 'list',
    argument: 'HOST...',
    range: 'IPv4 addresses or names that resolve',
    sentence: 'Hosts that are pinged to judge the network; each is a pseudo node.',
    handle: addPing,
  },
  {
    ...none,
    name: 'ping6',
    kind: 'list',
    argument: 'HOST...',
    range: 'IPv6 addresses or names that resolve',
    sentence: 'Hosts that are pinged over IPv6.',
    handle: addPing6,
  },
  {
    ...none,
    name: 'ping_group',
    kind: 'line',
    argument: 'NAME HOST...',
    range: 'a name and at least one host',
    sentence: 'Hosts that count as one pseudo node: alive while any of them answers.',
    required: true,
    handle: addPingGroup,
  },
];
