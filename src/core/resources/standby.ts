/**
 * The standby handshake: one node hands a set of groups to the other (heartbeat-protocol.md 10.5). The set word is
 * always the giver's point of view. `hb_standby`, `hb_takeover` and automatic failback all end here.
 */
import { type Message, text, textOf } from '../../wire/message.js';
import { isFencing } from '../fencing/state.js';
import { sendSequenced } from '../heartbeat/send.js';
import type { ResourceSet } from '../input.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeGroup } from './acquire.js';
import { lacksCarrierThere } from './carrier.js';
import { claimOn, partnerOf } from './claims.js';
import { mayTakeAgain } from './failures.js';
import { want } from './groups.js';
import { inMaintenance } from './maintenance.js';
import { recomputeHold, reportResources } from './report.js';
import { FOREIGN, groupsIn, isHeld, mirrored, setOf, wordOf } from './state.js';
import { beginTransition } from './transitions.js';

const REPLY_MS = 10_000;
const WHOLE_MS = 3_600_000;
/** After a failback request without a reply. */
const FAILBACK_AGAIN_MS = 1000;

function ask(turn: Turn, set: ResourceSet, info: 'me' | 'other' | 'done' | 'over'): void {
  sendSequenced(turn, 'ask_resources', [text('rsc_hold', set), text('info', info)]);
}

/** Why no handshake can begin now, as a sentence; undefined when one can. */
function obstacle(turn: Turn): string | undefined {
  const { resources, config, shutdown } = turn.state;
  const partner = partnerOf(turn.state);
  if (config.autoFailback === 'legacy')
    return 'Standby mode only implemented when auto_failback is on or off.';
  if (partner === undefined) return 'there is no other node to hand resources to.';
  if (shutdown !== null) return 'this node is shutting down.';
  if (inMaintenance(turn.state)) return 'maintenance is on: nothing is moved.';
  if (!isAlive(partner)) return `${partner.name} is dead.`;
  if (isFencing(turn.state)) return `a device is about to reset ${partner.name}.`;
  if (resources.standby !== null) return 'another standby is under way.';
  if (resources.suspended || resources.phase !== 'stable') return 'local resources in flux.';
  if (!resources.otherStable) return 'Other side is in flux.';
  return undefined;
}

function answerCommand(turn: Turn, ok: boolean, sentence: string): void {
  const { resources } = turn.state;
  if (resources.waitingCommandId === null) return;
  turn.effects.push({ kind: 'reply', commandId: resources.waitingCommandId, ok, text: sentence });
  resources.waitingCommandId = null;
}

/**
 * This node wants to give the set away. Returns the sentence that says why not, or undefined when the handshake has
 * begun. `commandId`: whom to answer when it ends.
 */
export function beginStandby(turn: Turn, set: ResourceSet, commandId: number | null): string | undefined {
  const { resources, config, timers } = turn.state;
  const why = obstacle(turn);
  if (why !== undefined) {
    const partner = partnerOf(turn.state);
    if (partner !== undefined && !isAlive(partner)) {
      log(turn, 'warn', 'standby-no-reply', 'No reply to standby request.  Standby request cancelled.');
    } else {
      log(turn, 'info', 'standby-refused', `standby message [${set}] from ${config.self} ignored.  ${why}`);
    }
    return why;
  }
  announceEvent(turn, 'info', 'standby', `${config.self} wants to go standby [${set}]`);
  resources.otherStable = false;
  resources.standby = { phase: 'me', set, role: 'giver' };
  turn.state.checkpointDue = true;
  resources.waitingCommandId = commandId;
  timers.set('standby', turn.nowMs + REPLY_MS);
  ask(turn, set, 'me');
  return undefined;
}

/** ask_resources from the partner. */
export function receiveAsk(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { resources, config } = turn.state;
  if (config.autoFailback === 'legacy' || resources.phase === 'shutdown' || peer.name !== resources.partner)
    return;
  const set = wordOf(setOf(textOf(message, 'rsc_hold')) ?? setOf('all') ?? 0);
  switch (textOf(message, 'info')) {
    case 'me':
      peerWantsToGive(turn, peer, set);
      return;
    case 'other':
      if (resources.standby?.phase === 'me') give(turn, resources.standby.set);
      else
        log(turn, 'info', 'standby-stray', `${peer.name} answers a standby request that is over: ignored.`);
      return;
    case 'done':
      peerDone(turn, peer, message, seq);
      return;
    case 'over':
      peerForgot(turn, peer);
      return;
    default:
      return;
  }
}

