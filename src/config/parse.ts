/** The pure core: texts of the files and a machine in, a configuration or diagnostics out. */
import { parseAuthKeys, type ReadAuthKeys } from './authkeys/parse.js';
import { type Effective, effectiveOf, type GroupCalls, groupCalls, parametersOf } from './effective.js';
import { type HaCf, parseHaCf } from './ha-cf/parse.js';
import { type Haresources, parseHaresources } from './haresources/parse.js';
import { checkProblem } from './ini/check.js';
import { parseSettings, type ReadSettings } from './ini/parse.js';
import type { Machine } from './machine-facts.js';
import { likelyMeant } from './nearest.js';
import { type Place, Problems, shown, sortDiagnostics, WHOLE_FILE } from './problems.js';
import { checkSafety } from './safety.js';
import { type SourceFile, type SourceFiles, utf8 } from './source.js';
import type {
  AuthKeys,
  ClusterConfig,
  Diagnostic,
  HealthCheck,
  Resource,
  Settings,
  StonithDevice,
} from './types.js';

interface Judged {
  /** Sorted by file and line. */
  readonly diagnostics: readonly Diagnostic[];
  /** Empty unless accepted. */
  readonly effective: Effective;
  /** Lines of haresources; empty unless accepted. */
  readonly groups: readonly GroupCalls[];
}

/** Accepted exactly when no diagnostic is an error. */
export type Configuration = Judged &
  (
    | { readonly accepted: true; readonly config: ClusterConfig; readonly authKeys: AuthKeys }
    | { readonly accepted: false; readonly config?: undefined; readonly authKeys?: undefined }
  );

/** Judges the files of one node. `self` replaces the machine's own name. Never throws, whatever the files hold. */
export function parseConfiguration(files: SourceFiles, machine: Machine, self?: string): Configuration {
  const ownName = (self ?? machine.hostname).toLowerCase();
  const ini = readText(files.heartbeatIni, true);
  const settings = parseSettings(ini.text ?? '', files.heartbeatIni.path);
  const cf = readText(files.haCf, false);
  const haCf = cf.text === undefined ? undefined : parseHaCf(cf.text, files.haCf.path, ownName, machine);
  const resources = readText(files.haresources, false);
  const haresources =
    resources.text === undefined
      ? undefined
      : parseHaresources(resources.text, files.haresources.path, {
          nodes: memberNames(haCf),
          builtinAddresses: settings.settings.builtinAddresses,
          hasResourceScript: machine.hasResourceScript,
        });
  const authkeys = readAuthKeys(files.authkeys, settings.settings);
  if (haresources !== undefined) checkNamed(settings, haresources);
  if (haCf !== undefined)
    checkSafety(
      {
        haCf,
        haresources,
        authkeys: authkeys.read,
        settings: settings.settings,
        haCfMode: files.haCf.state === 'read' ? files.haCf.mode : 0,
      },
      machine,
    );
  const diagnostics = sortDiagnostics(
    [ini.problems, settings.problems, cf.problems, haCf?.problems, resources.problems, haresources?.problems]
      .concat(authkeys.problems, authkeys.read?.problems)
      .flatMap((problems) => problems?.list ?? []),
    [files.haCf, files.haresources, files.authkeys, files.heartbeatIni].map((file) => file.path),
  );
  const refused = diagnostics.some((entry) => entry.severity === 'error');
  const authKeys = authkeys.read?.authKeys;
  if (refused || haCf === undefined || haresources === undefined || authKeys === undefined) {
    return { accepted: false, diagnostics, effective: {}, groups: [] };
  }
  return {
    accepted: true,
    diagnostics,
    config: configOf(ownName, haCf, haresources, settings.settings),
    authKeys,
    effective: effectiveOf(haCf, authKeys),
    groups: haresources.groups.map(({ group }) => groupCalls(group)),
  };
}

/** `[monitor NAME]` and `[check NAME]` have to fit haresources; a slip of the pen would leave a resource unwatched. */
function checkNamed({ named, problems, settings }: ReadSettings, { groups }: Haresources): void {
  const resources = groups.flatMap(({ group }) => group.resources);
  const names = resources.flatMap(({ word, type, address }) => [word, type, address?.address ?? word]);
  for (const place of named) {
    if (place.section === 'monitor' && !names.includes(place.subject)) {
      const message = `Section [monitor ${shown(place.subject)}] names nothing of haresources.`;
      const hint = 'Name a script, a whole word of haresources, or an address.';
      problems.warning(place, 'monitor-unmatched', message, orMeant(place.subject, names, hint));
    }
    const check = settings.checks?.find(({ name }) => name === place.subject);
    if (place.section !== 'check') continue;
    if (check === undefined) {
      const hint = 'Write at least resource, type and what is asked.';
      problems.error(place, 'check-invalid', `Section [check ${shown(place.subject)}] is empty.`, hint);
    } else judgeCheck(check, place, problems, resources, settings);
  }
}

function orMeant(word: string, names: readonly string[], hint: string): string {
  const meant = likelyMeant(word, names);
  return meant === undefined ? hint : `Did you mean ${meant}?`;
}

