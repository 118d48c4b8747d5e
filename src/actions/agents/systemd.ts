/** systemd units: `systemd:NAME`, or a word that no script answers to where a unit of that name is installed. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentFolders, AgentLookup, AgentStatus } from './agent.js';

/** This folder exists exactly where systemd runs (sd_booted(3)). */
const RUN_DIR = '/run/systemd/system';
const UNIT_DIRS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const UNIT = /^[A-Za-z0-9@_:][A-Za-z0-9@_.:\\-]*$/;
const SUFFIX = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
const QUIET = ['--no-pager', '--no-ask-password'];

/** `asked`: the word says that it is a unit; otherwise it is one only where such a unit is installed. */
export function findUnit(name: string, folders: AgentFolders, asked: boolean): AgentLookup {
  if (!UNIT.test(name))
    return {
      found: false,
      sentence: `${JSON.stringify(name)} is no name of a systemd unit. Write systemd:NAME, for instance systemd:nginx.`,
    };
  const unit = SUFFIX.test(name) ? name : `${name}.service`;
  const isInstalled = hasUnit(unit, folders.unitDirs ?? UNIT_DIRS);
  if (!asked && !isInstalled) return { found: false, sentence: `There is no unit ${unit} on this machine.` };
  if (statSync(folders.systemdDir ?? RUN_DIR, { throwIfNoEntry: false }) === undefined) {
    const word = asked ? `systemd:${name}` : `The unit ${unit}`;
    return {
      found: false,
      sentence: `${word} needs systemd, which does not run on this machine. Use a script of resource.d or /etc/init.d instead.`,
      ...(isInstalled ? { installed: true as const } : {}),
    };
  }
  if (!isInstalled)
    return {
      found: false,
      sentence: `There is no unit ${unit} on this machine: install its package, or correct its name in haresources.`,
    };
  return {
    found: true,
    agent: {
      kind: 'systemd',
      path: 'systemctl',
      args: (verb) =>
        verb === 'status'
          ? [...QUIET, 'show', '--property=LoadState,ActiveState,SubState,Result', unit]
          : [...QUIET, verb, unit],
      environment: () => ({}),
      judge: (exitCode, stdout) => judge(unit, exitCode, stdout),
      explain: () => '',
      // A unit that failed too often in a row is refused until its failure is forgotten.
      clearArgs: [...QUIET, 'reset-failed', unit],
    },
  };
}

/** A template `NAME@.service` serves every `NAME@INSTANCE.service`. */
function hasUnit(unit: string, folders: readonly string[]): boolean {
  const names = [unit, unit.replace(/@.*(\.[a-z]+)$/, '@$1')];
  return folders.some((folder) =>
    names.some((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true),
  );
}

/** Reads NAME=VALUE lines of `systemctl show`. */
function judge(unit: string, exitCode: number | null, stdout: string): AgentStatus {
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1]?.trim() ?? '';
  const state = value('ActiveState');
  if (exitCode !== 0 || state === '') {
    return { kind: 'failed', reason: `systemctl does not tell the state of ${unit}`, hard: false };
  }
  const load = value('LoadState');
  if (load === 'not-found') return { kind: 'failed', reason: `systemd knows no unit ${unit}`, hard: true };
  if (load === 'masked') {
    const reason = `${unit} is masked; run "systemctl unmask ${unit}"`;
    return { kind: 'failed', reason, hard: true };
  }
  if (['active', 'reloading', 'refreshing'].includes(state)) return { kind: 'running' };
  if (state === 'inactive') return { kind: 'stopped' };
  // About to run or to end, or ended badly: not well, and not stopped either.
  const more = [value('SubState'), value('Result')].filter((word) => !['', state, 'success'].includes(word));
  const details = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return { kind: 'failed', reason: `${unit} is ${state}${details}`, hard: false };
}
