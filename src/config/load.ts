/** Reads a configuration directory and judges it against this machine or a described one. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDirectiveLines } from './ha-cf/lexer.js';
import { loadKeepalived } from './keepalived/load.js';
import { isExecutable, realMachine } from './machine.js';
import { type Machine, type MachineFacts, machineOf, readMachineFacts } from './machine-facts.js';
import { type Configuration, parseConfiguration } from './parse.js';
import { type SourceFile, type SourceFiles, utf8 } from './source.js';
import type { AuthKeys, ClusterConfig, Diagnostic } from './types.js';
import { vrrpNotYet } from './vrrp-not-yet.js';

export interface LoadOptions {
  /** Directory of ha.cf, haresources, authkeys, heartbeat.ini, nodeinfo and resource.d. */
  readonly configDir: string;
  /** Our own node name; absent: first line of nodeinfo, else the machine's name. */
  readonly hostname?: string;
  /** JSON description of a machine that replaces this one. */
  readonly factsFile?: string;
}

/** Where paths of ha.cf point on every node; they follow the configuration when it lies elsewhere. */
const CLASSIC_DIR = '/etc/ha.d';
const INIT_DIR = '/etc/init.d';

/** Reads and judges the configuration. Never rejects: what cannot be read is a diagnostic. */
export async function loadConfiguration(options: LoadOptions): Promise<Configuration> {
  const { configDir } = options;
  const files: SourceFiles = {
    haCf: readSource(join(configDir, 'ha.cf')),
    haresources: readSource(join(configDir, 'haresources')),
    authkeys: readSource(join(configDir, 'authkeys')),
    heartbeatIni: readSource(join(configDir, 'heartbeat.ini')),
  };
  const facts = options.factsFile === undefined ? undefined : factsOf(options.factsFile);
  if (facts !== undefined && 'problem' in facts) return refused(facts.problem);
  const machine = await machineFor(files, configDir, facts?.facts);
  const self = options.hostname ?? nodeInfo(configDir);
  return withVrrp(parseConfiguration(files, machine, self), machine, join(configDir, 'haresources'));
}

/** Adds the instances of the file that [vrrp] names, and checks the groups that follow one. */
function withVrrp(read: Configuration, machine: Machine, haresources: string): Configuration {
  if (!read.accepted) return read;
  const file = read.config.settings.vrrpConfig ?? '';
  const loaded = file === '' ? { diagnostics: [] } : loadKeepalived(file, machine);
  const vrrp = 'config' in loaded ? loaded.config : undefined;
  const instances = vrrp?.instances.map(({ name }) => name) ?? [];
  const wrong = file !== '' && vrrp === undefined ? [] : unknownOwners(read.config, instances, haresources);
  const undone = vrrp === undefined ? [] : vrrpNotYet(vrrp, machine);
  const diagnostics = [...read.diagnostics, ...loaded.diagnostics, ...undone, ...wrong];
  if (wrong.length > 0 || (file !== '' && vrrp === undefined)) {
    return { accepted: false, diagnostics, effective: {}, groups: [] };
  }
  return {
    ...read,
    diagnostics,
    ...(vrrp === undefined ? {} : { config: Object.freeze({ ...read.config, vrrp }) }),
  };
}

function unknownOwners(config: ClusterConfig, instances: readonly string[], file: string): Diagnostic[] {
  return config.groups
    .filter(({ node }) => node.startsWith('vrrp:') && !instances.includes(node.slice(5)))
    .map(({ node, line }) => ({
      file,
      line,
      column: 1,
      severity: 'error',
      code: 'vrrp-owner-unknown',
      message: `There is no VRRP instance ${node.slice(5)}, which this group is to follow.`,
      hint:
        instances.length === 0
          ? 'Name the file with the instances in heartbeat.ini: [vrrp] config = /etc/keepalived/keepalived.conf.'
          : `Instances are ${instances.join(', ')}.`,
    }));
}

