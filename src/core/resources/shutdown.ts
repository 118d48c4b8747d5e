/** The orderly end: release everything, tell the others, stay long enough to be heard (heartbeat-protocol.md 13.1). */
import { type Message, text, textOf } from '../../wire/message.js';
import { endFencing, isCommandUnderWay } from '../fencing/course.js';
import { sendSequenced } from '../heartbeat/send.js';
import { sendStatus } from '../membership/own-status.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { stopVrrp } from '../vrrp/step.js';
import { takeOver } from './acquire.js';
import { partnerOf } from './claims.js';
import { want } from './groups.js';
import { inMaintenance, putOffVerdict } from './maintenance.js';
import { reportResources } from './report.js';
import { cancelStandby } from './standby.js';
import { holdsAnything } from './state.js';
import { beginTransition } from './transitions.js';

/** Of a `shutdone` between nodes of this program: for maintenance its sender stopped nothing. */
const KEPT_FIELD = 'kept';
/** How long retransmission requests for the last messages are still answered. */
const LINGER_MS = 600;

/** Begins the shutdown. A second call does nothing; a self-restart that is under way becomes a shutdown. */
export function beginShutdown(turn: Turn, commandId: number): void {
  const { state } = turn;
  if (state.shutdown === null) {
    log(turn, 'info', 'shutdown', 'Heartbeat shutdown in progress.');
    state.shutdown = { commandId, shutdoneSeq: null, restart: null };
    giveUpEverything(turn);
  } else if (state.shutdown.restart !== null) {
    log(turn, 'info', 'shutdown', 'Heartbeat shutdown in progress.');
    state.shutdown = { ...state.shutdown, commandId, restart: null };
    if (state.shutdown.shutdoneSeq !== null) state.timers.set('exit', turn.nowMs);
  }
}

/** Stops all groups and says so; `finishShutdown` follows when nothing of them runs any more. */
export function giveUpEverything(turn: Turn): void {
  const { resources } = turn.state;
  cancelStandby(turn, 'this node shuts down');
  endFencing(turn);
  resources.phase = 'shutdown';
  resources.requested = [];
  resources.transitions = [];
  if (keepsResources(turn)) {
    finishShutdown(turn);
    return;
  }
  log(turn, 'info', 'giving-up', 'Giving up all HA resources.');
  for (const group of resources.groups) want(turn, group, false);
  const groups = resources.groups.map((group) => group.index);
  beginTransition(turn, { purpose: 'shutdown', groups, direction: 'down' });
}

/**
 * In maintenance resources stay as they are although heartbeat stops. Beside an original that would make two owners,
 * since it takes over: there they are released, and maintenance is over.
 */
function keepsResources(turn: Turn): boolean {
  const { state } = turn;
  if (!inMaintenance(state)) return false;
  const partner = partnerOf(state);
  if (partner !== undefined && isAlive(partner) && !partner.left && partner.extra === undefined) {
    const sentence = `maintenance ends here: ${partner.name} runs the original and takes over, so resources are released.`;
    announceEvent(turn, 'warn', 'maintenance-off', sentence);
    state.maintenanceEpoch += 1;
    state.checkpointDue = true;
    return false;
  }
  announceEvent(turn, 'warn', 'maintenance-stop', 'maintenance is on: all resources stay as they are.');
  return true;
}

/** Everything is stopped, or stays as it is for maintenance. */
export function finishShutdown(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null) return;
  if (!inMaintenance(state)) log(turn, 'info', 'given-up', 'All HA resources relinquished.');
  stopVrrp(turn);
  state.resources.leftoversReleased = true;
  // Not before everything is stopped: a node that dies in between counts as holder, and is fenced.
  state.resources.myHold = 0;
  reportResources(turn, false, 'shutdown');
  const kept = inMaintenance(state) && holdsAnything(state.resources) ? [text(KEPT_FIELD, '1')] : [];
  const shutdoneSeq = sendSequenced(turn, 'shutdone', [text('st', 'dead'), ...kept]);
  state.shutdown = { ...state.shutdown, shutdoneSeq };
  sendStatus(turn);
  if (state.shutdown.restart !== null) {
    state.timers.set('selfRestart', turn.nowMs + STAY_MS);
    return;
  }
  const heard = [...state.peers.values()].some((peer) => isAlive(peer) && !peer.left);
  state.timers.set('exit', turn.nowMs + (heard ? LINGER_MS : 0));
}

/** Maintenance has ended before this node is gone: what was to stay is released, and the end is told anew. */
export function releaseKept(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null || state.shutdown.shutdoneSeq === null || !holdsAnything(state.resources))
    return;
  state.timers.stop('exit');
  state.shutdown = { ...state.shutdown, shutdoneSeq: null };
  giveUpEverything(turn);
}

/** Before a self-restart becomes silent (heartbeat-protocol.md 13.1: +1 s). */
const STAY_MS = 1000;

/** Nobody can ask for anything any more: the end. */
export function fireExit(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null || state.exited) return;
  state.exited = true;
  log(turn, 'info', 'shutdown-complete', `${state.config.self} Heartbeat shutdown complete.`);
  const { commandId } = state.shutdown;
  if (commandId !== null) turn.effects.push({ kind: 'reply', commandId, ok: true, text: 'stopped' });
  turn.effects.push({ kind: 'exit', code: 0, reason: 'shutdown was asked for' });
}

/** `shutdone` from the partner: it holds nothing any more and goes. Its groups are ours now, without waiting for its silence. */
export function receiveShutdone(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { state } = turn;
  if (peer.name !== state.resources.partner) return;
  if (textOf(message, KEPT_FIELD) !== undefined && !inMaintenance(state)) {
    const sentence = `${peer.name} was stopped while maintenance was still on there: nothing of it is taken over before it has released it, or is dead.`;
    announceEvent(turn, 'warn', 'peer-shutdown-kept', sentence);
    return;
  }
  announceEvent(turn, 'info', 'peer-shutdown', `Received shutdown notice from '${peer.name}'.`);
  peer.left = true;
  state.resources.otherHold = 0;
  state.resources.otherStable = true;
  cancelStandby(turn, `${peer.name} shuts down`);
  if (state.shutdown !== null || !state.membership.communicationUp) return;
  if (inMaintenance(state)) {
    putOffVerdict(turn, peer);
    return;
  }
  for (const group of state.resources.groups) group.peerClaimsIgnoredUpTo = seq;
  // What waited in the sockets while this process did not run may be old: it may run again, and have taken everything.
  if (turn.nowMs - state.lateAtMs < state.config.keepaliveMs) return;
  // It has released everything; but a device is at work on it, and what that did is known first.
  if (isCommandUnderWay(turn, peer)) return;
  endFencing(turn);
  takeOver(turn, peer, `${peer.name} was shut down in good order.`, false);
}
