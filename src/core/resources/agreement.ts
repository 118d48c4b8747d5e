/** The R1 start-up agreement: who holds what, and when both may act (heartbeat-protocol.md 10.2, 10.3). */
import { type Message, textOf } from '../../wire/message.js';
import { isFencing } from '../fencing/state.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { acquireOwn } from './acquire.js';
import { claimsUsable, isCurrent, otherHoldFromClaims, partnerOf } from './claims.js';
import { inMaintenance } from './maintenance.js';
import { reportResources } from './report.js';
import { beginStandby } from './standby.js';
import { FOREIGN, setOf } from './state.js';

/** Beside an original: wait this long after the first report before acquiring without its word. */
const SETTLE_MS = 10_000;
const FAILBACK_RETRY_MS = 1000;

/** `starting` from the partner: it wants to know what we hold. */
export function receiveStarting(turn: Turn, peer: Peer): void {
  const { resources, config } = turn.state;
  if (config.autoFailback === 'legacy' || peer.name !== resources.partner) return;
  if (resources.phase === 'init') return;
  if (resources.phase === 'starting') resources.phase = 'bothStarting';
  resources.otherStable = false;
  reportResources(turn, resources.phase === 'stable');
  noteFirstReport(turn);
}

/** `resource` from the partner: its set replaces or adds to what we knew. */
export function receiveResource(turn: Turn, peer: Peer, message: Message): void {
  const { resources, config } = turn.state;
  if (config.autoFailback === 'legacy' || peer.name !== resources.partner || resources.phase === 'init')
    return;
  const set = setOf(textOf(message, 'rsc_hold'));
  if (set === undefined) return;
  const full = textOf(message, 'rtype') === 'full';
  resources.otherHold = full || set === 0 ? set : resources.otherHold | set;
  const stable = textOf(message, 'isstable');
  if (stable === '1' && !resources.otherStable) {
    resources.otherStable = true;
    log(turn, 'info', 'remote-stable', 'remote resource transition completed.');
    reportResources(turn, resources.phase === 'stable');
    checkFailback(turn);
  } else if (stable === '0') {
    resources.otherStable = false;
  }
  noteFirstReport(turn);
  if (resources.phase === 'reported' && resources.otherStable && isCurrent(peer) && !isFencing(turn.state))
    becomeStable(turn);
  if (resources.suspended && peer.extra === undefined && full && stable === '1')
    resumeBesideOriginal(turn, peer);
}

/** A suspended node beside an original: its full report says what it holds, so that the rest is ours again. */
function resumeBesideOriginal(turn: Turn, peer: Peer): void {
  turn.state.resources.suspended = false;
  announceEvent(turn, 'info', 'resumed', `${peer.name} has said what it holds: this node takes part again.`);
  acquireOwn(turn, false);
}

function noteFirstReport(turn: Turn): void {
  const { resources, timers } = turn.state;
  if (resources.phase !== 'starting' && resources.phase !== 'bothStarting') return;
  resources.phase = 'reported';
  timers.set('settle', turn.nowMs + SETTLE_MS);
}

/** Ten seconds have passed beside an original that says nothing new. */
export function fireSettle(turn: Turn): void {
  if (turn.state.resources.phase === 'reported' && !isFencing(turn.state)) becomeStable(turn);
}

/** Our start-up is over: we take what is ours, unless the other node holds it. */
export function becomeStable(turn: Turn): void {
  const { resources, timers } = turn.state;
  resources.phase = 'stable';
  timers.stop('settle');
  turn.state.checkpointDue = true;
  turn.state.statusDue = true;
  log(turn, 'info', 'local-stable', 'local resource transition completed.');
  acquireOwn(turn, false);
  reportResources(turn, true);
  checkFailback(turn);
}

/**
 * Between nodes of this program nobody waits ten seconds: as soon as the partner is known to hear us and to have said
 * what it holds, everything is known that the wait would bring.
 */
export function settleEarly(turn: Turn): void {
  const { resources } = turn.state;
  if (resources.phase !== 'starting' && resources.phase !== 'bothStarting' && resources.phase !== 'reported')
    return;
  // What waited in the sockets while this process did not run may be old: the next status counts.
  if (isFencing(turn.state) || turn.nowMs - turn.state.lateAtMs < turn.state.config.keepaliveMs) return;
  const partner = partnerOf(turn.state);
  if (partner === undefined) {
    becomeStable(turn);
    return;
  }
  if (!isAlive(partner) || !claimsUsable(turn.state, partner) || partner.confirmedSentMs === null) return;
  resources.otherHold = otherHoldFromClaims(turn.state, partner);
  becomeStable(turn);
}

/** auto_failback on: gives the partner's groups back once both sides are quiet (heartbeat-protocol.md 10.3). */
export function checkFailback(turn: Turn): void {
  const { resources, config, timers, shutdown } = turn.state;
  if (config.autoFailback !== 'on' || inMaintenance(turn.state)) return;
  if (shutdown !== null || (resources.myHold & FOREIGN) === 0 || !resources.wantFailback) {
    resources.wantFailback = false;
    return;
  }
  // Asked for again when the window opens.
  if (turn.state.failbackClosed) return;
  const partner = partnerOf(turn.state);
  if (partner === undefined || !isAlive(partner)) return;
  // A partner that cannot take now (suspended, still starting) would refuse: it says when it can.
  if (partner.extra !== undefined && !partner.extra.capabilities.includes('stable')) return;
  const inFlux = resources.standby !== null || !resources.otherStable || resources.phase !== 'stable';
  if (inFlux || isFencing(turn.state)) {
    timers.set('failback', turn.nowMs + FAILBACK_RETRY_MS);
    return;
  }
  resources.wantFailback = false;
  beginStandby(turn, 'foreign', null);
}

/** [schedule] failback: the window opens or closes. What waits for it goes back now. */
export function noteFailbackWindow(turn: Turn, open: boolean): void {
  if (turn.state.failbackClosed === !open) return;
  turn.state.failbackClosed = !open;
  if (open) checkFailback(turn);
}
