/**
 * OCF agents (Open Cluster Framework, resource agent API 1.0; heartbeat-admin.md 4.4):
 *
 *   ocf:PROVIDER:AGENT::name=value::name=value      parameters by name
 *   OCF::PROVIDER::AGENT::name=value                the same
 *   OCF::AGENT::INSTANCE                            as the original: parameters from CONFIG/conf/OCF/AGENT/INSTANCE
 *
 * A parameter OCF_CHECK_LEVEL is the depth of the monitor. Everything else becomes OCF_RESKEY_name.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '../../config/types.js';
import type { Agent, AgentFolders, AgentLookup, AgentStatus, AgentVerb } from './agent.js';

const OCF_ROOT = '/usr/lib/ocf';
const NAME = /^[A-Za-z0-9_.-]+$/;
const PARAMETER = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;
const CHECK_LEVEL = 'OCF_CHECK_LEVEL';

/** Exit codes of OCF 1.0. */
const RUNNING = 0;
const NOT_RUNNING = 7;
const RUNNING_MASTER = 8;
const CODES: Readonly<Record<number, string>> = {
  1: 'generic error',
  2: 'wrong arguments',
  3: 'not implemented',
  4: 'insufficient permissions',
  5: 'the program behind it is not installed',
  6: 'not configured: a parameter is missing or wrong',
  7: 'not running',
  8: 'running as master',
  9: 'failed as master',
};
/** Codes after which no attempt on this machine can succeed. */
const HARD = [2, 3, 4, 5, 6];

interface Found {
  readonly path: string;
  readonly provider: string;
  readonly name: string;
}

/** The agent of an `ocf:` or `OCF::` word. */
export function findOcf(resource: Resource, folders: AgentFolders): AgentLookup {
  const named = nameOf(resource, folders);
  if (typeof named === 'string') return { found: false, sentence: named };
  const parameters = parametersOf(named.parameters, resource.word);
  if (typeof parameters === 'string') return { found: false, sentence: parameters };
  return {
    found: true,
    agent: ocfAgent(named.agent, parameters, resource.word, folders),
  };
}

interface Named {
  readonly agent: Found;
  readonly parameters: readonly string[];
}

function nameOf(resource: Resource, folders: AgentFolders): Named | string {
  const root = join(folders.ocfRoot ?? OCF_ROOT, 'resource.d');
  if (resource.type !== 'OCF') {
    const [, provider = '', name = '', ...rest] = resource.type.split(':');
    if (!NAME.test(provider) || !NAME.test(name) || rest.length > 0)
      return `${resource.word} names no OCF agent. Write ocf:PROVIDER:AGENT::name=value, for instance ocf:heartbeat:Dummy.`;
    const agent = agentAt(root, provider, name);
    return typeof agent === 'string' ? agent : { agent, parameters: resource.args };
  }
  const [first = '', second = '', ...rest] = resource.args;
  if (!NAME.test(first) || !NAME.test(second))
    return `${resource.word} names no OCF agent. Write OCF::PROVIDER::AGENT::name=value, for instance OCF::heartbeat::Dummy.`;
  const agent = agentAt(root, first, second);
  if (typeof agent !== 'string') return { agent, parameters: rest };
  return originalWay(root, first, second, folders, agent);
}

/** `OCF::AGENT::INSTANCE`: the first agent of that name of any provider, its parameters from a file. */
function originalWay(
  root: string,
  name: string,
  instance: string,
  folders: AgentFolders,
  otherwise: string,
): Named | string {
  const file = join(folders.configDir, 'conf', 'OCF', name, instance);
  const given = assignments(file);
  if (given === undefined) return otherwise;
  if (typeof given === 'string') return given;
  const found = providers(root)
    .map((provider) => agentAt(root, provider, name))
    .find((agent) => typeof agent !== 'string');
  if (found === undefined || typeof found === 'string')
    return `There is no OCF agent ${name} of any provider in ${root}: install the package resource-agents, or correct the name.`;
  return { agent: found, parameters: given };
}

const ASSIGNMENT = /^\s*(?:export\s+)?(?:OCF_RESKEY_)?([A-Za-z_]\w*)=(.*?)\s*$/;
/** 'a b', "a b" or a_b, a comment behind it; nothing that a shell would have to work out. */
const VALUE = /^(?:'([^']*)'|"([^"$`\\]*)"|([^\s'"$`\\;&|<>()]*))(?:\s+#.*)?$/;

/**
 * `name=value` lines of a file of shell assignments. They are read and never executed: what a shell would have to work
 * out is a sentence with file and line. Undefined: there is no such file.
 */
