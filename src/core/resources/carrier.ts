/**
 * An address on an interface without a carrier serves nobody. When the interface of a group loses its carrier here and
 * the other node has one, the group moves there; when the carrier has been back for a while, this node may have it again
 * (and with `auto_failback on` it comes back). `[groups] carrier_wait` says how long it must be gone: a switch port that
 * flaps moves nothing. An original does not tell of its interfaces: beside it there is an alarm only.
 */
import type { Extra } from '../../wire/extra.js';
import { isFencing } from '../fencing/state.js';
import type { Carrier } from '../input.js';
import { isAlive, type Peer } from '../membership/state.js';
import type { State } from '../state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { claimOn, claimsUsable, partnerOf } from './claims.js';
import { failGroup } from './failures.js';
import { askForGroups } from './legacy.js';
import { inMaintenance } from './maintenance.js';
import { type Group, isFollower } from './state.js';

const LOOK_MS = 1000;
/** A carrier must have been back for so long: a link that comes and goes does not bring the group with it. */
const BACK_MIN_MS = 10_000;

const waitMs = (state: State): number => state.config.settings.carrierWaitMs ?? 0;

/** The loop tells which groups have an interface without a carrier; all others have one. */
export function noteCarriers(turn: Turn, lost: readonly Carrier[]): void {
  const { state } = turn;
  if (waitMs(state) === 0) return;
  const before = new Set(state.resources.groups.map(({ noCarrier }) => noCarrier));
  const now = new Set<string | null>();
  let changed = false;
  for (const group of state.resources.groups) {
    if (isFollower(group)) continue;
    const device = lost.find((one) => one.group === group.key)?.device ?? null;
    now.add(device);
    if (device === group.noCarrier) continue;
    group.noCarrier = device;
    group.carrierChangedMs = turn.nowMs;
    changed = true;
  }
  if (!changed) return;
  for (const device of now) {
    if (device === null || before.has(device)) continue;
    announceEvent(turn, 'warn', 'carrier-lost', `${device}, on which groups have addresses, has no carrier.`);
  }
  for (const device of before) {
    if (device === null || now.has(device)) continue;
    announceEvent(turn, 'info', 'carrier-back', `${device} has a carrier again.`);
  }
  state.statusDue = true;
  state.timers.set('carrier', turn.nowMs + waitMs(state));
}

/** Looks again, as long as there is something to look at. */
export function fireCarrier(turn: Turn): void {
  const { state } = turn;
  for (const group of state.resources.groups) {
    if (group.noCarrier === null) forgive(turn, group);
    else moveAway(turn, group, group.noCarrier);
  }
  if (state.resources.groups.some((group) => group.noCarrier !== null || failedByCarrier(group)))
    state.timers.set('carrier', turn.nowMs + LOOK_MS);
}

function moveAway(turn: Turn, group: Group, device: string): void {
  const { state } = turn;
  if (turn.nowMs - group.carrierChangedMs < waitMs(state)) return;
  if (!group.wanted || group.phase !== 'running' || group.restartFrom !== null) return;
  const { resources, shutdown } = state;
  const busy = resources.phase !== 'stable' || resources.standby !== null || resources.suspended;
  if (busy || shutdown !== null || inMaintenance(state) || isFencing(state)) return;
  const partner = partnerOf(state);
  if (partner === undefined || !canTake(state, partner, group)) return;
  log(
    turn,
    'warn',
    'carrier-move',
    `group ${group.key} moves to ${partner.name}: ${device} has no carrier here.`,
  );
  failGroup(turn, group, device, 'it has no carrier');
  group.failedBy = 'carrier';
}

/** The other node is there, of our kind, ready, has not failed at it, and its own interface has a carrier. */
function canTake(state: State, partner: Peer, group: Group): boolean {
  const { extra } = partner;
  if (extra === undefined || !isAlive(partner) || partner.left || partner.status !== 'active') return false;
  if (!extra.capabilities.includes('stable') || !claimsUsable(state, partner)) return false;
  if (extra.noCarrier?.includes(group.index) === true) return false;
  return claimOn(state, partner, group)?.hold === 'free';
}

function failedByCarrier(group: Group): boolean {
  return group.failed && group.failedBy === 'carrier';
}

/** The carrier has been back for a while: what kept the group away from this node is over. */
function forgive(turn: Turn, group: Group): void {
  const { state } = turn;
  if (!failedByCarrier(group)) return;
  if (turn.nowMs - group.carrierChangedMs < Math.max(BACK_MIN_MS, waitMs(state))) return;
  group.failed = false;
  state.statusDue = true;
  state.checkpointDue = true;
  const sentence = `group ${group.key} may run here again: its interface has a carrier.`;
  announceEvent(turn, 'info', 'carrier-forgiven', sentence);
  if (state.config.autoFailback !== 'legacy' || !group.isLocal || group.wanted) return;
  if (!state.resources.requested.includes(group.key)) state.resources.requested.push(group.key);
  askForGroups(turn);
}

/** What a status says of our interfaces: the groups by number that this node cannot or does not want to have for that. */
export function carriersToTell(state: State): readonly number[] {
  return state.resources.groups
    .filter((group) => group.noCarrier !== null || failedByCarrier(group))
    .map(({ index }) => index);
}

/** The partner's new word of its interfaces, before it replaces the last one. */
export function hearCarriers(turn: Turn, peer: Peer, extra: Extra): void {
  const { resources, config, timers } = turn.state;
  if (peer.name !== resources.partner) return;
  const before = peer.extra?.noCarrier ?? [];
  const now = extra.noCarrier ?? [];
  const back = before.filter((index) => !now.includes(index));
  // Its own groups that came here for that go home.
  const goHome = back.some((index) => {
    const group = resources.groups[index];
    return group !== undefined && !group.isLocal && group.wanted && !isFollower(group);
  });
  if (goHome && config.autoFailback === 'on') {
    resources.wantFailback = true;
    timers.set('failback', turn.nowMs + LOOK_MS);
  }
}
