/** systemd units: `systemd:NAME`, or a word that no script answers to where a unit of that name is installed. */
import { existsSync } from 'node:fs';
import type { AgentFolders, AgentLookup } from './agent.js';

const RUN_DIR = '/run/systemd/system';
const UNIT_DIRS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const UNIT = /^[A-Za-z0-9@_.:\\-]+$/;
/** Exit codes of `systemctl is-active` (systemctl(1)). */
const ACTIVE = 0;

/** `asked`: the word says that it is a unit; otherwise it is one only where such a unit is installed. */
export function findUnit(name: string, folders: AgentFolders, asked: boolean): AgentLookup {
  const unit = name.includes('.') ? name : `${name}.service`;
  if (!UNIT.test(name))
    return {
      found: false,
      sentence: `${JSON.stringify(name)} is no name of a systemd unit. Write systemd:NAME, for instance systemd:nginx.`,
    };
  if (!existsSync(folders.systemdDir ?? RUN_DIR))
    return {
      found: false,
      sentence: `systemd:${name} needs systemd, which does not run on this machine. Use a script of resource.d or /etc/init.d instead.`,
    };
  if (!asked && !UNIT_DIRS.some((folder) => existsSync(`${folder}/${unit}`)))
    return { found: false, sentence: `There is no unit ${unit} on this machine.` };
  return {
    found: true,
    agent: {
      kind: 'systemd',
      path: 'systemctl',
      args: (verb) => (verb === 'status' ? ['is-active', unit] : [verb, unit]),
      environment: () => ({}),
      judge: (exitCode, stdout) => {
        if (exitCode === ACTIVE) return { kind: 'running' };
        // A unit that is about to run or to end is not stopped yet.
        return { kind: /^(?:activating|deactivating|reloading)/.test(stdout) ? 'running' : 'stopped' };
      },
      explain: () => '',
    },
  };
}