/** A request that was long on its way, of a node of ours that has given everything up meanwhile, is void. */
function isInFlux(peer: Peer): boolean {
  return peer.extra !== undefined && !peer.extra.capabilities.includes('stable');
}

/** The giver has dropped the handshake without a word (it stopped everything): the taker waits no longer. */
export function endVoidStandby(turn: Turn, peer: Peer): void {
  if (turn.state.resources.standby?.role !== 'taker' || !isInFlux(peer)) return;
  cancelStandby(turn, `${peer.name} has stopped its services`);
}

function peerWantsToGive(turn: Turn, peer: Peer, set: ResourceSet): void {
  const { resources, timers } = turn.state;
  const why = isInFlux(peer) ? `${peer.name} has stopped its services since.` : obstacle(turn);
  if (why !== undefined) {
    log(turn, 'warn', 'standby-refused', `standby message [${set}] from ${peer.name} ignored.  ${why}`);
    return;
  }
  announceEvent(turn, 'info', 'standby', `${peer.name} wants to go standby [${set}]`, { node: peer.name });
  resources.otherStable = false;
  resources.standby = { phase: 'other', set, role: 'taker' };
  timers.set('standby', turn.nowMs + WHOLE_MS);
  ask(turn, set, 'other');
}

function give(turn: Turn, set: ResourceSet): void {
  const { resources, timers } = turn.state;
  const bits = setOf(set) ?? 0;
  const partner = partnerOf(turn.state);
  log(turn, 'info', 'standby-giving', `standby: ${partner?.name ?? ''} can take our ${set} resources`);
  log(turn, 'info', 'standby-giving', `give up ${set} HA resources (standby).`);
  timers.set('standby', turn.nowMs + WHOLE_MS);
  const given = groupsIn(resources, bits).filter((group) => {
    const claim = partner === undefined ? undefined : claimOn(turn.state, partner, group);
    if (claim?.hold !== 'failed') return true;
    announceEvent(
      turn,
      'warn',
      'standby-kept',
      lacksCarrierThere(turn.state, group)
        ? `group ${group.key} stays here: its interface has no carrier on the other node.`
        : `group ${group.key} stays here: it failed on the other node.`,
    );
    return false;
  });
  for (const group of given) {
    if (group.failed) group.offered = true;
    want(turn, group, false);
  }
  resources.standby = { phase: 'me', set, role: 'giver' };
  beginTransition(turn, { purpose: 'give', groups: given.map((group) => group.index), direction: 'down' });
}

/** Everything of the set is stopped: now the other node may start it. */
export function finishGiving(turn: Turn): void {
  const { standby } = turn.state.resources;
  if (standby?.role !== 'giver' || standby.phase !== 'me') return;
  for (const group of groupsIn(turn.state.resources, setOf(standby.set) ?? 0)) group.given = !isHeld(group);
  // Not before everything is stopped: a node that dies in between counts as holder, and is fenced.
  turn.state.resources.myHold &= ~(setOf(standby.set) ?? 0);
  reportResources(turn, false, 'standby');
  log(turn, 'info', 'standby-given', `${standby.set} HA resource release completed (standby).`);
  log(turn, 'info', 'standby-given', `Local standby process completed [${standby.set}].`);
  ask(turn, standby.set, 'done');
  turn.state.resources.standby = { ...standby, phase: 'done' };
}

function peerDone(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { resources } = turn.state;
  const { standby } = resources;
  if (standby?.phase === 'other') {
    take(turn, peer, standby.set, seq);
  } else if (standby?.phase === 'done' && standby.role === 'giver') {
    log(turn, 'info', 'standby-done', `Other node completed standby takeover of ${standby.set} resources.`);
    // Statuses sent before this word, and overtaken by it, still say that it holds nothing.
    for (const group of groupsIn(resources, setOf(standby.set) ?? 0))
      group.peerClaimsIgnoredUpTo = Math.max(group.peerClaimsIgnoredUpTo, seq);
    answerCommand(turn, true, `${peer.name} has taken the ${standby.set} resources.`);
    endStandby(turn);
    reportResources(turn, true);
  } else {
    log(turn, 'debug', 'standby-stray', `${peer.name} reports the end of a standby that is over: ignored.`);
    // It has stopped everything for us, and would wait an hour for our word. An original knows no such answer.
    if (peer.extra !== undefined) ask(turn, wordOf(setOf(textOf(message, 'rsc_hold')) ?? 0), 'over');
  }
}

