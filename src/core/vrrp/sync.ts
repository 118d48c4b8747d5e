/** Sync groups: the members are master together or not at all (vrrp-lvs.md 2.7). */
import { log, type Turn } from '../turn.js';
import type { Instance } from './state.js';
import { becomeMaster, resignToBackup } from './transitions.js';

/** The master has been silent long enough. In a group the others have to have come to the same. */
export function fireDown(turn: Turn, instance: Instance): void {
  if (instance.state !== 'backup') return;
  instance.downDueMs = null;
  const { group } = instance;
  const why = 'Receive advertisement timeout';
  if (group === null) {
    becomeMaster(turn, instance, why);
    return;
  }
  log(turn, 'info', 'vrrp-timeout', `(${instance.config.name}) ${why}`);
  instance.wantsMaster = true;
  if (!group.members.every((member) => member.state === 'master' || member.wantsMaster)) return;
  for (const member of group.members) if (member.state !== 'master') becomeMaster(turn, member);
}

/** This member has yielded: the others of its group go too. */
export function followIntoBackup(turn: Turn, instance: Instance): void {
  for (const member of instance.group?.members ?? []) {
    if (member !== instance && member.state === 'master') resignToBackup(turn, member);
  }
}
