/**
 * Watching what runs: every step of a running group is asked now and then whether it works. So many failures within a
 * window make a restart in place (the failed step and those after it in the line), so many restarts make a move, and
 * where a move is impossible the group is given up with an alarm ([monitor], README "Watching resources").
 */
import type { MonitorRule } from '../../config/types.js';
import type { OperationResult } from '../input.js';
import { announceEvent, type Turn } from '../turn.js';
import { failGroup } from './failures.js';
import { ruleFor, type StepHealth, within } from './health.js';
import { addressLifetimeS } from './lifetime.js';
import { inMaintenance } from './maintenance.js';
import { noteProbe } from './probe.js';
import { type Group, stepWords } from './state.js';

const timerName = (group: Group, stepIndex: number): string => `monitor/${group.index}/${stepIndex}`;

/** The group runs: the first question to each step comes within one interval, spread so that not all come at once. */
export function armMonitors(turn: Turn, group: Group): void {
  for (const [stepIndex, target] of group.steps.entries()) {
    const rule = ruleFor(turn.state.config.settings, target);
    if (rule === undefined) continue;
    const firstMs = turn.state.random.between(Math.ceil(rule.intervalMs / 2), rule.intervalMs);
    turn.state.timers.set(timerName(group, stepIndex), turn.nowMs + firstMs);
  }
}

/** The group is not to run any more: nobody waits for an answer, and a hanging question must not delay its stop. */
export function quietMonitors(turn: Turn, group: Group): void {
  // What a former run left is still being looked for: that has to come to its end.
  if (group.phase === 'unknown') return;
  group.probe = null;
  for (const [stepIndex, health] of group.health.entries()) {
    turn.state.timers.stop(timerName(group, stepIndex));
    if (health.operationId === null) continue;
    turn.effects.push({ kind: 'cancelOperation', operationId: health.operationId });
    health.operationId = null;
  }
}

function isWatched(group: Group): boolean {
  return group.phase === 'running' && group.wanted && !group.dropped && group.restartFrom === null;
}

/** It is time to ask. In maintenance nobody is asked, but the turn comes again. */
export function fireMonitor(turn: Turn, group: Group, stepIndex: number): void {
  const target = group.steps[stepIndex];
  const health = group.health[stepIndex];
  if (target === undefined || health === undefined || !isWatched(group)) return;
  const rule = ruleFor(turn.state.config.settings, target);
  if (rule === undefined) return;
  // Right after a time in which this process did not run, what it would set again may be the other node's.
  const isLate = turn.nowMs - turn.state.lateAtMs < turn.state.config.keepaliveMs;
  if (inMaintenance(turn.state) || health.operationId !== null || isLate) {
    turn.state.timers.set(timerName(group, stepIndex), turn.nowMs + rule.intervalMs);
    return;
  }
  health.operationId = turn.state.resources.nextOperationId++;
  health.askedMs = turn.nowMs;
  turn.effects.push({
    kind: 'operation',
    operation: {
      id: health.operationId,
      group: group.key,
      groupLine: group.line,
      verb: 'monitor',
      target,
      deadlineMs: rule.timeoutMs,
      environment: {},
    },
  });
}

/** The answer of a monitor. False when no monitor waits for that operation. */
export function finishMonitor(turn: Turn, operationId: number, result: OperationResult): boolean {
  for (const group of turn.state.resources.groups) {
    const stepIndex = group.health.findIndex((health) => health.operationId === operationId);
    const health = group.health[stepIndex];
    const target = group.steps[stepIndex];
    if (health === undefined || target === undefined) continue;
    health.operationId = null;
    if (group.probe !== null) {
      noteProbe(turn, group, stepIndex, result.ok);
      return true;
    }
    const rule = ruleFor(turn.state.config.settings, target);
    if (rule === undefined || !isWatched(group)) return true;
    const nextMs = Math.max(turn.nowMs, health.askedMs + rule.intervalMs);
    turn.state.timers.set(timerName(group, stepIndex), nextMs);
    if (!result.ok && !inMaintenance(turn.state))
      failed(turn, { group, stepIndex, health, rule }, result.detail);
    return true;
  }
  return false;
}

interface Watched {
  readonly group: Group;
  readonly stepIndex: number;
  readonly health: StepHealth;
  readonly rule: MonitorRule;
}

function failed(turn: Turn, watched: Watched, detail: string): void {
  const { group, stepIndex, health, rule } = watched;
  const name = stepWords(group, stepIndex);
  health.failures += 1;
  health.reason = detail;
  health.failedMs = [...within(health.failedMs, rule.windowMs, turn.nowMs), turn.nowMs];
  turn.state.checkpointDue = true;
  const count = `failure ${health.failedMs.length} of ${rule.failures}`;
  const sentence = `${name} of group ${group.key} does not work (${count}): ${detail}`;
  announceEvent(turn, 'warn', 'monitor-failed', sentence);
  setAgain(turn, group, stepIndex);
  if (health.failedMs.length < rule.failures) return;
  health.failedMs = [];
  health.restartedMs = within(health.restartedMs, rule.windowMs, turn.nowMs);
  if (health.restartedMs.length < rule.restarts) {
    health.restartedMs = [...health.restartedMs, turn.nowMs];
    const which = `restart ${health.restartedMs.length} of ${rule.restarts}`;
    restartInPlace(turn, group, stepIndex, `${name} of group ${group.key} is restarted here (${which}).`);
    return;
  }
  failGroup(turn, group, name, detail);
}

/** An address that vanished is set again in this very turn: it needs no restart. */
function setAgain(turn: Turn, group: Group, stepIndex: number): void {
  const target = group.steps[stepIndex];
  if (target?.kind !== 'addresses') return;
  const lifetimeS = addressLifetimeS(turn.state.config);
  const { addresses } = target;
  turn.effects.push({
    kind: 'renewAddresses',
    addresses,
    ...(lifetimeS === undefined ? {} : { lifetimeS }),
  });
}

/** Stops the step and those after it, in reverse, and starts them again in order; what stands before it stays up. */
export function restartInPlace(turn: Turn, group: Group, stepIndex: number, sentence: string): void {
  announceEvent(turn, 'warn', 'group-restart', sentence);
  group.restartFrom = stepIndex;
  turn.state.checkpointDue = true;
}
