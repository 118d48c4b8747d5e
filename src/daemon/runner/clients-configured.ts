/** Which programs of respawn lines are started. */
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import { type Clients, programOf } from './clients.js';

/** Clients of the original whose work the core does (witness/handover.ts). */
const BUILT_IN_CLIENTS = ['ipfail', 'dopd'];

/** Whether this node answers DRBD: a respawn line for dopd, or [clients] dopd = yes. */
export function wantsDopd({ respawn = [], settings }: ClusterConfig): boolean {
  return settings.dopd === true || respawn.some(({ command }) => programOf(command) === 'dopd');
}

/** Starts those of a configuration but for what is built in. */
export function startConfigured(
  clients: Clients,
  { respawn = [], settings }: ClusterConfig,
  say: (level: LogLevel, code: string, text: string) => void,
): void {
  const own = respawn.filter(({ command }) => BUILT_IN_CLIENTS.includes(programOf(command)));
  for (const { command } of own)
    say('info', 'client-built-in', `"${command}" is not started: what it does is built in.`);
  const others = respawn.filter((line) => !own.includes(line));
  clients.start(others, (settings.failfastClients ?? '').split(/[ ,]+/));
}
