/** Reads haresources: which node prefers which resources (heartbeat-admin.md 2). */
import { nearest } from '../nearest.js';
import { type Place, Problems, shown } from '../problems.js';
import type { Resource, ResourceGroup } from '../types.js';
import { checkIdentity } from './identity.js';
import { type ResourceLine, readResourceLines } from './lexer.js';
import { readResource } from './words.js';

/** One line of the file; a line with a node only has an empty key and no resources. */
export interface ReadGroup {
  readonly group: ResourceGroup;
  /** Where the first resource stands. */
  readonly keyPlace: Place;
  readonly places: readonly Place[];
}

export interface Haresources {
  /** Every line, in order. */
  readonly groups: readonly ReadGroup[];
  readonly problems: Problems;
}

export interface HaresourcesContext {
  /** Normal nodes of ha.cf, lower-case; empty when ha.cf is not understood, then names are not judged. */
  readonly nodes: readonly string[];
  readonly builtinAddresses: boolean;
  hasResourceScript(name: string): boolean | undefined;
}

/** Understands the text; never throws. A node that is not known is the only error. */
export function parseHaresources(text: string, file: string, context: HaresourcesContext): Haresources {
  const problems = new Problems(file);
  const groups = readResourceLines(text, problems).map((line) => readGroup(line, context, problems));
  checkIdentity(groups, problems);
  return { groups, problems };
}

function readGroup(line: ResourceLine, context: HaresourcesContext, problems: Problems): ReadGroup {
  const [nodeWord, ...words] = line.words;
  const place: Place = nodeWord ?? { line: line.line, column: 1 };
  const written = nodeWord?.text ?? '';
  // The owner may be a VRRP instance, whose name keeps its capitals.
  const node = written.startsWith('vrrp:') ? written : written.toLowerCase();
  checkNode(nodeWord?.text ?? '', place, context.nodes, problems);
  const resources = words.map((word) => readResource(word, context.builtinAddresses, problems));
  for (const [index, resource] of resources.entries()) {
    checkScript(resource, words[index] ?? place, context, problems);
  }
  if (resources.length === 0) {
    const message = `The line names the node ${shown(node)} but no resource, so it does nothing.`;
    problems.warning(place, 'empty-group', message, 'Add resources, or remove the line.');
  }
  const keyWord = words[0];
  return {
    group: { key: keyWord?.text ?? '', node, resources, line: line.line },
    keyPlace: keyWord ?? place,
    places: words,
  };
}

function checkNode(name: string, place: Place, nodes: readonly string[], problems: Problems): void {
  if (nodes.length === 0 || nodes.includes(name.toLowerCase()) || name.startsWith('vrrp:')) return;
  if (name.startsWith('\ufeff')) {
    const message = 'The file begins with a byte order mark, which becomes part of the first node name.';
    problems.error(place, 'node-unknown', message, 'Save the file as UTF-8 without a byte order mark.');
    return;
  }
  const unique = [...new Set(nodes)];
  const known = unique.length > 10 ? `${unique.slice(0, 10).join(', ')} and more` : unique.join(', ');
  const single = /[,;]/.test(name) ? ' A line names one node only.' : '';
  problems.error(
    place,
    'node-unknown',
    `${shown(name)} is no node of ha.cf; known nodes are ${known}.${single}`,
    `The line must begin with the name that "uname -n" prints on the node; the nearest is ${nearest(name, unique) ?? ''}.`,
  );
}

function checkScript(
  resource: Resource,
  place: Place,
  context: HaresourcesContext,
  problems: Problems,
): void {
  if (resource.address !== undefined || context.hasResourceScript(resource.type) !== false) return;
  const [message, hint] = absence(resource.type);
  problems.warning(place, 'script-missing', message, hint);
}

/** What is wrong with a word whose agent is not there, and what to do, by the kind of agent that it names. */
function absence(type: string): [message: string, hint: string] {
  const [kind, provider = '', name = ''] = type.split(':');
  if (kind === 'ocf') {
    const message = `There is no OCF agent ${shown(name)} of the provider ${shown(provider)} in /usr/lib/ocf/resource.d.`;
    return [message, 'Install it (package resource-agents), or write ocf:PROVIDER:AGENT::name=value.'];
  }
  if (kind === 'systemd') {
    const message = `systemd does not run on this machine, so ${shown(type)} cannot be started.`;
    return [message, 'Use a script of resource.d or /etc/init.d.'];
  }
  const message = `There is no resource script ${shown(type)} in resource.d or /etc/init.d.`;
  return [message, 'Install it as an executable file, or correct the name.'];
}