/** A configuration to run with, or the reasons against it. */
export type LoadedConfiguration =
  | {
      readonly ok: true;
      readonly config: ClusterConfig;
      readonly authKeys: AuthKeys;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What the daemon loads at its start and at a reload. */
export async function loadForDaemon(configDir: string): Promise<LoadedConfiguration> {
  const loaded = await loadConfiguration({ configDir });
  if (!loaded.accepted) return { ok: false, diagnostics: loaded.diagnostics };
  const { config, authKeys, diagnostics } = loaded;
  return { ok: true, config, authKeys, diagnostics };
}

/** One file as it is found now. */
export function readSource(path: string): SourceFile {
  try {
    const bytes = readFileSync(path);
    return { state: 'read', path, bytes, mode: statSync(path).mode & 0o7777 };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing', path };
    return { state: 'unreadable', path, reason: REASONS[String(code)] ?? String(code) };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links run in a circle',
};

/** First line of CONFIGDIR/nodeinfo: the node's name where it is not `uname -n`. */
function nodeInfo(configDir: string): string | undefined {
  const source = readSource(join(configDir, 'nodeinfo'));
  if (source.state !== 'read') return undefined;
  const name = utf8(source.bytes).split('\n')[0]?.trim() ?? '';
  return name === '' ? undefined : name;
}

function factsOf(path: string): { readonly facts: MachineFacts } | { readonly problem: Diagnostic } {
  const source = readSource(path);
  const read =
    source.state === 'read'
      ? readMachineFacts(utf8(source.bytes))
      : source.state === 'missing'
        ? 'there is no such file'
        : source.reason;
  if (typeof read !== 'string') return { facts: read };
  const message = `The description of the machine, ${path}, cannot be used: ${read}.`;
  const hint = 'Give --facts a JSON object with hostname, interfaces, ttyDevices, users, groups and so on.';
  return {
    problem: { file: path, line: 0, column: 0, severity: 'error', code: 'facts-invalid', message, hint },
  };
}

function refused(problem: Diagnostic): Configuration {
  return { accepted: false, diagnostics: [problem], effective: {}, groups: [] };
}

function machineFor(
  files: SourceFiles,
  configDir: string,
  facts: MachineFacts | undefined,
): Promise<Machine> {
  const readText = (path: string): string | undefined => readNamedFile(path, configDir);
  const folders = [join(configDir, 'resource.d'), join(programDirectory(), 'resource.d')];
  const inFolders = (name: string, places: readonly string[]): boolean =>
    name !== '' && !name.includes('/') && places.some((place) => isExecutable(join(place, name)));
  if (facts !== undefined) {
    const inits = facts.executables ?? [];
    const hasResourceScript = (name: string): boolean =>
      inFolders(name, folders) || inits.includes(join(INIT_DIR, name));
    return Promise.resolve(machineOf(facts, { readText, hasResourceScript }));
  }
  const text = files.haCf.state === 'read' ? utf8(files.haCf.bytes) : '';
  const hasResourceScript = (name: string): boolean =>
    isAgentThere(name) ?? (inFolders(name, [...folders, INIT_DIR]) || hasUnit(name));
  return realMachine({ names: hostNames(text), readText, hasResourceScript });
}

const OCF_AGENTS = '/usr/lib/ocf/resource.d';
const SYSTEMD_RUNS = '/run/systemd/system';
const UNITS: readonly string[] = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

/** Words that name the kind of their agent: whether it is there. Undefined: the word names a script. */
function isAgentThere(type: string): boolean | undefined {
  const [kind, provider = '', name = ''] = type.split(':');
  if (kind === 'ocf') return isExecutable(join(OCF_AGENTS, provider, name));
  // The agent is an argument: it is looked for when it is started.
  if (type === 'OCF') return true;
  if (kind === 'systemd') return statSync(SYSTEMD_RUNS, { throwIfNoEntry: false }) !== undefined;
  return undefined;
}

function hasUnit(name: string): boolean {
  if (statSync(SYSTEMD_RUNS, { throwIfNoEntry: false }) === undefined) return false;
  return UNITS.some(
    (folder) => statSync(join(folder, `${name}.service`), { throwIfNoEntry: false }) !== undefined,
  );
}

const LINES_WITH_NAMES: readonly string[] = ['ucast', 'ucast6', 'ping', 'ping6', 'ping_group'];

/** Words of ha.cf that may be host names. */
function hostNames(text: string): readonly string[] {
  return readDirectiveLines(text)
    .filter((line) => LINES_WITH_NAMES.includes(line.name.text))
    .flatMap((line) => line.pieces.map((piece) => piece.text));
}

/** A file that ha.cf names. Below /etc/ha.d the configuration directory in force comes first. */
function readNamedFile(path: string, configDir: string): string | undefined {
  const clean = normalize(path);
  const inside = clean.startsWith(`${CLASSIC_DIR}/`)
    ? join(configDir, clean.slice(CLASSIC_DIR.length))
    : clean;
  for (const place of [inside, clean]) {
    const source = readSource(place);
    if (source.state === 'read') return utf8(source.bytes);
  }
  return undefined;
}

/** The folder of this program's package.json. */
function programDirectory(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (statSync(join(folder, 'package.json'), { throwIfNoEntry: false }) === undefined) {
    const parent = dirname(folder);
    if (parent === folder) return folder;
    folder = parent;
  }
  return folder;
}
