/**
 * What stands behind a word of haresources: a script of the heartbeat kind, an init script, an OCF agent, a systemd
 * unit. They differ in how they are called and in how their answers are read; scripts.ts does the rest.
 */
import type { Resource } from '../../config/types.js';
import { findScript, type ScriptFolders } from '../scripts-lookup.js';
import { heartbeatAgent, lsbAgent } from './heartbeat.js';
import { findOcf } from './ocf.js';
import { findUnit } from './systemd.js';

export type AgentVerb = 'start' | 'stop' | 'status';

export type AgentStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped' }
  /** It can say neither, or it is broken. `hard`: nothing that is done with it can succeed on this machine. */
  | { readonly kind: 'failed'; readonly reason: string; readonly hard: boolean };

export interface Agent {
  readonly kind: 'heartbeat' | 'lsb' | 'ocf' | 'systemd';
  /** Program that is run; also how the log names the agent. */
  readonly path: string;
  readonly args: (verb: AgentVerb) => readonly string[];
  /** Variables besides those of all scripts. */
  readonly environment: (verb: AgentVerb) => Readonly<Record<string, string>>;
  /** What an answer to `status` means. */
  readonly judge: (exitCode: number | null, stdout: string) => AgentStatus;
  /** An exit code in words, for the reason of a failure; '' when it says nothing more than its number. */
  readonly explain: (exitCode: number) => string;
  /** Arguments that clear away what failed, run before a start; absent: start does that by itself. */
  readonly clearArgs?: readonly string[];
  /** Names of the parameters that its word or file gives (OCF). */
  readonly parameters?: readonly string[];
  /** Arguments that make it print its metadata (OCF); absent: it has none. */
  readonly metadataArgs?: readonly string[];
}

export type AgentLookup =
  | { readonly found: true; readonly agent: Agent }
  /** `sentence` says what is wrong, where, and what to do. `installed`: it is there all the same. */
  | { readonly found: false; readonly sentence: string; readonly installed?: true };

export interface AgentFolders extends ScriptFolders {
  /** Default /usr/lib/ocf. */
  readonly ocfRoot?: string;
  /** Exists where systemd runs. Default /run/systemd/system. */
  readonly systemdDir?: string;
  /** Where unit files are. Default: systemd's own folders. */
  readonly unitDirs?: readonly string[];
  /** Where OCF agents note what runs, until the next boot. Default /run/resource-agents. */
  readonly ocfStateDir?: string;
}

/** Finds the agent of a resource: `ocf:` and `systemd:` words by their prefix, others in the order of contract.md. */
export function findAgent(resource: Resource, folders: AgentFolders): AgentLookup {
  const { type } = resource;
  if (type.startsWith('ocf:') || type === 'OCF') return findOcf(resource, folders);
  if (type.startsWith('systemd:')) return findUnit(type.slice('systemd:'.length), folders, true);
  const script = findScript(type, folders);
  if (script.found) {
    const isInit = script.path.startsWith(`${folders.initDir ?? '/etc/init.d'}/`);
    return {
      found: true,
      agent: isInit ? lsbAgent(script.path, resource.args) : heartbeatAgent(script.path, resource.args),
    };
  }
  const unit = findUnit(type, folders, false);
  // A unit that is there and cannot be used is worth telling; one that is not there is not.
  return unit.found || unit.installed === true ? unit : script;
}
