/** The orderly end: release everything, tell the others, stay long enough to be heard (heartbeat-protocol.md 13.1). */
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { sendStatus } from '../membership/own-status.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeOver } from './acquire.js';
import { want } from './groups.js';
import { reportResources } from './report.js';
import { cancelStandby } from './standby.js';
import { beginTransition } from './transitions.js';

/** How long retransmission requests for the last messages are still answered. */
const LINGER_MS = 600;

/** Begins the shutdown. A second call does nothing. */
export function beginShutdown(turn: Turn, commandId: number): void {
  const { state } = turn;
  const { resources } = state;
  if (state.shutdown !== null) return;
  log(turn, 'info', 'shutdown', 'Heartbeat shutdown in progress.');
  cancelStandby(turn, 'this node shuts down');
  state.shutdown = { commandId, shutdoneSeq: null };
  resources.phase = 'shutdown';
  resources.myHold = 0;
  resources.requested = [];
  resources.transitions = [];
  log(turn, 'info', 'giving-up', 'Giving up all HA resources.');
  reportResources(turn, false, 'shutdown');
  for (const group of resources.groups) want(turn, group, false);
  const groups = resources.groups.map((group) => group.index);
  beginTransition(turn, { purpose: 'shutdown', groups, direction: 'down' });
}

/** Everything is stopped. */
export function finishShutdown(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null) return;
  log(turn, 'info', 'given-up', 'All HA resources relinquished.');
  state.resources.leftoversReleased = true;
  const shutdoneSeq = sendSequenced(turn, 'shutdone', [text('st', 'dead')]);
  state.shutdown = { ...state.shutdown, shutdoneSeq };
  sendStatus(turn);
  const heard = [...state.peers.values()].some((peer) => isAlive(peer) && !peer.left);
  state.timers.set('exit', turn.nowMs + (heard ? LINGER_MS : 0));
}

/** Nobody can ask for anything any more: the end. */
export function fireExit(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null || state.exited) return;
  state.exited = true;
  log(turn, 'info', 'shutdown-complete', `${state.config.self} Heartbeat shutdown complete.`);
  turn.effects.push({ kind: 'reply', commandId: state.shutdown.commandId, ok: true, text: 'stopped' });
  turn.effects.push({ kind: 'exit', code: 0, reason: 'shutdown was asked for' });
}

/** `shutdone` from the partner: it holds nothing any more and goes. Its groups are ours now, without waiting for its silence. */
export function receiveShutdone(turn: Turn, peer: Peer, seq: number): void {
  const { state } = turn;
  if (peer.name !== state.resources.partner) return;
  announceEvent(turn, 'info', 'peer-shutdown', `Received shutdown notice from '${peer.name}'.`);
  peer.left = true;
  state.resources.otherHold = 0;
  state.resources.otherStable = true;
  cancelStandby(turn, `${peer.name} shuts down`);
  if (state.shutdown !== null || !state.membership.communicationUp) return;
  for (const group of state.resources.groups) group.peerClaimsIgnoredUpTo = seq;
  takeOver(turn, peer, `${peer.name} was shut down in good order.`, false);
}
