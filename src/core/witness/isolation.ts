/**
 * What a witness decides when the partner is silent and there is no fencing device. A node that has an answer from a
 * witness since the partner fell silent is in the network: it may take over. A node that has none is alone: it stops
 * before the partner's verdict on it, so that exactly one node serves if exactly one has lost the network.
 *
 * It cannot decide more. If both still see a witness, each may take the other for dead: two owners, or with
 * `[witness] seen = stop` none. If none sees one: none, or with `[witness] none = stay` both.
 */
import { isAlive, type Peer } from '../membership/state.js';
import { partnerOf } from '../resources/claims.js';
import { peerDied } from '../resources/peer-changes.js';
import { holdsAnything } from '../resources/state.js';
import { suspendResources } from '../resources/suspend.js';
import { announceEvent, type Turn } from '../turn.js';
import { witnessesDecide } from './state.js';

const ALONE_TIMER = 'alone';
const BACK_TIMER = 'witnessBack';
/** An answer may have been on its way when the network broke. */
const STRAY_KEEPALIVES = 1.5;

/** Whether a witness has answered since the partner fell silent. */
function hasAnswer(turn: Turn, peer: Peer): boolean {
  const silentSinceMs = peer.lastStatusMs ?? Number.NEGATIVE_INFINITY;
  const countsFromMs = silentSinceMs + STRAY_KEEPALIVES * turn.state.config.keepaliveMs;
  return turn.state.witnesses.list.some(({ heardMs }) => heardMs !== null && heardMs > countsFromMs);
}

/** After each status of the partner: when this node has to look whether it is alone. */
export function armAlone(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (peer.name !== state.resources.partner || !witnessesDecide(state.config, state.witnesses)) return;
  state.witnesses.isolated = false;
  state.timers.stop(BACK_TIMER);
  state.timers.set(ALONE_TIMER, turn.nowMs + state.guard.budget.leaseMs);
}

/** The partner has been silent for a lease: soon it may take over, if it lives and this node is cut off. */
export function fireAlone(turn: Turn): void {
  const { state } = turn;
  const partner = partnerOf(state);
  if (partner === undefined || partner.left || !state.membership.communicationUp) return;
  if (hasAnswer(turn, partner) || state.config.settings.witnessNone === 'stay') return;
  if (!holdsAnything(state.resources)) return;
  announceEvent(
    turn,
    'crit',
    'alone',
    `neither ${partner.name} nor a witness is heard: this node is cut off and stops its services before ${partner.name} takes over.`,
  );
  state.witnesses.isolated = true;
  suspendResources(turn, partner.name);
}

/**
 * The partner is dead, nothing can fence it, and witnesses are configured. Returns whether this node may take over;
 * otherwise everything has been done.
 */
export function mayTakeOverAlone(turn: Turn, peer: Peer): boolean {
  const { state } = turn;
  const { settings } = state.config;
  if (peer.left || !witnessesDecide(state.config, state.witnesses)) return true;
  const answered = hasAnswer(turn, peer);
  if (answered && settings.witnessSeen !== 'stop') {
    state.witnesses.isolated = false;
    return true;
  }
  if (!answered && settings.witnessNone === 'stay') return true;
  state.witnesses.isolated = true;
  const sentence = answered
    ? `${peer.name} is silent and a witness answers; [witness] seen = stop: nothing is taken over, and what runs here is stopped.`
    : `${peer.name} is silent and no witness answers: this node is probably the one that is cut off. It serves nothing until one of them is heard.`;
  announceEvent(turn, 'crit', answered ? 'witness-seen-stop' : 'witness-none', sentence);
  suspendResources(turn, peer.name);
  return false;
}

/** A witness answered an isolated node: if the partner stays silent for a deadtime more, it is judged anew. */
export function witnessAnswers(turn: Turn): void {
  const { witnesses, config, timers } = turn.state;
  const partner = partnerOf(turn.state);
  if (!witnesses.isolated || partner === undefined || isAlive(partner) || timers.has(BACK_TIMER)) return;
  if (config.settings.witnessSeen === 'stop') return;
  timers.set(BACK_TIMER, turn.nowMs + config.deadtimeMs);
}

export function fireWitnessBack(turn: Turn): void {
  const { witnesses } = turn.state;
  const partner = partnerOf(turn.state);
  if (!witnesses.isolated || partner === undefined || isAlive(partner)) return;
  peerDied(turn, partner);
}
