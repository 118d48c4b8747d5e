/**
 * Brings each group to where it is wanted, one step after the other: start in the order of the line, stop in reverse.
 * Groups start in file order and stop in reverse, at most `[groups] parallel` at once. Who is responsible for a group
 * is decided elsewhere (`want`); here is only how.
 */
import type { AddressSpec } from '../../config/types.js';
import type { Operation } from '../effect.js';
import type { OperationResult } from '../input.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { claimOn, partnerOf } from './claims.js';
import { failGroup } from './failures.js';
import { addressLifetimeS, renewIntervalMs } from './lifetime.js';
import { inMaintenance } from './maintenance.js';
import { armMonitors, finishMonitor, quietMonitors } from './monitor.js';
import { type Group, stepWords } from './state.js';

/** A failed stop is tried again this often, a second apart; then the machine reboots (heartbeat-admin.md 4.1). */
const STOP_RETRIES = 10;
const STOP_RETRY_MS = 1000;

/** Gratuitous ARPs after the first: hosts that missed one learn from the next. */
const ANNOUNCE_DELAYS_MS = [200, 400, 800, 1600];

/** Makes this node responsible for the group, or ends that. The work follows in `pump`. */
export function want(turn: Turn, group: Group, wanted: boolean): void {
  if (group.wanted === wanted) return;
  group.wanted = wanted;
  if (!wanted) {
    group.taken = false;
    group.contested = false;
    group.restartFrom = null;
    quietMonitors(turn, group);
    stopAnnouncing(turn, group);
    if (group.phase === 'starting' && group.operationId !== null && !group.cancelled) {
      group.cancelled = true;
      turn.effects.push({ kind: 'cancelOperation', operationId: group.operationId });
    }
  }
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
}

function wantsStop(group: Group): boolean {
  if (group.phase === 'unknown' || group.phase === 'stopping') return true;
  if (group.phase === 'running' && group.restartFrom !== null) return true;
  return (!group.wanted || group.dropped) && (group.phase === 'starting' || group.phase === 'running');
}

function wantsStart(group: Group): boolean {
  return group.wanted && !group.dropped && (group.phase === 'starting' || group.phase === 'stopped');
}

/** A step is being worked on, or the group is asked what really runs of it. */
function isBusy(group: Group): boolean {
  return group.operationId !== null || group.probe !== null;
}

/** Begins every step that may begin now. In maintenance none may. */
export function pump(turn: Turn): void {
  if (inMaintenance(turn.state)) return;
  const { groups } = turn.state.resources;
  let free =
    turn.state.config.settings.parallelGroups - groups.filter((group) => group.operationId !== null).length;
  for (let index = groups.length - 1; index >= 0 && free > 0; index--) {
    const group = groups[index];
    if (group === undefined || isBusy(group) || !wantsStop(group)) continue;
    if (turn.state.timers.has(stopRetryTimer(group))) continue;
    stopNextStep(turn, group);
    if (group.operationId !== null) free--;
  }
  for (const group of groups) {
    if (free <= 0) break;
    if (isBusy(group) || !wantsStart(group)) continue;
    startNextStep(turn, group);
    if (group.operationId !== null) free--;
  }
}

function begin(
  turn: Turn,
  group: Group,
  verb: Operation['verb'],
  stepIndex: number,
  deadlineMs: number,
): void {
  const target = group.steps[stepIndex];
  if (target === undefined) return;
  const id = turn.state.resources.nextOperationId++;
  group.operationId = id;
  group.cancelled = false;
  turn.state.checkpointDue = true;
  turn.effects.push({
    kind: 'operation',
    operation: { id, group: group.key, groupLine: group.line, verb, target, deadlineMs, environment: {} },
  });
}

function startNextStep(turn: Turn, group: Group): void {
  if (group.phase === 'stopped') {
    group.phase = 'starting';
    group.position = 0;
    group.reached = 0;
    log(turn, 'info', 'group-acquire', `Acquiring resource group: ${group.line}`);
  }
  if (group.position >= group.steps.length) {
    group.phase = 'running';
    turn.state.checkpointDue = true;
    announceEvent(turn, 'info', 'group-running', `group ${group.key} runs here.`, {
      group: group.key,
      from: 'stopped',
      to: 'running',
      ...(isComingHome(turn, group) ? { failback: true } : {}),
    });
    armMonitors(turn, group);
    return;
  }
  group.reached = group.position + 1;
  begin(turn, group, 'start', group.position, turn.state.config.settings.startDeadlineMs);
}

