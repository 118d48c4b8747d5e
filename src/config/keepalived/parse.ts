/** keepalived.conf, from its text to the checked configuration (vrrp-lvs.md 3). */
import type { Machine } from '../machine-facts.js';
import { Problems } from '../problems.js';
import type { Diagnostic } from '../types.js';
import { defaultVrrpGlobal } from '../vrrp-defaults.js';
import type {
  VrrpAddress,
  VrrpConfig,
  VrrpGlobal,
  VrrpInstance,
  VrrpMail,
  VrrpSyncGroup,
} from '../vrrp-types.js';
import { checkCommands, type ScriptFacts } from './commands.js';
import { type Draft, emptyDraft } from './draft.js';
import { finishInstance } from './finish-instance.js';
import { finishTracking } from './finish-tracking.js';
import { finishDirector } from './keywords-director.js';
import { readTop } from './keywords-top.js';
import { type IncludedFile, readLines } from './reader.js';
import { defined } from './server-times.js';
import { checkServerGroups } from './servers-finish.js';
import { treeOf } from './tree.js';

export interface KeepalivedContext {
  readonly machine: Machine;
  /** Host name with its letters as they are. */
  readonly hostname: string;
  /** `-i ID`: what "@ID" lines are compared with; absent: the host name up to its first dot. */
  readonly configId?: string;
  /** Finds what an include line names, relative to the file that holds it. */
  readonly include: (pattern: string, from: string) => readonly IncludedFile[];
  /** What is known of a program on this machine; absent: programs are not looked at. */
  readonly scriptFacts?: ScriptFacts;
}

export interface ParsedKeepalived {
  /** Undefined when there is an error among the diagnostics. */
  readonly config: VrrpConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseKeepalived(file: string, text: string, context: KeepalivedContext): ParsedKeepalived {
  const problems = new Problems(file);
  const id = context.configId ?? context.hostname.split('.')[0] ?? '';
  const { lines, all } = readLines({ path: file, text }, problems, id, context.include);
  const draft = emptyDraft();
  readTop(treeOf(lines, problems), draft);
  const config = finish(draft, file, context);
  if (
    config.instances.length === 0 &&
    config.virtualServers.length === 0 &&
    all.every(({ errors }) => errors === 0)
  ) {
    const message = 'Nothing is configured: there is neither a vrrp_instance nor a virtual_server.';
    problems.warning({ line: 0, column: 0 }, 'nothing-configured', message, 'Look at the sample in etc/.');
  }
  checkCommands(draft, config.global, context.scriptFacts);
  const diagnostics = all.flatMap(({ list }) =>
    condensed([...list].sort((a, b) => a.line - b.line || a.column - b.column)),
  );
  const failed = all.some(({ errors }) => errors > 0);
  return { config: failed ? undefined : config, diagnostics };
}

/** The same oddity in line after line: the first one is told, with the number of the others. */
const OFTEN: readonly string[] = ['keyword-case', 'foreign-remark'];

function condensed(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const told = new Set<string>();
  return diagnostics.flatMap((one) => {
    if (!OFTEN.includes(one.code)) return [one];
    if (told.has(one.code)) return [];
    told.add(one.code);
    const more = diagnostics.filter(({ code }) => code === one.code).length - 1;
    return [more === 0 ? one : { ...one, message: `${one.message} So in ${more} further places.` }];
  });
}

function finish(draft: Draft, file: string, { machine, hostname }: KeepalivedContext): VrrpConfig {
  const instances = draft.instances.flatMap((instance) => finishInstance(instance, draft, machine) ?? []);
  checkClashes(instances, draft);
  checkServerGroups(draft);
  return {
    file,
    global: finishGlobal(draft, hostname),
    instances,
    syncGroups: finishGroups(draft),
    scripts: draft.scripts,
    processes: draft.processes,
    files: draft.files,
    staticAddresses: draft.staticAddresses.map((address): VrrpAddress => {
      const { line, column, device, ...rest } = address;
      return { ...rest, device: device ?? draft.defaultInterface, onInstanceInterface: false };
    }),
    staticRoutes: draft.staticRoutes,
    staticRules: draft.staticRules,
    virtualServers: draft.virtualServers,
    ...finishServerGroups(draft),
  };
}

/** The groups and what global_defs says to the director; a virtual server of no group there is told. */
function finishServerGroups(draft: Draft): Partial<VrrpConfig> {
  const { virtualServerGroups: groups } = draft;
  const director = finishDirector(draft);
  return {
    ...(groups.length === 0 ? {} : { virtualServerGroups: groups }),
    ...(director === undefined ? {} : { director }),
  };
}

function finishGlobal(draft: Draft, hostname: string): VrrpGlobal {
  const { to, from, server, port, timeoutMs, helo } = draft.mail;
  const mail: VrrpMail | undefined =
    to.length === 0 || server === undefined
      ? undefined
      : {
          to,
          from: from ?? `root@${hostname}`,
          server,
          port: port ?? 25,
          connectTimeoutMs: timeoutMs ?? 30_000,
          heloName: helo ?? hostname,
        };
  return {
    ...defaultVrrpGlobal(hostname),
    ...defined(draft.global),
    ...(mail === undefined ? {} : { mail }),
  } as VrrpGlobal;
}

function finishGroups(draft: Draft): VrrpSyncGroup[] {
  return draft.groups.map((group) => {
    const { problems } = group.at;
    for (const member of group.members) {
      if (draft.instances.some(({ name }) => name === member)) continue;
      const message = `vrrp_sync_group ${group.name} names ${member}, and there is no such vrrp_instance.`;
      problems.error(group.at, 'member-unknown', message);
    }
    if (group.members.length < 2) {
      const message = `vrrp_sync_group ${group.name} has fewer than two members: it changes nothing.`;
      problems.warning(group.at, 'group-small', message);
    }
    return {
      name: group.name,
      members: group.members,
      tracking: finishTracking(group, draft),
      trackingWeight: group.trackingWeight,
      notify: { ...defined(group.notify), mail: group.notify.mail ?? draft.mailVrrp ?? false },
      line: group.at.line,
    };
  });
}

/** The same number on one interface, and the same address in two instances. */
function checkClashes(instances: readonly VrrpInstance[], draft: Draft): void {
  const ids = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const instance of instances) {
    const at = draft.instances.find(({ name }) => name === instance.name)?.at;
    if (at === undefined) continue;
    const id = `${instance.virtualRouterId} IPv${instance.family} ${instance.interface}`;
    const earlier = ids.get(id);
    if (earlier !== undefined) {
      const message = `${earlier} and ${instance.name} both use virtual_router_id ${instance.virtualRouterId} with IPv${instance.family} on ${instance.interface}.`;
      at.problems.error(at, 'router-id-twice', message, 'Give one of them another number, on all machines.');
    }
    ids.set(id, instance.name);
    for (const { address } of [...instance.addresses, ...instance.excludedAddresses]) {
      const holder = addresses.get(address);
      if (holder !== undefined) {
        const message = `${address} stands in ${holder} and in ${instance.name}: two masters could set it at once.`;
        at.problems.warning(at, 'address-twice', message, 'Remove it from one of them.');
      }
      addresses.set(address, instance.name);
    }
  }
}
