/**
 * The one door into the core: `(state, input) -> effects`. Deterministic: the same state and input give the same
 * effects, in the daemon, in the tests and in the simulator. The state is changed in place and belongs to the caller.
 */
import { unreachable } from '../errors/assert.js';
import { text } from '../wire/message.js';
import { makeCheckpoint } from './checkpoint.js';
import { receiveMessage } from './dispatch.js';
import { fireDrift, noteFiles } from './drift.js';
import type { Effect } from './effect.js';
import { confirmFencing, finishFence, fireFence, noteReadiness } from './fencing/course.js';
import { beginDisks, fireDisk, noteDiskFailed, noteDiskRead, noteDiskTimes } from './guard/disk.js';
import { feedAtTheEnd, fireFeed, watchdogChanged } from './guard/watchdog.js';
import { fireRetransmission } from './heartbeat/retransmit.js';
import { sendSequenced } from './heartbeat/send.js';
import type { Command, Input } from './input.js';
import { fireDeath, holdVerdicts } from './membership/death.js';
import { checkOwnLateness, fireLease } from './membership/lease.js';
import { fireLinkDead, mediumHealth } from './membership/links.js';
import { sendStatus, sendStatusIfDue } from './membership/own-status.js';
import { beginMembership, joinCommunication } from './membership/startup.js';
import { checkFailback, fireSettle, noteFailbackWindow } from './resources/agreement.js';
import { releaseLeftovers } from './resources/begin.js';
import { fireCarrier, noteCarriers } from './resources/carrier.js';
import { cleanup, fireOffer } from './resources/failures.js';
import { finishOperation, fireAnnounce, fireRenew, holdRenewal, pump } from './resources/groups.js';
import { askForGroups } from './resources/legacy.js';
import { changeMaintenance, fireReminder, inMaintenance } from './resources/maintenance.js';
import { fireMonitor } from './resources/monitor.js';
import { fireOrphans } from './resources/orphans.js';
import { fireProbe, probeLeftovers } from './resources/probe.js';
import { fireSelfRestart, isSilent } from './resources/self-restart.js';
import { beginShutdown, fireExit } from './resources/shutdown.js';
import { beginStandby, fireStandby, requestTakeover } from './resources/standby.js';
import { tellSuspension } from './resources/suspend.js';
import { completeTransitions } from './resources/transitions.js';
import type { State } from './state.js';
import type { Turn } from './turn.js';
import {
  beginVrrp,
  fireVrrp,
  isVrrpOnly,
  resumeVrrp,
  settleVrrp,
  shutdownVrrpOnly,
  stepVrrp,
} from './vrrp/step.js';
import { fireGiveUp } from './witness/handover.js';
import { fireAlone, fireWitnessBack } from './witness/isolation.js';
import { beginWitnesses, fireAsk, fireDeadPing, witnessHeard } from './witness/ping.js';

/** One turn. Returns what is to be done, in this order. */
export function step(state: State, input: Input): Effect[] {
  const turn: Turn = { state, nowMs: input.nowMs, wallS: input.wallS, effects: [] };
  if (state.exited) return turn.effects;
  const silent = isSilent(state);
  const dueMs = state.timers.nextDueMs();
  // A timer that was armed for a moment already past is no lateness of this process: count from the last turn.
  const plannedMs = dueMs === undefined ? input.nowMs : Math.max(dueMs, state.lastTurnMs);
  const lateMs = Math.max(0, input.nowMs - plannedMs);
  if (lateMs > state.config.keepaliveMs) {
    state.lateAtMs = input.nowMs;
    state.lateForMs = lateMs;
    holdRenewal(turn, lateMs);
  }
  checkOwnLateness(turn, lateMs);
  holdVerdicts(turn, lateMs);
  state.lastTurnMs = input.nowMs;
  beginDisks(turn);
  handle(turn, input);
  settle(turn);
  feedAtTheEnd(turn);
  return silent ? turn.effects.filter(({ kind }) => kind !== 'send') : turn.effects;
}

function handle(turn: Turn, input: Input): void {
  switch (input.kind) {
    case 'boot':
      beginVrrp(turn);
      if (isVrrpOnly(turn)) return;
      if (inMaintenance(turn.state)) probeLeftovers(turn);
      else releaseLeftovers(turn);
      beginMembership(turn);
      beginWitnesses(turn);
      return;
    case 'packet':
      receiveMessage(turn, input.link, input.message);
      return;
    case 'tick':
      resumeVrrp(turn);
      fireTimers(turn);
      return;
    case 'linkHealth':
      mediumHealth(turn, input.link, input.up, input.reason);
      return;
    case 'carriers':
      noteCarriers(turn, input.lost);
      return;
    case 'pong':
      witnessHeard(turn, input.witness);
      return;
    case 'operationDone':
      finishOperation(turn, input.operationId, input.result);
      return;
    case 'fenceDone':
      finishFence(turn, input.commandId, input.result);
      return;
    case 'fencingReadiness':
      noteReadiness(turn, input.checked);
      return;
    case 'command':
      obey(turn, input.commandId, input.command);
      return;
    case 'watchdog':
      watchdogChanged(turn, input.device, input.timeoutMs, input.problem);
      return;
    case 'diskTimes':
      noteDiskTimes(turn, input.disk, input);
      return;
    case 'diskRead':
      noteDiskRead(turn, input.disk, input.startedMs);
      return;
    case 'diskFailed':
      noteDiskFailed(turn, input.disk, input.reason);
      return;
    case 'loadAverage':
      turn.state.loadAverage = input.text.slice(0, 63);
      return;
    case 'failbackWindow':
      noteFailbackWindow(turn, input.open);
      return;
    case 'fileDigests':
      noteFiles(turn, input.files);
      return;
    case 'advert':
    case 'vrrpInterface':
    case 'vrrpLost':
    case 'vrrpCheckDone':
    case 'vrrpConfig':
      stepVrrp(turn, input);
      return;
    default:
      unreachable(input);
  }
}

