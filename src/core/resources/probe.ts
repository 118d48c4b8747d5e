/**
 * Asking every step of a group once what really runs: at a start in maintenance, where what is active is kept as it is,
 * and at the end of maintenance, where what people left stopped is started again.
 */
import { announceEvent, type Turn } from '../turn.js';
import { inMaintenance } from './maintenance.js';
import { armMonitors, restartInPlace } from './monitor.js';
import { recomputeHold } from './report.js';
import { type Group, stepWords } from './state.js';

/** Begins to ask all steps of the group. */
export function probe(turn: Turn, group: Group): void {
  const { config, resources } = turn.state;
  group.probe = group.steps.map(() => 'asked');
  for (const [stepIndex, target] of group.steps.entries()) {
    const health = group.health[stepIndex];
    if (health === undefined) continue;
    health.operationId = resources.nextOperationId++;
    turn.effects.push({
      kind: 'operation',
      operation: {
        id: health.operationId,
        group: group.key,
        groupLine: group.line,
        verb: 'monitor',
        target,
        deadlineMs: config.settings.statusDeadlineMs,
        environment: {},
      },
    });
  }
  turn.state.checkpointDue = true;
}

const timerName = (group: Group): string => `probe/${group.index}`;

/** A new loop process knows no answers that come to the former one: the groups that were being asked are asked anew. */
export function resumeProbes(turn: Turn): void {
  for (const group of turn.state.resources.groups) {
    if (group.probe !== null) turn.state.timers.set(timerName(group), turn.nowMs);
  }
}

export function fireProbe(turn: Turn, group: Group): void {
  if (group.probe !== null) probe(turn, group);
}

/** At boot in maintenance: instead of releasing what a former run left, it is found and kept. */
export function probeLeftovers(turn: Turn): void {
  for (const group of turn.state.resources.groups) probe(turn, group);
  endLeftovers(turn);
}

function endLeftovers(turn: Turn): void {
  const { resources } = turn.state;
  if (resources.leftoversReleased || resources.groups.some((group) => group.probe !== null)) return;
  resources.leftoversReleased = true;
  turn.state.statusDue = true;
  recomputeHold(turn);
}

/** The answer of one step. */
export function noteProbe(turn: Turn, group: Group, stepIndex: number, up: boolean): void {
  if (group.probe === null) return;
  group.probe[stepIndex] = up ? 'up' : 'down';
  turn.state.checkpointDue = true;
  if (group.probe.includes('asked')) return;
  const answers = group.probe;
  group.probe = null;
  const down = answers.indexOf('down');
  if (group.phase === 'unknown') adopt(turn, group, answers.includes('up'), down);
  endLeftovers(turn);
  if (inMaintenance(turn.state) || group.phase !== 'running' || !group.wanted) return;
  armMonitors(turn, group);
  if (down < 0) return;
  const name = stepWords(group, down);
  restartInPlace(turn, group, down, `${name} of group ${group.key} does not run: it is started again here.`);
}

function adopt(turn: Turn, group: Group, anyUp: boolean, down: number): void {
  turn.state.statusDue = true;
  group.position = group.steps.length;
  if (!anyUp) {
    group.phase = 'stopped';
    group.freeSinceSeq = 0;
    return;
  }
  group.phase = 'running';
  group.wanted = true;
  group.epoch += 1;
  group.reached = group.steps.length;
  const lacking = down < 0 ? '' : `, but ${stepWords(group, down)} does not run`;
  announceEvent(turn, 'info', 'group-adopted', `group ${group.key} is active here${lacking}: kept as it is.`);
}
