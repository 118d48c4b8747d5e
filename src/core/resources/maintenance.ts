/**
 * Maintenance: resources stay as they are while people work on them. Nothing is started, stopped, moved, judged by a
 * monitor or fenced. One number for the whole cluster (odd is on, even is off, the highest counts) goes with every
 * status to the other node of ours and to the disk, so that it outlives a restart of the daemon on either or on both.
 */
import { isAlive, type Peer } from '../membership/state.js';
import type { State } from '../state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { acquireOwn } from './acquire.js';
import { checkFailback } from './agreement.js';
import { partnerOf } from './claims.js';
import { addressesUp } from './groups.js';
import { renewIntervalMs } from './lifetime.js';
import { quietMonitors } from './monitor.js';
import { peerDied } from './peer-changes.js';
import { probe } from './probe.js';
import { releaseKept } from './shutdown.js';
import { isHeld } from './state.js';

/** How often the log says that maintenance is still on. */
const REMINDER_MS = 600_000;

/** True while nothing may be started, stopped, moved, judged by a monitor or fenced. */
export function inMaintenance(state: State): boolean {
  return state.maintenanceEpoch % 2 === 1;
}

/** `heartbeat maintenance on|off`. Returns what was done, or why not, as a sentence. */
export function changeMaintenance(
  turn: Turn,
  on: boolean,
  force: boolean,
): { readonly ok: boolean; readonly text: string } {
  const { state } = turn;
  const word = on ? 'on' : 'off';
  if (inMaintenance(state) === on) return { ok: true, text: `maintenance is ${word} already.` };
  if (!on && !force) {
    const danger = leftBehind(state);
    if (danger !== undefined) return { ok: false, text: danger };
  }
  setEpoch(turn, state.maintenanceEpoch + 1, `said here`);
  return { ok: true, text: `maintenance is ${word}${reach(state, on)}` };
}

/** Whom it concerns, as the rest of a sentence. */
function reach(state: State, on: boolean): string {
  const partner = partnerOf(state);
  if (partner === undefined) return '.';
  if (!isAlive(partner)) return `; ${partner.name} is not heard and learns of it when it is.`;
  if (partner.extra !== undefined) return ` here and on ${partner.name}.`;
  const danger = on ? ': it takes over what this node stops serving' : '';
  return ` here; ${partner.name} runs the original, which knows nothing of it${danger}.`;
}

/** Why it is not safe to go on, as a sentence: a node that was stopped in maintenance left its services running. */
function leftBehind(state: State): string | undefined {
  const partner = partnerOf(state);
  if (partner === undefined || (isAlive(partner) && !partner.left)) return undefined;
  if (state.resources.groups.every(isHeld)) return undefined;
  const neverHeard = partner.lastStatusMs === null && partner.lastStatusSeq === 0;
  if (!partner.left && !neverHeard) return undefined;
  return (
    `heartbeat on ${partner.name} was stopped in maintenance, so its services may still run there: start it there ` +
    'first, or say "heartbeat maintenance off --force" if nothing of them runs there.'
  );
}

/** What the other node says about it. */
export function hearMaintenance(turn: Turn, peer: Peer): void {
  const epoch = peer.extra?.maintenance ?? 0;
  if (peer.name !== turn.state.resources.partner || epoch <= turn.state.maintenanceEpoch) return;
  setEpoch(turn, epoch, `said ${peer.name}`);
}

function setEpoch(turn: Turn, epoch: number, by: string): void {
  const { state } = turn;
  const before = inMaintenance(state);
  state.maintenanceEpoch = epoch;
  state.statusDue = true;
  state.checkpointDue = true;
  const now = inMaintenance(state);
  if (now === before) return;
  if (now) enter(turn, by);
  else leave(turn, by);
}

function enter(turn: Turn, by: string): void {
  const { groups } = turn.state.resources;
  const sentence = `maintenance is ON (${by}): nothing is started, stopped, moved or fenced until "heartbeat maintenance off".`;
  announceEvent(turn, 'warn', 'maintenance-on', sentence, { from: 'off', to: 'on' });
  for (const group of groups) quietMonitors(turn, group);
  // For ever: they must outlive a program that is stopped, updated or looked at with a debugger.
  const addresses = groups.flatMap(addressesUp);
  if (addresses.length > 0) turn.effects.push({ kind: 'renewAddresses', addresses });
  turn.state.timers.set('maintenance', turn.nowMs + REMINDER_MS);
}

/** Everything that was put off is looked at anew: what runs, who is dead, what nobody holds. */
function leave(turn: Turn, by: string): void {
  const { state } = turn;
  const { resources } = state;
  announceEvent(
    turn,
    'notice',
    'maintenance-off',
    `maintenance is off (${by}): resources are managed again.`,
    { from: 'on', to: 'off' },
  );
  state.timers.stop('maintenance');
  state.timers.set('renew', turn.nowMs + renewIntervalMs(state.config));
  for (const group of resources.groups) {
    if (group.wanted && group.phase === 'running' && !group.dropped && group.probe === null)
      probe(turn, group);
  }
  if (state.shutdown !== null) releaseKept(turn);
  if (!state.membership.communicationUp || state.shutdown !== null) return;
  const partner = partnerOf(state);
  if (partner !== undefined && (partner.status === 'dead' || partner.left)) peerDied(turn, partner);
  else if (resources.phase === 'stable') acquireOwn(turn, false);
  checkFailback(turn);
}

/** A death or leave in maintenance: nothing follows from it before `leave`. */
export function putOffVerdict(turn: Turn, peer: Peer): void {
  const sentence = `${peer.name} is gone, but maintenance is on: nothing of it is fenced or taken over.`;
  announceEvent(turn, 'warn', 'maintenance-verdict', sentence);
}

/** Says now and then that it is still on. */
export function fireReminder(turn: Turn): void {
  if (!inMaintenance(turn.state)) return;
  log(
    turn,
    'warn',
    'maintenance-on',
    'maintenance is still on: nothing is started, stopped, moved or fenced.',
  );
  turn.state.timers.set('maintenance', turn.nowMs + REMINDER_MS);
}
