/** Groups of haresources whose owner is an instance (`vrrp:VI_1`): they run where it is master. */

import { want } from '../resources/groups.js';
import { isFollower } from '../resources/state.js';
import type { Turn } from '../turn.js';

/** The instance has become master here, or is no longer. */
export function followInstance(turn: Turn, instance: string, master: boolean): void {
  for (const group of turn.state.resources.groups) {
    if (isFollower(group) && group.node === `vrrp:${instance}`) want(turn, group, master && !group.failed);
  }
}