/** After every input: steps that may begin, moves that are complete, and what must be told at once. */
function settle(turn: Turn): void {
  const { state } = turn;
  settleVrrp(turn);
  if (!isVrrpOnly(turn)) settleCluster(turn);
  if (state.checkpointDue) {
    state.checkpointDue = false;
    turn.effects.unshift({ kind: 'checkpoint', checkpoint: makeCheckpoint(state) });
  }
}

function settleCluster(turn: Turn): void {
  const { resources } = turn.state;
  pump(turn);
  let before: number;
  do {
    before = resources.transitions.length;
    completeTransitions(turn);
    pump(turn);
  } while (resources.transitions.length !== before);
  tellSuspension(turn);
  joinCommunication(turn);
  sendStatusIfDue(turn);
}

/** Every timer is named once, here. */
function fireTimers(turn: Turn): void {
  const { state } = turn;
  for (
    let name = state.timers.takeDue(turn.nowMs);
    name !== undefined;
    name = state.timers.takeDue(turn.nowMs)
  ) {
    // By far the most frequent, and without a subject.
    if (name === 'keepalive') {
      sendStatus(turn);
      continue;
    }
    const [kind = '', subject = '', ...rest] = name.split('/');
    const peer = state.peers.get(subject);
    const group = state.resources.groups[Number(subject)];
    if (kind === 'vrrp') fireVrrp(turn, subject, Number(rest[0]));
    else if (kind === 'dead' && peer) fireDeath(turn, peer);
    else if (kind === 'link' && peer) fireLinkDead(turn, peer, rest.join('/'));
    else if (kind === 'rexmit' && peer) fireRetransmission(turn, peer);
    else if (kind === 'lease' && peer) fireLease(turn, peer);
    else if (kind === 'askNodes') joinCommunication(turn);
    else if (kind === 'settle') fireSettle(turn);
    else if (kind === 'failback') checkFailback(turn);
    else if (kind === 'standby') fireStandby(turn);
    else if (kind === 'ask') askForGroups(turn);
    else if (kind === 'announce' && group) fireAnnounce(turn, group);
    else if (kind === 'renew') fireRenew(turn);
    else if (kind === 'monitor' && group) fireMonitor(turn, group, Number(rest[0]));
    else if (kind === 'probe' && group) fireProbe(turn, group);
    else if (kind === 'maintenance') fireReminder(turn);
    else if (kind === 'carrier') fireCarrier(turn);
    else if (kind === 'offer') fireOffer(turn);
    else if (kind === 'orphans') fireOrphans(turn);
    else if (kind === 'fence') fireFence(turn);
    else if (kind === 'witness') fireAsk(turn);
    else if (kind === 'deadping') fireDeadPing(turn, [subject, ...rest].join('/'));
    else if (kind === 'giveUp') fireGiveUp(turn);
    else if (kind === 'alone') fireAlone(turn);
    else if (kind === 'witnessBack') fireWitnessBack(turn);
    else if (kind === 'exit') fireExit(turn);
    else if (kind === 'selfRestart') fireSelfRestart(turn);
    else if (kind === 'drift' && peer) fireDrift(turn, peer);
    else if (kind === 'feed') fireFeed(turn);
    else if (kind === 'disk') fireDisk(turn);
    // stopRetry: its absence from the table is what lets `pump` go on.
  }
}

function obey(turn: Turn, commandId: number, command: Command): void {
  const reply = (ok: boolean, sentence: string): void => {
    turn.effects.push({ kind: 'reply', commandId, ok, text: sentence });
  };
  switch (command.kind) {
    case 'shutdown':
      if (isVrrpOnly(turn)) shutdownVrrpOnly(turn, commandId);
      else beginShutdown(turn, commandId);
      return;
    case 'maintenance': {
      const outcome = changeMaintenance(turn, command.on, command.force);
      reply(outcome.ok, outcome.text);
      return;
    }
    case 'cleanup': {
      const outcome = cleanup(turn, command.group);
      reply(outcome.ok, outcome.text);
      return;
    }
    case 'standby': {
      const refusal = beginStandby(turn, command.set, commandId);
      if (refusal !== undefined) reply(false, refusal);
      return;
    }
    case 'takeover': {
      const refusal = requestTakeover(turn, command.set);
      reply(refusal === undefined, refusal ?? `the other node was asked for our ${command.set} resources.`);
      return;
    }
    case 'broadcast':
      sendSequenced(
        turn,
        command.type,
        Object.entries(command.fields).map(([name, value]) => text(name, value)),
        turn.state.peers.get(command.fields.dest ?? ''),
      );
      reply(true, 'sent.');
      return;
    case 'fenceConfirm': {
      const refusal = confirmFencing(turn, command.node);
      reply(refusal === undefined, refusal ?? `${command.node} counts as off: what it had is taken over.`);
      return;
    }
    default:
      unreachable(command);
  }
}
