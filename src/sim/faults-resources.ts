/** Faults of watched resources and the orders of people who work on them, for the random search. */
import type { MonitorRule } from '../config/types.js';
import type { FaultContext } from './faults.js';
import type { SimNode } from './node.js';
import type { Dice } from './random.js';
import type { Simulation } from './simulation.js';

/** A rule under which services that crash now and then stay on their node. */
export function randomRule(dice: Dice): MonitorRule {
  return {
    intervalMs: dice.pick([1000, 3000, 5000]),
    timeoutMs: 2000,
    failures: 1,
    windowMs: 20_000,
    restarts: 4,
  };
}

function pickWord(
  context: FaultContext,
  node: SimNode,
  dice: Dice,
  addressesToo: boolean,
): string | undefined {
  const words = node.config.groups.flatMap(({ resources }) =>
    resources.filter(({ address }) => addressesToo || address === undefined).map(({ word }) => word),
  );
  if (words.length === 0) return undefined;
  const word = words[dice.between(0, words.length - 1)];
  if (word === undefined) context.note('nothing to break');
  return word;
}

/** What runs ends by itself; nobody notices before it is asked. */
function crash(context: FaultContext, node: SimNode, dice: Dice): void {
  const word = pickWord(context, node, dice, true);
  if (word === undefined || !node.powered) return;
  context.note(`${word} ends by itself on ${node.name}`);
  node.crash(word);
}

/** A monitor fails, or hangs, on the one node on which resources may fail for good. */
function monitorFails(context: FaultContext, dice: Dice, durationMs: number): void {
  const { failing } = context;
  const word = pickWord(context, failing, dice, false);
  if (word === undefined) return;
  const outcome = dice.pick(['fail', 'hang'] as const);
  context.note(`monitor of ${word} on ${failing.name}: ${outcome} for ${(durationMs / 1000).toFixed(3)} s`);
  failing.runner.behave('monitor', word, { outcome });
  context.sim.queue.after(durationMs, () => failing.runner.behave('monitor', word, {}));
}

/** Somebody works on the cluster for a while. */
function maintenance(context: FaultContext, node: SimNode, durationMs: number): void {
  context.note(`maintenance on at ${node.name} for ${(durationMs / 1000).toFixed(3)} s`);
  if (node.state === undefined || node.paused) return;
  node.command({ kind: 'maintenance', on: true, force: false });
  context.excuses.countMaintenance(1);
  context.sim.queue.after(durationMs, () => {
    endMaintenance(context.sim);
    context.excuses.countMaintenance(-1);
  });
}

/** Says `maintenance off` on whatever node listens. */
export function endMaintenance(sim: Simulation): void {
  for (const node of sim.nodes) {
    if (node.state !== undefined && !node.paused)
      node.command({ kind: 'maintenance', on: false, force: false });
  }
}

/** One random fault of resources, now. `dice` are its own, so that the other faults of the seed stay what they are. */
export function injectResourceFault(context: FaultContext, dice: Dice): void {
  const node = context.sim.nodes[dice.between(0, context.sim.nodes.length - 1)];
  if (node === undefined) return;
  const durationMs = Math.round(dice.next() * context.deadtimeMs * 6);
  const kind = dice.pick(['crash', 'crash', 'monitor', 'maintenance'] as const);
  if (kind === 'crash') crash(context, node, dice);
  else if (kind === 'monitor') monitorFails(context, dice, durationMs);
  else maintenance(context, node, durationMs);
}
