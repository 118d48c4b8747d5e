/** Tells the administrator's programs about a change: which are run, with which arguments (vrrp-lvs.md 3.3). */
import type { VrrpCommand, VrrpNotify } from '../../config/vrrp-types.js';
import type { Turn } from '../turn.js';
import type { VrrpStateWord } from './effect.js';
import type { Group, Instance, InstanceState, Vrrp } from './state.js';

type Told = Exclude<VrrpStateWord, 'MASTER_PRIORITY' | 'BACKUP_PRIORITY'>;

const FIELD: Readonly<Record<Told, Exclude<keyof VrrpNotify, 'mail' | 'any'>>> = {
  MASTER: 'master',
  BACKUP: 'backup',
  FAULT: 'fault',
  STOP: 'stop',
  DELETED: 'deleted',
  MASTER_RX_LOWER_PRI: 'masterHeardLower',
};

/** The command of the state, then the general one with its four arguments. */
export function notify(turn: Turn, instance: Instance, state: Told): void {
  const { name, notify: orders } = instance.config;
  say(turn, 'INSTANCE', name, orders, state, instance.priority);
}

/** vrrp_notify_priority_changes: for the named pipes alone, no program is run. */
export function notifyPriority(turn: Turn, instance: Instance): void {
  if (turn.state.vrrp?.config.global.notifyPriorityChanges !== true) return;
  if (instance.state !== 'master' && instance.state !== 'backup') return;
  const state = instance.state === 'master' ? 'MASTER_PRIORITY' : 'BACKUP_PRIORITY';
  const { name } = instance.config;
  const { priority } = instance;
  turn.effects.push({
    kind: 'vrrpNotify',
    scope: 'INSTANCE',
    name,
    state,
    priority,
    commands: [],
    mail: false,
  });
}

/** fifo_write_vrrp_states_on_reload: the present states, for the named pipes alone. */
export function tellPipes(turn: Turn, { instances, groups }: Vrrp): void {
  const tell = (scope: 'INSTANCE' | 'GROUP', name: string, state: Told, priority: number): void => {
    turn.effects.push({ kind: 'vrrpNotify', scope, name, state, priority, commands: [], mail: false });
  };
  for (const instance of instances) {
    const state = stateOf([instance]);
    if (state !== null) tell('INSTANCE', instance.config.name, state, instance.priority);
  }
  for (const { config, said } of groups) if (said !== null) tell('GROUP', config.name, said, 0);
}

/** Every group whose state is another now. Called when the instances have come to rest. */
export function notifyGroups(turn: Turn, groups: readonly Group[]): void {
  for (const group of groups) {
    const state = stateOf(group.members);
    if (state === null || state === group.said) continue;
    group.said = state;
    say(turn, 'GROUP', group.config.name, group.config.notify, state, 0);
  }
}

function stateOf(members: readonly Instance[]): Group['said'] {
  const every = (state: InstanceState): boolean => members.every((member) => member.state === state);
  if (members.length === 0 || members.some((member) => member.state === 'init')) return null;
  if (every('stopped')) return 'STOP';
  if (members.some((member) => member.state === 'fault')) return 'FAULT';
  return every('master') ? 'MASTER' : 'BACKUP';
}

function say(
  turn: Turn,
  scope: 'INSTANCE' | 'GROUP',
  name: string,
  orders: VrrpNotify,
  state: Told,
  priority: number,
): void {
  const commands: VrrpCommand[] = [];
  const own = orders[FIELD[state]];
  if (own !== undefined) commands.push(own);
  if (orders.any !== undefined) {
    const words = [...orders.any.words, scope, name, state, String(priority)];
    commands.push({ ...orders.any, words });
  }
  const mail = orders.mail && state !== 'MASTER_RX_LOWER_PRI' && state !== 'DELETED';
  turn.effects.push({ kind: 'vrrpNotify', scope, name, state, priority, commands, mail });
}
