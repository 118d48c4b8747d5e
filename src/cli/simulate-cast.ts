/**
 * The user's own files as the cast of a simulation: the same files for every node, or other ones for some. Interfaces,
 * devices and names need not exist on this machine: what is simulated is what the files say.
 */
import { join } from 'node:path';
import { readDirectiveLines } from '../config/ha-cf/lexer.js';
import { readSource } from '../config/load.js';
import { addressLiteral, type Machine } from '../config/machine-facts.js';
import { parseConfiguration } from '../config/parse.js';
import { type SourceFile, type SourceFiles, utf8 } from '../config/source.js';
import type { ClusterConfig, Diagnostic, ResourceGroup } from '../config/types.js';
import { witnessNames } from '../sim/scenario/names.js';
import type { Cast } from '../sim/scenario/play.js';
import { clusterVrrp, groupsOf } from './simulate-vrrp.js';

export type LoadedCast =
  | {
      readonly ok: true;
      readonly cast: Cast /** Sentences on what is assumed. */;
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const KEYS = 'auth 1\n1 sha1 nobody-listens-in-a-simulation\n';

/**
 * @param others directories for single nodes, by node name
 * @param otherwise directory for files that are not in configDir
 */
export function loadCast(
  configDir: string,
  others: ReadonlyMap<string, string> = new Map(),
  otherwise?: string,
): LoadedCast {
  const notes: string[] = [];
  const folders = otherwise === undefined ? [configDir] : [configDir, otherwise];
  const common = sourcesOf(folders, notes);
  const names = nodeNames(common.haCf);
  const strangers = [...others.keys()].filter((name) => !names.includes(name));
  if (strangers.length > 0)
    return problem(
      common.haCf.path,
      `ha.cf has no node ${strangers.join(', ')}, for which files were given.`,
      `Its nodes are: ${names.join(', ')}.`,
    );
  const nodes: { config: ClusterConfig; authKeys: Cast['nodes'][number]['authKeys'] }[] = [];
  for (const name of names.length > 0 ? names : ['']) {
    const folder = others.get(name);
    const sources = folder === undefined ? common : sourcesOf([folder, ...folders], notes);
    const read = parseConfiguration(sources, anyMachine(sources.haCf, name), name);
    if (!read.accepted)
      return { ok: false, diagnostics: read.diagnostics.filter((one) => one.severity === 'error') };
    nodes.push({ config: read.config, authKeys: read.authKeys });
  }
  const linksOf = ({ media }: ClusterConfig): string[] => [
    ...new Set(media.flatMap((medium) => ('device' in medium ? [medium.device] : []))),
  ];
  const checks = new Set<string>();
  for (const [i, { config, authKeys }] of nodes.entries()) {
    const own = others.get(config.self);
    const places = own === undefined ? folders : [own, ...folders];
    const played = clusterVrrp(config.settings.vrrpConfig ?? '', places, config.self, linksOf(config), notes);
    if (!played.ok) return played;
    if (played.vrrp !== undefined) nodes[i] = { config: { ...config, vrrp: played.vrrp }, authKeys };
    for (const name of played.checks) checks.add(name);
  }
  const withGroups = nodes.map((node) => ({ ...node, config: withExample(node.config, notes) }));
  const [first] = withGroups;
  if (first === undefined || withGroups.length < 2)
    return problem(
      common.haCf.path,
      'A simulation needs two nodes; ha.cf names fewer.',
      'Add "node NAME1 NAME2".',
    );
  const links = linksOf(first.config);
  if (links.length === 0)
    return problem(common.haCf.path, 'ha.cf has no medium that carries heartbeats.', 'Add "bcast eth0".');
  const witnesses = witnessNames(first.config);
  return {
    ok: true,
    cast: {
      nodes: withGroups,
      names: {
        ...{ nodes: names, links, witnesses, checks: [...checks] },
        groups: [
          ...first.config.groups,
          ...groupsOf(nodes.flatMap(({ config }) => config.vrrp?.instances ?? [])),
        ],
      },
    },
    notes: [...new Set(notes)],
  };
}

function problem(file: string, message: string, hint: string): LoadedCast {
  return {
    ok: false,
    diagnostics: [{ file, line: 0, column: 0, severity: 'error', code: 'simulation', message, hint }],
  };
}

/** A file is taken from the first of the folders that has it. */
function sourcesOf(folders: readonly string[], notes: string[]): SourceFiles {
  const source = (name: string): SourceFile => {
    const found = folders.map((folder) => readSource(join(folder, name)));
    const [own] = found;
    return found.find(({ state }) => state !== 'missing') ?? own ?? { state: 'missing', path: name };
  };
  return {
    haCf: source('ha.cf'),
    haresources: source('haresources'),
    authkeys: withKey(source('authkeys'), notes),
    heartbeatIni: source('heartbeat.ini'),
  };
}

/** Without a key of the user the simulation has one of its own. Who may read the file does not matter here. */
function withKey(source: SourceFile, notes: string[]): SourceFile {
  const text = source.state === 'read' ? utf8(source.bytes) : '';
  if (source.state === 'read' && /^\s*auth\s/m.test(text)) return { ...source, mode: 0o600 };
  notes.push(
    source.state === 'unreadable'
      ? `${source.path} cannot be read (${source.reason}): heartbeats are signed with a key made up for the simulation.`
      : `${source.path} has no key in force: heartbeats are signed with a key made up for the simulation.`,
  );
  return { state: 'read', path: source.path, bytes: new TextEncoder().encode(KEYS), mode: 0o600 };
}

/** A configuration without services shows nothing: it gets one, and that is said. */
function withExample(config: ClusterConfig, notes: string[]): ClusterConfig {
  if (config.groups.length > 0) return config;
  const node = config.nodes[0] ?? config.self;
  const address = { family: 4 as const, address: '192.0.2.10', prefixLength: 24 };
  const example: ResourceGroup = {
    key: '192.0.2.10',
    node,
    line: 1,
    resources: [
      { word: '192.0.2.10', type: 'IPaddr', args: ['192.0.2.10'], address },
      { word: 'web', type: 'web', args: [] },
    ],
  };
  notes.push(`haresources has no group: "${node} 192.0.2.10 web" is simulated as an example.`);
  return { ...config, groups: [example] };
}

function directives(haCf: SourceFile, ...names: readonly string[]): string[][] {
  const text = haCf.state === 'read' ? utf8(haCf.bytes) : '';
  return readDirectiveLines(text)
    .filter((line) => names.includes(line.name.text))
    .map((line) => line.pieces.map((piece) => piece.text));
}

function nodeNames(haCf: SourceFile): string[] {
  return [
    ...new Set(
      directives(haCf, 'node')
        .flat()
        .map((name) => name.toLowerCase()),
    ),
  ];
}

/** A machine on which everything exists that the files name. */
function anyMachine(haCf: SourceFile, hostname: string): Machine {
  const types = [
    ...directives(haCf, 'stonith').map(([type = '']) => type),
    ...directives(haCf, 'stonith_host').map(([, type = '']) => type),
  ];
  const made = new Map<string, string>();
  return {
    hostname,
    interfaceAddresses: () => ['192.0.2.1/24', '2001:db8::1/64'],
    interfaceNames: directives(haCf, 'bcast', 'mcast', 'mcast6', 'ucast', 'ucast6').flatMap(
      ([name = '']) => name,
    ),
    deviceKind: (path) => (path.includes('watchdog') ? 'other' : 'tty'),
    hasUser: () => true,
    hasGroup: () => true,
    isExecutable: () => true,
    stonithTypes: types,
    resolve(name, family) {
      const literal = addressLiteral(name, family);
      if (literal !== undefined || family === 6) return literal;
      if (!made.has(name)) made.set(name, `198.51.100.${(made.size % 250) + 1}`);
      return made.get(name);
    },
    servicePort: (name) => (name === 'ha-cluster' ? 694 : undefined),
    serviceOfPort: () => undefined,
    readText: () => '',
    hasResourceScript: () => undefined,
  };
}