function stopNextStep(turn: Turn, group: Group): void {
  if (group.phase !== 'stopping' && group.phase !== 'unknown') {
    group.phase = 'stopping';
    group.dropped = false;
    group.position = group.steps.length;
    group.stopFailures = 0;
    quietMonitors(turn, group);
    if (group.restartFrom === null)
      log(turn, 'info', 'group-release', `Releasing resource group: ${group.line}`);
  }
  if (group.restartFrom !== null && group.position <= group.restartFrom) {
    group.phase = 'starting';
    group.restartFrom = null;
    startNextStep(turn, group);
    return;
  }
  if (group.position === 0) {
    stopped(turn, group);
    return;
  }
  const lastTry = group.stopFailures > STOP_RETRIES;
  const begun = group.position <= group.reached;
  const verb = group.phase === 'unknown' || lastTry || !begun ? 'release' : 'stop';
  begin(turn, group, verb, group.position - 1, turn.state.config.settings.stopDeadlineMs);
}

function stopped(turn: Turn, group: Group): void {
  const known = group.phase !== 'unknown';
  group.phase = 'stopped';
  group.freeSinceSeq = 0;
  turn.state.statusDue = true;
  turn.state.checkpointDue = true;
  if (known)
    announceEvent(turn, 'info', 'group-stopped', `group ${group.key} is released here.`, {
      group: group.key,
      from: 'running',
      to: 'stopped',
    });
}

/** The other node hands the group over to the one that haresources names. */
function isComingHome(turn: Turn, group: Group): boolean {
  const { transitions } = turn.state.resources;
  return (
    group.isLocal &&
    transitions.some(({ purpose, groups }) => purpose === 'take' && groups.includes(group.index))
  );
}

/** The outcome of a step. Returns false when no group waits for that operation (an old one, or a repeat). */
export function finishOperation(turn: Turn, operationId: number, result: OperationResult): boolean {
  const group = turn.state.resources.groups.find((candidate) => candidate.operationId === operationId);
  if (group === undefined) return finishMonitor(turn, operationId, result);
  group.operationId = null;
  turn.state.checkpointDue = true;
  if (group.phase === 'starting') finishStart(turn, group, result);
  else finishStop(turn, group, result);
  return true;
}

function finishStart(turn: Turn, group: Group, result: OperationResult): void {
  if (result.ok) {
    const step = group.steps[group.position];
    if (result.alreadyActive === true) {
      const name = stepWords(group, group.position);
      const sentence = `${name} of group ${group.key} was active here already: it is kept as it is.`;
      announceEvent(turn, 'notice', 'already-active', sentence);
    }
    group.position += 1;
    if (step?.kind === 'addresses' && group.wanted) {
      const words = stepWords(group, group.position - 1);
      log(
        turn,
        'info',
        'address-up',
        `IPaddr ${words}: set; announced by gratuitous ARP (IPv6: neighbour advertisement).`,
      );
      beginAnnouncing(turn, group);
    }
    // The last step: do not wait for another pump to call the group running.
    if (group.position === group.steps.length && wantsStart(group)) startNextStep(turn, group);
    return;
  }
  if (result.neverRan === true) group.reached = group.position;
  if (group.cancelled || !group.wanted || group.dropped) return;
  const name = stepWords(group, group.position);
  log(turn, 'error', 'start-failed', result.detail);
  failGroup(turn, group, name, result.detail);
}

function finishStop(turn: Turn, group: Group, result: OperationResult): void {
  if (result.ok) {
    if (group.stopFailures > 0)
      log(turn, 'notice', 'stop-succeeded', `${stepWords(group, group.position - 1)} is stopped at last.`);
    group.stopFailures = 0;
    group.position -= 1;
    // For a restart in place from the first step on the group does not count as stopped.
    if (group.position === 0 && group.restartFrom === null) stopped(turn, group);
    return;
  }
  group.stopFailures += 1;
  const name = stepWords(group, group.position - 1);
  log(turn, 'error', 'stop-failed', result.detail);
  if (group.stopFailures > STOP_RETRIES + 1) {
    cannotStop(turn, group, name);
    return;
  }
  log(turn, 'info', 'stop-retry', `Retrying failed stop operation [${name}]`);
  turn.state.timers.set(stopRetryTimer(group), turn.nowMs + STOP_RETRY_MS);
}

function cannotStop(turn: Turn, group: Group, name: string): void {
  if (inMaintenance(turn.state)) {
    turn.state.timers.set(stopRetryTimer(group), turn.nowMs + STOP_RETRY_MS);
    return;
  }
  if (group.phase === 'unknown') {
    const reason = `${name} was left active by an earlier run and cannot be stopped: stop it by hand, then start again.`;
    turn.effects.push({ kind: 'exit', code: 1, reason });
    turn.state.exited = true;
    return;
  }
  announceEvent(
    turn,
    'crit',
    'stop-impossible',
    `Resource STOP failure. Reboot required! ${name} cannot be stopped.`,
  );
  turn.effects.push({ kind: 'rebootSelf', reason: `${name} cannot be stopped` });
  turn.state.timers.set(stopRetryTimer(group), turn.nowMs + STOP_RETRY_MS);
}

const stopRetryTimer = (group: Group): string => `stopRetry/${group.index}`;
const announceTimer = (group: Group): string => `announce/${group.index}`;

