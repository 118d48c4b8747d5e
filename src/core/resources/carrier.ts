/**
 * An address on an interface without a carrier serves nobody. When the interface of a group loses its carrier here and
 * the other node has one, the group moves there; a node without one takes no group that the other can have. When the carrier has been back for a while, this node may have it again
 * (and with `auto_failback on` it comes back). `[groups] carrier_wait` says how long it must be gone: a switch port that
 * flaps moves nothing. Nothing is given up before the other node has confirmed to have heard of the loss: when the switch
 * of both dies, neither stops what nobody would take. An original does not tell of its interfaces: beside it there is an
 * alarm only.
 */
import type { Extra } from '../../wire/extra.js';
import { isFencing } from '../fencing/state.js';
import type { Carrier } from '../input.js';
import { confirmedSeq } from '../membership/peer-status.js';
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
    group.carrierToldSeq = state.outgoing.seq + 1;
    group.carrierStays = '';
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
  // A node that starts without a carrier knows that before it takes anything.
  judgeCarriers(turn);
}

/** Looks again, as long as there is something to look at. */
export function fireCarrier(turn: Turn): void {
  const { state } = turn;
  judgeCarriers(turn);
  if (state.resources.groups.some(isConcerned)) state.timers.set('carrier', turn.nowMs + LOOK_MS);
  else state.timers.stop('carrier');
}

/** Decides for every group without a carrier. Called when one was lost or came back, and when the partner has spoken. */
export function judgeCarriers(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown !== null || inMaintenance(state)) return;
  for (const group of state.resources.groups) if (isConcerned(group)) judge(turn, group);
}

function isConcerned(group: Group): boolean {
  return group.noCarrier !== null || failedByCarrier(group);
}

function judge(turn: Turn, group: Group): void {
  const { state } = turn;
  const why = whyStays(state, group);
  if (why !== undefined) {
    if (failedByCarrier(group)) admit(turn, group);
    if (group.noCarrier !== null && isLong(turn, group)) sayThatItStays(turn, group, group.noCarrier, why);
  } else if (group.noCarrier === null) forgive(turn, group);
  else if (group.wanted) moveAway(turn, group, group.noCarrier);
  else if (!group.failed) {
    group.failed = true;
    group.failedBy = 'carrier';
    state.statusDue = true;
    state.checkpointDue = true;
  }
}

/** Away for longer than a flap. */
function isLong(turn: Turn, group: Group): boolean {
  return turn.nowMs - group.carrierChangedMs >= waitMs(turn.state);
}

/** Why the group would not be better off on the other node, as a clause; undefined: it would. */
function whyStays(state: State, group: Group): string | undefined {
  const partner = partnerOf(state);
  if (waitMs(state) === 0) return '[groups] carrier_wait is 0 in heartbeat.ini';
  if (partner === undefined) return 'there is no other node';
  if (!isAlive(partner) || partner.left) return `${partner.name} is not there`;
  if (partner.extra === undefined)
    return `${partner.name} runs the original, which does not tell its carriers`;
  if (!claimsUsable(state, partner)) return `${partner.name} has another haresources, or is about to start`;
  if (partner.extra.noCarrier?.includes(group.index) === true) return `${partner.name} has none either`;
  if (claimOn(state, partner, group)?.hold === 'failed') return `it failed on ${partner.name}`;
  return undefined;
}

function sayThatItStays(turn: Turn, group: Group, device: string, why: string): void {
  if (!group.wanted || group.carrierStays === why) return;
  group.carrierStays = why;
  const sentence = `group ${group.key} stays here, though ${device} has no carrier: ${why}.`;
  announceEvent(turn, 'error', 'carrier-stays', sentence, { group: group.key });
}

function moveAway(turn: Turn, group: Group, device: string): void {
  const { state } = turn;
  if (!isLong(turn, group) || group.phase !== 'running' || group.restartFrom !== null) return;
  const { resources } = state;
  const busy = resources.phase !== 'stable' || resources.standby !== null || resources.suspended;
  if (busy || isFencing(state)) return;
  const partner = partnerOf(state);
  if (partner === undefined || !isReady(turn, partner, group)) return;
  log(
    turn,
    'warn',
    'carrier-move',
    `group ${group.key} moves to ${partner.name}: ${device} has no carrier here.`,
  );
  failGroup(turn, group, device, 'it has no carrier');
  group.failedBy = 'carrier';
}

/** The other node would take it now, and has spoken of its own interfaces since it heard of the loss here. */
function isReady(turn: Turn, partner: Peer, group: Group): boolean {
  if (partner.status !== 'active' || partner.extra?.capabilities.includes('stable') !== true) return false;
  if (confirmedSeq(turn, partner) < group.carrierToldSeq) return false;
  return claimOn(turn.state, partner, group)?.hold === 'free';
}

/** Nobody else can have it: the carrier does not keep it away from here any more. */
function admit(turn: Turn, group: Group): void {
  group.failed = false;
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
}

/** `failed` says no more than that the interface has no carrier here (or has had it for a moment only). */
export function failedByCarrier(group: Group): boolean {
  return group.failed && group.failedBy === 'carrier';
}

/** The carrier has been back for a while: what kept the group away from this node is over. */
function forgive(turn: Turn, group: Group): void {
  const { state } = turn;
  if (turn.nowMs - group.carrierChangedMs < Math.max(BACK_MIN_MS, waitMs(state))) return;
  admit(turn, group);
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

/** Whether the partner does not take the group for want of a carrier: then its claim `failed` says no more than that. */
export function lacksCarrierThere(state: State, group: Group): boolean {
  return partnerOf(state)?.extra?.noCarrier?.includes(group.index) === true;
}

/** Whole sentences for `heartbeat status`. */
export function carrierWarnings(state: State): string[] {
  return state.resources.groups.flatMap((group) => {
    const partner = partnerOf(state)?.name ?? 'the other node';
    const where = `group ${group.key}: ${group.noCarrier} has no carrier here`;
    if (group.noCarrier === null)
      return failedByCarrier(group)
        ? [`group ${group.key} is not taken before its interface has had a carrier here for a while.`]
        : [];
    if (!group.wanted) return [`${where}, so it is left to ${partner}.`];
    const why = whyStays(state, group);
    return [why === undefined ? `${where}, so it moves to ${partner}.` : `${where}, but it stays: ${why}.`];
  });
}
