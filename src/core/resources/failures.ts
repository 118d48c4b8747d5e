/**
 * What follows when a group cannot be run here: it is stopped in reverse and offered to the other node, once. A node on
 * which it failed does not take it again before `heartbeat cleanup GROUP`, a new run of heartbeat there, or the death of
 * the other node: so it can never go back and forth. Failed on both, it stays down, and that is said.
 */
import { type Message, text, textOf } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeGroup } from './acquire.js';
import { claimOn, partnerOf } from './claims.js';
import { want } from './groups.js';
import { newHealth } from './health.js';
import { inMaintenance } from './maintenance.js';
import { beginStandby } from './standby.js';
import { FOREIGN, type Group, isFollower, LOCAL } from './state.js';
import { beginTransition } from './transitions.js';

/** Type of the message that takes a cleanup to the other node; an original has no handler for it and ignores it. */
const CLEANUP_TYPE = 'hb_cleanup';
const OFFER_RETRY_MS = 1000;

/** A step of the group failed for good: the group is released here, and said to be free for the other node. */
export function failGroup(turn: Turn, group: Group, name: string, detail: string): void {
  const sentence = `Giving up resources due to failure of ${name}: ${detail}`;
  announceEvent(turn, 'crit', 'group-failed', sentence, { group: group.key, from: 'running', to: 'failed' });
  group.failed = true;
  group.failedBy = 'work';
  group.restartFrom = null;
  want(turn, group, false);
  const partner = partnerOf(turn.state);
  planOffer(turn);
  const obstacle = whyNot(turn, group, partner);
  if (obstacle === undefined) {
    log(turn, 'info', 'group-offered', `group ${group.key} is offered to ${partner?.name ?? ''}.`);
    return;
  }
  const remedy = `repair it, then say "heartbeat cleanup ${group.key}"`;
  announceEvent(
    turn,
    'crit',
    'group-given-up',
    `group ${group.key} runs on no node: ${obstacle}; ${remedy}.`,
    { group: group.key, from: 'failed', to: 'given-up' },
  );
}

/** Why the other node cannot have the group, as a clause; undefined when it is to have it. */
function whyNot(turn: Turn, group: Group, partner: Peer | undefined): string | undefined {
  const { config } = turn.state;
  if (partner === undefined) return 'it failed here and there is no other node';
  if (!isAlive(partner) || partner.left) return `it failed here and ${partner.name} is not there`;
  if (claimOn(turn.state, partner, group)?.hold === 'failed') return `it failed here and on ${partner.name}`;
  if (partner.extra !== undefined) return undefined;
  if (config.autoFailback === 'legacy')
    return `it failed here, and ${partner.name} cannot be offered it in auto_failback legacy`;
  return group.offered ? `it failed here again after ${partner.name} had been offered it` : undefined;
}

/** Groups that failed here and that an original has not been offered yet are offered soon, also to one that comes back. */
export function planOffer(turn: Turn): void {
  const partner = partnerOf(turn.state);
  if (partner === undefined || partner.extra !== undefined || turn.state.config.autoFailback === 'legacy')
    return;
  if (!turn.state.resources.groups.some((group) => group.failed && !group.offered && !isFollower(group)))
    return;
  turn.state.timers.set('offer', turn.nowMs + OFFER_RETRY_MS);
}

/**
 * An original knows no single groups: it is offered the whole set of the failed one by a standby, once nothing of the
 * group is left here.
 */
export function fireOffer(turn: Turn): void {
  const partner = partnerOf(turn.state);
  if (partner === undefined || partner.extra !== undefined || turn.state.shutdown !== null) return;
  const waiting = turn.state.resources.groups.filter(
    (group) => group.failed && !group.offered && !isFollower(group),
  );
  const [first] = waiting;
  if (first !== undefined && first.phase === 'stopped' && isAlive(partner)) {
    // Refused while something else moves: the timer comes again. It counts as offered once it is accepted.
    beginStandby(turn, first.isLocal ? 'local' : 'foreign', null);
  }
  planOffer(turn);
}

/**
 * Whether a group that failed here is taken when the other node hands its set over. One of ours keeps it; an original
 * has stopped it already, so it is tried here once more (and, having been offered, not offered again).
 */
export function mayTakeAgain(peer: Peer, group: Group): boolean {
  if (peer.extra !== undefined) return false;
  group.failed = false;
  return true;
}

function forget(turn: Turn, group: Group): void {
  group.failed = false;
  group.offered = false;
  group.health = group.health.map(({ operationId, askedMs }) => ({ ...newHealth(), operationId, askedMs }));
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
}

/**
 * `heartbeat cleanup GROUP`: the failures of the group are forgotten here and on the other node, and if it ran nowhere,
 * it is started again. Returns what was done, or why not, as a sentence.
 */
export function cleanup(turn: Turn, key: string): { readonly ok: boolean; readonly text: string } {
  const { resources } = turn.state;
  const group = resources.groups.find((candidate) => candidate.key === key);
  if (group === undefined) {
    const keys = resources.groups.map((candidate) => candidate.key).join(', ');
    return { ok: false, text: `there is no group ${key}: the groups are ${keys === '' ? 'none' : keys}.` };
  }
  forget(turn, group);
  announceEvent(turn, 'info', 'group-cleanup', `the failures of group ${group.key} are forgotten.`);
  const partner = partnerOf(turn.state);
  const done = `the failures of group ${group.key} are forgotten here`;
  const told = partner?.extra !== undefined && isAlive(partner) && !partner.left;
  if (told)
    sendSequenced(turn, CLEANUP_TYPE, [text('dest', partner.name), text('ipaddr', group.key)], partner);
  else takeAlone(turn, group);
  if (told) return { ok: true, text: `${done} and on ${partner.name}.` };
  if (partner === undefined) return { ok: true, text: `${done}.` };
  return { ok: true, text: `${done}; ${partner.name} could not be told.` };
}

/** No other node of ours sees to it that somebody takes the group: this one does, if it is responsible for it. */
function takeAlone(turn: Turn, group: Group): void {
  const { resources, shutdown } = turn.state;
  const partner = partnerOf(turn.state);
  const alone = partner === undefined || !isAlive(partner) || partner.left;
  const responsible = alone || (resources.myHold & (group.isLocal ? LOCAL : FOREIGN)) !== 0;
  if (!responsible || resources.phase !== 'stable') return;
  if (group.wanted || resources.suspended || shutdown !== null || inMaintenance(turn.state)) return;
  if (!turn.state.membership.communicationUp) return;
  takeGroup(turn, group);
  beginTransition(turn, { purpose: 'acquire', groups: [group.index], direction: 'up' });
}

/** The other node says that the failures of a group are forgotten. */
export function receiveCleanup(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner) return;
  const key = textOf(message, 'ipaddr');
  const group = resources.groups.find((candidate) => candidate.key === key);
  if (group === undefined) return;
  forget(turn, group);
  // Statuses sent before this word still call it failed there.
  group.peerClaimsIgnoredUpTo = Math.max(group.peerClaimsIgnoredUpTo, seq);
  const sentence = `the failures of group ${group.key} are forgotten, said ${peer.name}.`;
  announceEvent(turn, 'info', 'group-cleanup', sentence);
}
