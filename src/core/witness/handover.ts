/**
 * Which node has the better view: the one that sees fewer witnesses hands everything over, equal numbers move nothing.
 * The rule and the messages of the original's ipfail (heartbeat-admin.md 8.2, heartbeat-protocol.md 15.2), built in.
 */
import { type Message, text, textOf } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { isAlive, type Peer } from '../membership/state.js';
import { partnerOf } from '../resources/claims.js';
import { beginStandby } from '../resources/standby.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { visibleCount } from './state.js';

const TIMER = 'giveUp';
/** The other witness of a common fault gets this long to fall as well before anything moves. */
const DELAY_KEEPALIVES = 2;
const DELAY_MIN_MS = 1000;
/** After a refusal: the other side is in flux. */
const AGAIN_MS = 1000;
const CLIENT = 'ipfail';

/** Whether the rule is in force between this node and its partner now. */
function applies(turn: Turn): Peer | undefined {
  const { config, witnesses, membership, shutdown } = turn.state;
  if (witnesses.list.length === 0 || config.settings.witnessHandover === false) return undefined;
  if (config.autoFailback === 'legacy' || !membership.communicationUp || shutdown !== null) return undefined;
  const partner = partnerOf(turn.state);
  return partner !== undefined && isAlive(partner) ? partner : undefined;
}

function tell(turn: Turn, peer: Peer, type: string, count?: number): void {
  const fields = [
    ...(count === undefined ? [] : [text('num_ping', String(count))]),
    text('dest', peer.name),
    text('from_id', CLIENT),
    text('to_id', CLIENT),
  ];
  sendSequenced(turn, type, fields, peer);
}

/** A witness fell or came back: the partner is told how many are seen here, and compares. */
export function witnessCountChanged(turn: Turn): void {
  const partner = applies(turn);
  if (partner !== undefined) tell(turn, partner, 'num_ping_nodes', visibleCount(turn.state.witnesses));
}

/** The partner is active anew: it is told what it missed. */
export function partnerActive(turn: Turn): void {
  const { witnesses } = turn.state;
  if (visibleCount(witnesses) < witnesses.list.length) witnessCountChanged(turn);
}

/** Messages of the rule; others are none of its business. */
export function receiveHandover(turn: Turn, peer: Peer, type: string, message: Message): void {
  switch (type) {
    case 'num_ping_nodes':
      compare(turn, peer, Number(textOf(message, 'num_ping')));
      return;
    case 'you_are_dead':
      planGiveUp(turn, peer);
      return;
    case 'abort_giveup':
      abortGiveUp(turn);
      return;
    default:
      return;
  }
}

function compare(turn: Turn, peer: Peer, theirs: number): void {
  if (applies(turn) !== peer || !Number.isInteger(theirs) || theirs < 0) return;
  const mine = visibleCount(turn.state.witnesses);
  if (mine > theirs) {
    log(turn, 'info', 'witness-more', 'Telling other node that we have more visible ping nodes.');
    abortGiveUp(turn);
    tell(turn, peer, 'you_are_dead');
  } else if (mine < theirs) {
    planGiveUp(turn, peer);
  } else {
    log(turn, 'info', 'witness-equal', 'Ping node count is balanced.');
    abortGiveUp(turn);
    tell(turn, peer, 'abort_giveup');
  }
}

function planGiveUp(turn: Turn, peer: Peer): void {
  const { witnesses, config, timers, resources } = turn.state;
  if (applies(turn) !== peer || witnesses.givesUp || resources.myHold === 0) return;
  const delayMs = Math.max(DELAY_KEEPALIVES * config.keepaliveMs, DELAY_MIN_MS);
  witnesses.givesUp = true;
  timers.set(TIMER, turn.nowMs + delayMs);
  announceEvent(
    turn,
    'warn',
    'witness-fewer',
    `Delayed giveup in ${Math.round(delayMs / 1000)} seconds: ${peer.name} sees more witnesses than this node.`,
  );
}

function abortGiveUp(turn: Turn): void {
  const { witnesses, timers } = turn.state;
  if (!witnesses.givesUp) return;
  witnesses.givesUp = false;
  timers.stop(TIMER);
  announceEvent(
    turn,
    'info',
    'witness-balanced',
    'Aborted delayed giveup: both nodes see as many witnesses.',
  );
}

/** The delay is over and nothing has changed: everything goes to the partner. */
export function fireGiveUp(turn: Turn): void {
  const { witnesses, resources, timers } = turn.state;
  if (!witnesses.givesUp) return;
  if (applies(turn) === undefined || resources.myHold === 0) {
    witnesses.givesUp = false;
    return;
  }
  if (beginStandby(turn, 'all', null) === undefined) witnesses.givesUp = false;
  else timers.set(TIMER, turn.nowMs + AGAIN_MS);
}