function assignments(file: string): string[] | string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const found: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name = '', raw = ''] = ASSIGNMENT.exec(line) ?? [];
    const value = VALUE.exec(raw);
    if (name === '' || value === null)
      return `${file}:${index + 1}: this is no parameter. Write name=value, with quotes around a value that holds blanks.`;
    found.push(`${name}=${value[1] ?? value[2] ?? value[3] ?? ''}`);
  }
  return found;
}

function providers(root: string): string[] {
  try {
    return readdirSync(root).sort();
  } catch {
    return [];
  }
}

function agentAt(root: string, provider: string, name: string): Found | string {
  const path = join(root, provider, name);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || !status.isFile()) {
    const known = providers(root);
    const hint = known.includes(provider)
      ? 'correct the name of the agent'
      : `install its package (resource-agents has the provider heartbeat), or correct the provider; here are ${known.join(', ') || 'none'}`;
    return `There is no OCF agent ${path}: ${hint}.`;
  }
  if ((status.mode & 0o111) === 0) return `${path} is not executable; run "chmod 755 ${path}".`;
  return { path, provider, name };
}

function parametersOf(words: readonly string[], word: string): ReadonlyMap<string, string> | string {
  const parameters = new Map<string, string>();
  for (const given of joined(words)) {
    const match = PARAMETER.exec(given);
    if (match === null)
      return `${word}: ${JSON.stringify(given)} is no parameter. Write name=value, several of them joined by "::".`;
    parameters.set(match[1] ?? '', match[2] ?? '');
  }
  return parameters;
}

/** An IPv6 address holds the separator itself: `ip=2001:db8::10` came in two pieces. */
function joined(words: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last !== undefined && /=[\da-fA-F:]*$/.test(last) && /^[\da-fA-F:.]+(?:\/\d+)?$/.test(word)) {
      found[found.length - 1] = `${last}::${word}`;
    } else found.push(word);
  }
  return found;
}

function ocfAgent(
  { path, provider, name }: Found,
  parameters: ReadonlyMap<string, string>,
  word: string,
  folders: AgentFolders,
): Agent {
  const stateDir = folders.ocfStateDir ?? '/run/resource-agents';
  // The same for every call, and another for every word: agents keep state under this name.
  const instance = `${name}_${createHash('sha1').update(word).digest('hex').slice(0, 8)}`;
  const common: Record<string, string> = {
    OCF_ROOT: folders.ocfRoot ?? OCF_ROOT,
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '0',
    OCF_RESOURCE_INSTANCE: instance,
    OCF_RESOURCE_TYPE: name,
    OCF_RESOURCE_PROVIDER: provider,
    HA_RSCTMP: stateDir,
    // Empty: agents look for their helpers (send_arp, findif) where their package has them, not in our folder.
    HA_BIN: '',
    __OCF_ACTION: '',
  };
  for (const [key, value] of parameters) {
    if (key !== CHECK_LEVEL) common[`OCF_RESKEY_${key}`] = value;
  }
  const actionOf = (verb: AgentVerb): string => (verb === 'status' ? 'monitor' : verb);
  return {
    kind: 'ocf',
    path,
    args: (verb) => [actionOf(verb)],
    environment: (verb) => ({
      ...(verb === 'start' ? withStateDir(common, stateDir) : common),
      __OCF_ACTION: actionOf(verb),
      ...(verb === 'status' ? { [CHECK_LEVEL]: parameters.get(CHECK_LEVEL) ?? '0' } : {}),
    }),
    judge: (exitCode) => judge(exitCode),
    explain: (exitCode) => CODES[exitCode] ?? '',
    clearArgs: ['stop'],
    parameters: [...parameters.keys()].filter((key) => key !== CHECK_LEVEL),
    metadataArgs: ['meta-data'],
  };
}

/** After a boot the folder is there only if a package of agents makes it. */
function withStateDir(variables: Record<string, string>, stateDir: string): Record<string, string> {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  } catch {
    // The agent says what it misses.
  }
  return variables;
}

function judge(exitCode: number | null): AgentStatus {
  if (exitCode === RUNNING || exitCode === RUNNING_MASTER) return { kind: 'running' };
  if (exitCode === NOT_RUNNING) return { kind: 'stopped' };
  const words =
    exitCode === null ? 'it was ended by a signal' : (CODES[exitCode] ?? `it returned ${exitCode}`);
  return { kind: 'failed', reason: words, hard: exitCode !== null && HARD.includes(exitCode) };
}
