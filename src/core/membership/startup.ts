/** From the first packet to "communication is up" (heartbeat-protocol.md section 9). */
import { type Message, text, textOf } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { beginResources } from '../resources/begin.js';
import { log, type Turn } from '../turn.js';
import { armDeath } from './death.js';
import { sendStatus } from './own-status.js';
import { isAlive, type Peer } from './state.js';

const ASK_AGAIN_MS = 1000;

/** First packets of a run: status init, status up; every peer's initdead begins to count. */
export function beginMembership(turn: Turn): void {
  const { membership, peers, config } = turn.state;
  log(turn, 'info', 'generation', `Heartbeat generation: ${turn.state.identity.generation}`);
  membership.status = 'init';
  sendStatus(turn);
  membership.status = 'up';
  log(turn, 'info', 'own-status', "Local status now set to: 'up'");
  sendStatus(turn);
  for (const peer of peers.values()) armDeath(turn, peer);
  if (config.nodes.length === 1) joinCommunication(turn);
}

/** Goes on with the start as far as what is known allows. Called whenever something was learned. */
export function joinCommunication(turn: Turn): void {
  const { membership, peers, resources } = turn.state;
  if (membership.communicationUp || membership.status !== 'up' || turn.state.shutdown !== null) return;
  if (!resources.leftoversReleased) return;
  const everybodyKnown = [...peers.values()].every((peer) => peer.heard || peer.status === 'dead');
  if (!everybodyKnown) return;
  if (!membership.nodesAnswered && askForNodes(turn)) return;
  membership.communicationUp = true;
  membership.status = 'active';
  turn.state.checkpointDue = true;
  turn.effects.push({ kind: 'communicationUp' });
  log(turn, 'info', 'comm-up', 'Comm_now_up(): updating status to active');
  log(turn, 'info', 'own-status', "Local status now set to: 'active'");
  turn.state.timers.stop('askNodes');
  for (const peer of peers.values()) {
    if (isAlive(peer)) armDeath(turn, peer);
  }
  // The status goes first: nothing else begins the acquaintance, so a peer that has just started would drop the rest.
  sendStatus(turn);
  beginResources(turn);
}

/**
 * An original is asked for its node list, as its own kind does; a node of this program needs no such question.
 * Returns true while an answer is awaited.
 */
function askForNodes(turn: Turn): boolean {
  const { membership, peers, timers } = turn.state;
  const originals = [...peers.values()].filter((peer) => isAlive(peer) && peer.extra === undefined);
  if (originals.length === 0) return false;
  if (timers.has('askNodes')) return true;
  const previous = originals.findIndex((peer) => peer.name === membership.nodesAskedOf);
  const next = originals[(previous + 1) % originals.length];
  if (next === undefined) return false;
  membership.nodesAskedOf = next.name;
  sendSequenced(turn, 'reqnodes', [text('dest', next.name)], next);
  timers.set('askNodes', turn.nowMs + ASK_AGAIN_MS);
  return true;
}

/** A peer asks for our list of nodes: answered even while we are starting ourselves. */
export function answerNodes(turn: Turn, peer: Peer, message: Message): void {
  if (textOf(message, 'dest') !== turn.state.config.self) return;
  const nodes = turn.state.config.nodes.map((name) => `${name} `).join('');
  const own = [text('dest', peer.name), text('nodelist', nodes), text('delnodelist', ' ')];
  sendSequenced(turn, 'repnodes', own, peer);
}

/** The node list of a peer: it ends the question. A list that differs from ours is said, ours stays. */
export function receiveNodes(turn: Turn, peer: Peer, message: Message): void {
  const theirs = (textOf(message, 'nodelist') ?? '').split(' ').filter((name) => name !== '');
  const ours = turn.state.config.nodes;
  const differing = [
    ...theirs.filter((name) => !ours.includes(name)),
    ...ours.filter((name) => !theirs.includes(name)),
  ];
  if (differing.length > 0) {
    const names = differing.join(', ');
    log(
      turn,
      'warn',
      'nodes-differ',
      `${peer.name} and this node do not list the same nodes in ha.cf: ${names}.`,
    );
  }
  turn.state.membership.nodesAnswered = true;
  turn.state.timers.stop('askNodes');
  joinCommunication(turn);
}