/** How many steps from the first on are up and stay so. */
function stepsUp(group: Group): number {
  if (group.phase === 'running') return group.steps.length;
  if (group.phase === 'starting') return group.position;
  return group.phase === 'stopping' ? (group.restartFrom ?? 0) : 0;
}

/** Addresses of the group that are up now. */
export function addressesUp(group: Group): AddressSpec[] {
  const addresses: AddressSpec[] = [];
  if (!group.dropped) collectAddresses(group, stepsUp(group), addresses);
  return addresses;
}

/** Adds the addresses of the first `count` steps. Plain loops: this is done at every renewal. */
function collectAddresses(group: Group, count: number, into: AddressSpec[]): void {
  for (let index = 0; index < count; index++) {
    const step = group.steps[index];
    if (step?.kind === 'addresses') into.push(...step.addresses);
  }
}

/** Every address of the group, up or not. */
export function allAddresses(group: Group): AddressSpec[] {
  return group.steps.flatMap((step) => (step.kind === 'addresses' ? step.addresses : []));
}

/** Takes the groups' addresses away in this very turn, and gives the groups up; their stop follows. */
export function dropGroups(turn: Turn, groups: readonly Group[]): void {
  const addresses = groups.flatMap(allAddresses);
  if (addresses.length > 0) turn.effects.push({ kind: 'dropAddresses', addresses });
  for (const group of groups) {
    if (group.phase === 'starting' || group.phase === 'running') group.dropped = true;
    want(turn, group, false);
  }
}

/** Announces the group's addresses again after each of the delays (the executor announced them when it set them). */
export function beginAnnouncing(turn: Turn, group: Group): void {
  group.announcementsLeft = ANNOUNCE_DELAYS_MS.length;
  turn.state.timers.set(announceTimer(group), turn.nowMs + (ANNOUNCE_DELAYS_MS[0] ?? 0));
  const lifetimeS = addressLifetimeS(turn.state.config);
  if (lifetimeS !== undefined)
    turn.state.timers.advance('renew', turn.nowMs + renewIntervalMs(turn.state.config));
}

function stopAnnouncing(turn: Turn, group: Group): void {
  group.announcementsLeft = 0;
  turn.state.timers.stop(announceTimer(group));
}

/** Announces once now, and again a few times: whoever was led astray learns where the address is. */
export function announceNow(turn: Turn, group: Group): void {
  const addresses = addressesUp(group);
  if (addresses.length === 0) return;
  turn.effects.push({ kind: 'announce', addresses });
  beginAnnouncing(turn, group);
}

export function fireAnnounce(turn: Turn, group: Group): void {
  if (group.announcementsLeft === 0 || group.contested) return;
  const addresses = addressesUp(group);
  if (addresses.length > 0) turn.effects.push({ kind: 'announce', addresses });
  group.announcementsLeft -= 1;
  const delayMs = ANNOUNCE_DELAYS_MS[ANNOUNCE_DELAYS_MS.length - group.announcementsLeft];
  if (group.announcementsLeft > 0 && delayMs !== undefined) {
    turn.state.timers.set(announceTimer(group), turn.nowMs + delayMs);
  }
}

/**
 * This process was so late that the kernel has taken the addresses away, and the other node may have them: before they
 * are set again, what waits in the sockets is read, and the other node has a keepalive to say what it holds.
 */
export function holdRenewal(turn: Turn, lateMs: number): void {
  const { config, timers } = turn.state;
  const lifetimeS = addressLifetimeS(config);
  if (lifetimeS === undefined || !timers.has('renew')) return;
  if (lateMs + renewIntervalMs(config) >= lifetimeS * 1000)
    timers.set('renew', turn.nowMs + config.keepaliveMs);
}

/** A punctual turn renews the kernel's lifetime of all our addresses. */
export function fireRenew(turn: Turn): void {
  if (inMaintenance(turn.state)) return;
  const lifetimeS = addressLifetimeS(turn.state.config);
  if (lifetimeS === undefined) return;
  const addresses: AddressSpec[] = [];
  let isDue = false;
  for (const group of turn.state.resources.groups) {
    if (!group.wanted || group.dropped) continue;
    isDue ||= isDisputed(turn, group);
    if (!isDisputed(turn, group)) collectAddresses(group, stepsUp(group), addresses);
  }
  if (isDue || addresses.length > 0)
    turn.state.timers.set('renew', turn.nowMs + renewIntervalMs(turn.state.config));
  if (addresses.length === 0) return;
  turn.effects.push({ kind: 'renewAddresses', addresses, lifetimeS });
}

/** The other node serves it as well and has not begun to let go: what has vanished here is not set again yet. */
function isDisputed({ state }: Turn, group: Group): boolean {
  if (!group.contested) return false;
  const partner = partnerOf(state);
  const hold = partner === undefined ? undefined : claimOn(state, partner, group)?.hold;
  return hold === 'held' || hold === 'taken';
}