/**
 * The other side has given the handshake up (it had to stop everything itself, or missed a word): what is free finds a
 * node anew. Who is starting what it was given goes on.
 */
function peerForgot(turn: Turn, peer: Peer): void {
  const { standby, transitions } = turn.state.resources;
  if (standby === null || transitions.some(({ purpose }) => purpose === 'take')) return;
  cancelStandby(turn, `${peer.name} has given it up meanwhile`);
  recomputeHold(turn);
}

function take(turn: Turn, peer: Peer, set: ResourceSet, seq: number): void {
  const { resources, timers } = turn.state;
  log(turn, 'info', 'standby-taking', `standby: acquire [${set}] resources from ${peer.name}`);
  log(turn, 'info', 'standby-taking', `acquire ${set} HA resources (standby).`);
  timers.set('standby', turn.nowMs + WHOLE_MS);
  const taken = groupsIn(resources, mirrored(setOf(set) ?? 0)).filter(
    (group) => !group.failed || mayTakeAgain(peer, group),
  );
  for (const group of taken) {
    // Statuses sent before this word still name the peer as holder.
    group.peerClaimsIgnoredUpTo = seq;
    takeGroup(turn, group);
  }
  resources.standby = { phase: 'other', set, role: 'taker' };
  beginTransition(turn, { purpose: 'take', groups: taken.map((group) => group.index), direction: 'up' });
}

/** Everything of the set runs here: the handshake is over for both. */
export function finishTaking(turn: Turn): void {
  const { resources } = turn.state;
  const { standby } = resources;
  if (standby?.role !== 'taker') return;
  log(turn, 'info', 'standby-taken', `${standby.set} HA resource acquisition completed (standby).`);
  log(turn, 'info', 'standby-taken', `Standby resource acquisition done [${standby.set}].`);
  resources.myHold |= mirrored(setOf(standby.set) ?? 0);
  ask(turn, standby.set, 'done');
  endStandby(turn);
  reportResources(turn, true);
}

function endStandby(turn: Turn): void {
  turn.state.resources.standby = null;
  turn.state.timers.stop('standby');
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
}

/** Nobody answered in time, or the whole took longer than an hour. */
export function fireStandby(turn: Turn): void {
  const { resources } = turn.state;
  if (resources.standby === null) return;
  announceEvent(turn, 'warn', 'standby-no-reply', 'No reply to standby request.  Standby request cancelled.');
  answerCommand(turn, false, 'No reply to standby request.  Standby request cancelled.');
  // The other side may have heard all but the last word, and would wait for an hour. An original knows no such word.
  if (partnerOf(turn.state)?.extra !== undefined) ask(turn, resources.standby.set, 'over');
  endStandby(turn);
  resources.otherStable = true;
  if (turn.state.config.autoFailback === 'on' && (resources.myHold & FOREIGN) !== 0) {
    // The other node still wants its groups back: ask again.
    resources.wantFailback = true;
    turn.state.timers.set('failback', turn.nowMs + FAILBACK_AGAIN_MS);
  }
}

/** A death or restart of the partner ends a handshake; what was being given or taken is settled by what follows. */
export function cancelStandby(turn: Turn, because: string): void {
  const { resources } = turn.state;
  resources.transitions = resources.transitions.filter(
    ({ purpose }) => purpose !== 'give' && purpose !== 'take',
  );
  if (resources.standby === null) return;
  // What was being given away is not reported as held any more.
  if (resources.standby.role === 'giver') recomputeHold(turn);
  log(turn, 'warn', 'standby-cancelled', `standby cancelled: ${because}.`);
  answerCommand(turn, false, `standby cancelled: ${because}.`);
  endStandby(turn);
}

/** hb_takeover from the partner: it wants what its operator named; we run the standby that gives it (protocol 10.6). */
export function receiveTakeoverRequest(turn: Turn, peer: Peer, message: Message): void {
  if (peer.name !== turn.state.resources.partner) return;
  beginStandby(turn, wordOf(mirrored(setOf(textOf(message, 'rsc_hold')) ?? 3)), null);
}

/** hb_takeover typed here: only the other node can act on it. Returns why not, or undefined. */
export function requestTakeover(turn: Turn, set: ResourceSet): string | undefined {
  const why = obstacle(turn);
  if (why !== undefined) return why;
  sendSequenced(turn, 'hb_takeover', [text('rsc_hold', set)]);
  return undefined;
}