function judgeCheck(
  check: HealthCheck,
  place: Place,
  problems: Problems,
  resources: readonly Resource[],
  settings: Settings,
): void {
  const problem = checkProblem(check);
  if (problem !== undefined) {
    problems.error(place, 'check-invalid', problem.what, problem.hint);
    return;
  }
  const scripts = resources.filter(({ address }) => address === undefined);
  const meant = scripts.filter(({ word, type }) => check.resource === word || check.resource === type);
  if (meant.length === 0) {
    const message = `[check ${check.name}]: ${shown(check.resource)} is no script of haresources.`;
    const names = scripts.flatMap(({ word, type }) => [word, type]);
    const hint = 'Name a script or a whole word of haresources; built-in addresses have no checks.';
    problems.error(place, 'check-unmatched', message, orMeant(check.resource, names, hint));
    return;
  }
  const isWatched = meant.some(({ word, type }) => {
    const rule = settings.monitorOf?.[word] ?? settings.monitorOf?.[type] ?? settings.monitor;
    return (rule?.intervalMs ?? 0) > 0;
  });
  if (isWatched) return;
  const message = `[check ${check.name}] is never made: ${check.resource} is not monitored.`;
  problems.warning(place, 'check-unused', message, `Write [monitor ${check.resource}] with an interval.`);
}

function memberNames(haCf: HaCf | undefined): readonly string[] {
  const nodes = haCf?.draft.nodes ?? [];
  return nodes.flatMap((node) => (node.kind === 'member' ? [node.name] : []));
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  'ha.cf': 'Create it; the sample etc/ha.cf of the program explains every directive.',
  haresources:
    'Create it, one line "NODE RESOURCE..." for each service; it may be empty. etc/haresources is a sample.',
  authkeys: 'Create it with "auth 1" and "1 sha1 SECRET", and run chmod 600 on it. etc/authkeys is a sample.',
};

function readText(file: SourceFile, optional: boolean): { text?: string; problems: Problems } {
  const problems = missingProblems(file, optional);
  return file.state === 'read' ? { text: utf8(file.bytes), problems } : { problems };
}

function missingProblems(file: SourceFile, optional: boolean): Problems {
  const problems = new Problems(file.path);
  const name = file.path.split('/').at(-1) ?? file.path;
  if (file.state === 'missing' && !optional) {
    problems.error(WHOLE_FILE, 'file-missing', `There is no ${file.path}.`, WHAT_TO_DO[name]);
  }
  if (file.state === 'unreadable') {
    const message = `${file.path} cannot be read: ${file.reason}.`;
    problems.error(
      WHOLE_FILE,
      'file-unreadable',
      message,
      'Run as root, or correct what stands in its place.',
    );
  }
  return problems;
}

function readAuthKeys(file: SourceFile, settings: Settings): { read?: ReadAuthKeys; problems: Problems } {
  const problems = missingProblems(file, false);
  if (file.state !== 'read') return { problems };
  const latin1 = Buffer.from(file.bytes).toString('latin1');
  const sha2 = settings.sha2Keys ?? false;
  return { read: parseAuthKeys(latin1, file.path, { mode: file.mode, sha2 }), problems };
}

function configOf(self: string, haCf: HaCf, haresources: Haresources, settings: Settings): ClusterConfig {
  const { draft, timing } = haCf;
  const rtprio = draft.numbers.get('rtprio');
  const watchdog = draft.raw.get('watchdog')?.text;
  return Object.freeze({
    self,
    nodes: [...new Set(memberNames(haCf))],
    ...timing,
    maxRexmitDelayMs: draft.numbers.get('max_rexmit_delay') ?? 250,
    hopfudge: draft.numbers.get('hopfudge') ?? 1,
    autoFailback: draft.autoFailback,
    generationMethod: draft.raw.get('hbgenmethod')?.text === 'time' ? 'time' : 'file',
    media: draft.media.map(({ medium }) => medium),
    realtime: draft.flags.get('realtime') ?? true,
    ...(rtprio === undefined ? {} : { rtprio }),
    ...(watchdog === undefined ? {} : { watchdog }),
    groups: runnableGroups(haresources),
    log: logTargets(haCf),
    parameters: parametersOf(haCf),
    settings,
    environment: Object.fromEntries(draft.environment),
    stonith: draft.stonith.map((device) => withDisks(device, settings)),
    respawn: draft.respawn,
    apiauth: draft.apiauth,
  });
}

/** The device `sbd` has the disks of heartbeat.ini as its parameters. */
function withDisks(device: StonithDevice, settings: Settings): StonithDevice {
  return device.type === 'sbd' ? { ...device, parameters: (settings.sbdDevices ?? []).join(',') } : device;
}

/** Groups with resources; of several with the same first resource the first (a warning said so). */
function runnableGroups(haresources: Haresources): ClusterConfig['groups'] {
  const keys = new Set<string>();
  return haresources.groups.flatMap(({ group }) => {
    if (group.resources.length === 0 || keys.has(group.key)) return [];
    keys.add(group.key);
    return [group];
  });
}

/** /dev/null is the original's way to say that there is no such file. */
function logTargets({ draft }: HaCf): ClusterConfig['log'] {
  const fileOf = (name: string): string | undefined => {
    const path = draft.raw.get(name)?.text;
    return path === '/dev/null' ? undefined : path;
  };
  const logfile = fileOf('logfile');
  const debugfile = fileOf('debugfile');
  const named = draft.raw.get('logfacility')?.text;
  const noFiles = !draft.raw.has('logfile') && !draft.raw.has('debugfile');
  const silent = noFiles && (named ?? 'none') === 'none';
  const facility = silent ? 'daemon' : named === 'none' ? undefined : named;
  return {
    ...(logfile === undefined ? {} : { logfile }),
    ...(debugfile === undefined ? {} : { debugfile }),
    ...(facility === undefined ? {} : { facility }),
    debug: draft.numbers.get('debug') ?? 0,
  };
}
