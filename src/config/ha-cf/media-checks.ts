/** What the lines that open a medium have in common. */
import { isIPv4, isIPv6 } from 'node:net';
import { likelyMeant } from '../nearest.js';
import { type Place, shown } from '../problems.js';
import type { Medium } from '../types.js';
import { type LineContext, MAX_MEDIA, MAX_NODES, refuse } from './draft.js';
import { orList } from './keyword.js';
import type { Word } from './lexer.js';

/** Adds a medium unless there are too many. */
export function addMedium(medium: Medium, place: Place, context: LineContext): boolean {
  const { media } = context.draft;
  const { line, column } = place;
  media.push({ medium, line, column });
  if (media.length !== MAX_MEDIA + 1) return true;
  const message = `This is medium number ${media.length}; heartbeat works with at most ${MAX_MEDIA}.`;
  const hint = 'Remove lines; one mcast or bcast line serves all nodes of a network.';
  return refuse(context, place, 'too-many-media', message, hint);
}

/** The original keeps so many bytes of a node name. */
const MAX_NODE_NAME_BYTES = 100;

/** Adds a node unless there are too many. */
export function addNode(word: Word, kind: 'member' | 'ping', context: LineContext): boolean {
  const { nodes } = context.draft;
  const bytes = Buffer.from(kind === 'member' ? word.text.toLowerCase() : word.text);
  const name = bytes.subarray(0, MAX_NODE_NAME_BYTES).toString();
  if (bytes.length > MAX_NODE_NAME_BYTES) {
    const message = `This node name has ${bytes.length} bytes; only the first ${MAX_NODE_NAME_BYTES} count.`;
    context.problems.warning(word, 'node-name-cut', message, 'Shorten the name; uname -n prints 64 at most.');
  }
  nodes.push({ name, kind, line: word.line, column: word.column });
  if (nodes.length !== MAX_NODES + 1) return true;
  const message = `This is node number ${nodes.length}; a cluster has at most ${MAX_NODES}, ping nodes included.`;
  return refuse(context, word, 'too-many-nodes', message, 'Remove node or ping lines.');
}

/** Whether the interface exists; otherwise a sentence with the interfaces that do. */
export function interfaceExists(word: Word, context: LineContext): boolean {
  const { machine, directive } = context;
  if (machine.interfaceAddresses(word.text) !== undefined) return true;
  const base = word.text.split(':')[0] ?? '';
  if (base !== word.text && machine.interfaceAddresses(base) !== undefined) {
    const message = `${directive} cannot use the interface label ${shown(word.text)}.`;
    return refuse(context, word, 'interface-label', message, `Write ${base}.`);
  }
  const meant = likelyMeant(word.text, machine.interfaceNames);
  const known = machine.interfaceNames.filter((name) => name !== 'lo');
  const choice = meant !== undefined && meant !== 'lo' ? [meant] : known;
  const hint = choice.length === 0 ? 'This machine has no network interface.' : `Write ${orList(choice)}.`;
  const message = `This machine has no interface ${shown(word.text)} for ${directive}.`;
  return refuse(context, word, 'interface-missing', message, hint);
}

/** The address that a peer's or ping node's word stands for; undefined when it does not resolve. */
export function resolved(word: Word, family: 4 | 6, context: LineContext): string | undefined {
  const address = context.machine.resolve(word.text, family);
  if (address !== undefined) return address;
  const message = `${context.directive} ${shown(word.text)}: this is no IPv${family} address and the name does not resolve.`;
  const hint = 'Write the address, or add the name to /etc/hosts.';
  context.problems.error(word, 'host-unknown', message, hint);
  return undefined;
}

/** 224.0.0.0/4 */
export function isMulticast4(address: string): boolean {
  const first = Number(address.split('.')[0]);
  return isIPv4(address) && first >= 224 && first <= 239;
}

/** ff00::/8 */
export function isMulticast6(address: string): boolean {
  return isIPv6(address) && /^ff/i.test(address);
}

/** fe80::/10 */
export function isLinkLocal6(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** The port that a port number of the file means: the original cuts it to 16 bits. */
export function wirePort(port: number): number {
  return port & 0xffff;
}
