/** What a restarted loop process needs of VRRP: a killed worker keeps its addresses and its role. */
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { Turn } from '../turn.js';
import { type Check, type Group, type Instance, newVrrp, type Vrrp } from './state.js';
import { countSilence } from './timers.js';

type InstanceCheckpoint = Pick<
  Instance,
  | 'state'
  | 'priority'
  | 'ownershipLost'
  | 'masterIntervalMs'
  | 'master'
  | 'wantsMaster'
  | 'transitions'
  | 'sinceMs'
> & { readonly name: string };

export interface VrrpCheckpoint {
  readonly instances: readonly InstanceCheckpoint[];
  readonly checks: readonly Pick<Check, 'name' | 'good' | 'value' | 'detail'>[];
  readonly groups: readonly { readonly name: string; readonly said: Group['said'] }[];
}

export function makeVrrpCheckpoint(vrrp: Vrrp): VrrpCheckpoint {
  return {
    instances: vrrp.instances.map((instance) => ({
      name: instance.config.name,
      state: instance.state,
      priority: instance.priority,
      ownershipLost: instance.ownershipLost,
      masterIntervalMs: instance.masterIntervalMs,
      master: instance.master,
      wantsMaster: instance.wantsMaster,
      transitions: instance.transitions,
      sinceMs: instance.sinceMs,
    })),
    checks: vrrp.checks.map(({ name, good, value, detail }) => ({ name, good, value, detail })),
    groups: vrrp.groups.map(({ config, said }) => ({ name: config.name, said })),
  };
}

/** As saved; the first tick goes on from it. Silence counts from now: that of the time without a loop is nobody's. */
export function restoreVrrp(config: VrrpConfig, saved: VrrpCheckpoint, turn: Turn): Vrrp {
  const vrrp = newVrrp(config);
  vrrp.restored = true;
  for (const instance of vrrp.instances) {
    const before = saved.instances.find(({ name }) => name === instance.config.name);
    if (before === undefined) continue;
    const { name: _name, ...rest } = before;
    Object.assign(instance, rest);
    if (instance.state === 'backup') countSilence(turn, instance);
  }
  for (const check of vrrp.checks) {
    const before = saved.checks.find(({ name }) => name === check.name);
    if (before !== undefined) Object.assign(check, before);
  }
  for (const group of vrrp.groups) {
    group.said = saved.groups.find(({ name }) => name === group.config.name)?.said ?? null;
  }
  return vrrp;
}
