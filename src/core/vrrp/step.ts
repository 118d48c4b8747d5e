/** The VRRP part of the core's one door: its inputs, its timers, its beginning and its end. */
import { unreachable } from '../../errors/assert.js';
import { log, type Turn } from '../turn.js';
import { announceOnAndOn, fireBurst, fireExtra, fireRefresh, fireSpaced } from './announce.js';
import { beginChecks, finishCheck, fireCheck } from './checks.js';
import type { VrrpInputEvent } from './input.js';
import { notifyGroups } from './notify.js';
import { receiveAdvert } from './receive.js';
import { reconfigure, startLater } from './reconfigure.js';
import { fireRestore, restoreAddresses } from './restore.js';
import type { Vrrp } from './state.js';
import { fireDown } from './sync.js';
import { reassess } from './tracking.js';
import { belongingsOf, fireAdvert, stopInstance } from './transitions.js';

/** The first turn of a run. */
export function beginVrrp(turn: Turn): void {
  const { vrrp } = turn.state;
  if (vrrp === null || vrrp.begun) return;
  vrrp.begun = true;
  const { staticAddresses: addresses, staticRoutes: routes, staticRules: rules } = vrrp.config;
  if (addresses.length + routes.length + rules.length > 0) {
    turn.effects.push({ kind: 'vrrpSet', instance: '', belongings: { addresses, routes, rules } });
  }
  for (const instance of vrrp.instances) startLater(turn, instance);
  beginChecks(turn, vrrp);
  reassess(turn, vrrp);
}

/** The first turn of a loop process that took the place of another: addresses and roles are as they were. */
export function resumeVrrp(turn: Turn): void {
  const { vrrp } = turn.state;
  if (vrrp === null || !vrrp.restored) return;
  vrrp.restored = false;
  vrrp.begun = true;
  for (const instance of vrrp.instances) {
    if (instance.state === 'init') startLater(turn, instance);
    if (instance.state !== 'master') continue;
    const { name } = instance.config;
    turn.effects.push({ kind: 'vrrpSet', instance: name, belongings: belongingsOf(instance) });
    instance.advertDueMs = turn.nowMs;
    fireAdvert(turn, instance);
    announceOnAndOn(turn, instance);
  }
  beginChecks(turn, vrrp);
  reassess(turn, vrrp);
}

/** One input. */
export function stepVrrp(turn: Turn, event: VrrpInputEvent): void {
  const { vrrp } = turn.state;
  if (event.kind === 'vrrpConfig') {
    reconfigure(turn, event.config);
    return;
  }
  if (vrrp === null) return;
  switch (event.kind) {
    case 'advert':
      receiveAdvert(turn, vrrp, event.instance, event.heard);
      return;
    case 'vrrpInterface': {
      const before = vrrp.interfaces.get(event.name);
      vrrp.interfaces.set(event.name, event.state);
      if (before !== undefined && before.up !== event.state.up) {
        log(
          turn,
          'info',
          'vrrp-interface',
          `Netlink reports ${event.name} ${event.state.up ? 'up' : 'down'}`,
        );
      }
      reassess(turn, vrrp);
      return;
    }
    case 'vrrpLost': {
      const instance = vrrp.instances.find(({ config }) => config.name === event.instance);
      if (instance !== undefined) restoreAddresses(turn, instance, event.addresses);
      return;
    }
    case 'vrrpCheckDone':
      finishCheck(turn, vrrp, event.name, event.result);
      return;
    default:
      unreachable(event);
  }
}

/** After every input: what is said of whole groups. */
export function settleVrrp(turn: Turn): void {
  const { vrrp } = turn.state;
  if (vrrp !== null && vrrp.groups.length > 0) notifyGroups(turn, vrrp.groups);
}

/** A timer `vrrp/KIND/INDEX` has fired. */
export function fireVrrp(turn: Turn, kind: string, index: number): void {
  const { vrrp } = turn.state;
  if (vrrp === null) return;
  const check = vrrp.checks[index];
  if (kind === 'check') {
    if (check !== undefined) fireCheck(turn, check);
    return;
  }
  const instance = vrrp.instances[index];
  if (instance === undefined) return;
  if (kind === 'advert') fireAdvert(turn, instance);
  else if (kind === 'down') fireDown(turn, instance);
  else if (kind === 'burst') fireBurst(turn, instance);
  else if (kind === 'spaced') fireSpaced(turn, instance);
  else if (kind === 'refresh') fireRefresh(turn, instance);
  else if (kind === 'extra') fireExtra(turn, vrrp, instance);
  else if (kind === 'restore') fireRestore(turn, instance);
  else if (kind === 'start') reassess(turn, vrrp);
}

/** The orderly end: masters resign, everything of ours is removed. */
export function stopVrrp(turn: Turn): void {
  const { vrrp } = turn.state;
  if (vrrp === null) return;
  for (const instance of vrrp.instances) stopInstance(turn, instance);
  notifyGroups(turn, vrrp.groups);
  turn.state.timers.stopAll('vrrp/');
  const { staticAddresses: addresses, staticRoutes: routes, staticRules: rules } = vrrp.config;
  if (addresses.length + routes.length + rules.length > 0) {
    turn.effects.push({ kind: 'vrrpRemove', instance: '', belongings: { addresses, routes, rules } });
  }
}

/** Whether this daemon runs VRRP alone (`bin/keepalived`): no nodes, no heartbeats, no resource groups. */
export function isVrrpOnly(turn: Turn): boolean {
  return turn.state.config.nodes.length === 0;
}

/** The end of a daemon that runs VRRP alone. */
export function shutdownVrrpOnly(turn: Turn, commandId: number): void {
  if (turn.state.exited) return;
  stopVrrp(turn);
  turn.state.exited = true;
  turn.effects.push({ kind: 'reply', commandId, ok: true, text: 'stopped' });
  turn.effects.push({ kind: 'exit', code: 0, reason: 'shutdown was asked for' });
}

export type { Vrrp };
