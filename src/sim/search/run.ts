/** Runs a plan and judges it: the same plan gives the same run. */

import { CHECKS } from '../checks/table.js';
import { KEYS, pairConfig } from '../cluster.js';
import { Excuses } from '../excuses.js';
import { endMaintenance } from '../faults/resources.js';
import { planFault, tellFault } from '../faults/table.js';
import { Simulation } from '../simulation.js';
import { type DrawOptions, drawPlan, lineRate, type Plan, tellCluster } from './plan.js';

export interface RunResult {
  readonly plan: Plan;
  readonly virtualMs: number;
  /** What was wrong, each with the time; empty when nothing was. */
  readonly violations: readonly string[];
  /** Names of the checks that found something, each once. */
  readonly broken: readonly string[];
  readonly sim: Simulation;
}

export interface RunOptions {
  readonly recordEffects?: boolean;
}

/** Runs one plan. A broken invariant of the core is a violation too. Never throws. */
export function runPlan(plan: Plan, options: RunOptions = {}): RunResult {
  const sim = new Simulation({
    nodes: plan.nodes.map((name) => ({
      // An original knows no `isolated = stop`.
      config: pairConfig(name, name === plan.original ? { ...plan.pair, isolated: 'serve' } : plan.pair),
      authKeys: KEYS,
      original: name === plan.original,
    })),
    links: plan.links,
    seed: plan.seed,
    recordEffects: options.recordEffects ?? false,
  });
  const excuses = new Excuses(sim);
  const violations: string[] = [];
  const broken: string[] = [];
  try {
    live(sim, plan);
    for (const { name, judge } of CHECKS) {
      const found = judge({ sim, plan, excuses });
      if (found.length > 0) broken.push(name);
      violations.push(...found.map((sentence) => `${sentence} [${name}]`));
    }
  } catch (error) {
    broken.push('invariant');
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    violations.push(`${sim.nowMs.toFixed(3)} the core ended: ${told}`);
  }
  return { plan, virtualMs: sim.nowMs, violations, broken, sim };
}

/** The run of a seed. */
export function runSeed(seed: number, options: DrawOptions & RunOptions = {}): RunResult {
  return runPlan(drawPlan(seed, options), options);
}

/** The plan in words, a line each. */
export function tellPlan(plan: Plan): string[] {
  return [...tellCluster(plan), ...plan.faults.flatMap(tellFault), `at ${plan.healMs / 1000}s heal`];
}

function live(sim: Simulation, plan: Plan): void {
  sim.bootMs = plan.bootMs;
  sim.network.record = plan.faults.some(({ kind }) => kind === 'replay');
  for (const link of plan.links) {
    const bytesPerSecond = lineRate(link);
    if (bytesPerSecond > 0) sim.network.setLink(link, { bytesPerSecond });
  }
  for (const [index, node] of sim.nodes.entries()) {
    const start = plan.starts[index];
    if (start === undefined) continue;
    node.maxTurnDelayMs = start.maxTurnDelayMs;
    sim.at(start.atMs, () => node.powerOn());
  }
  for (const fault of plan.faults) planFault(sim, fault);
  sim.runFor(plan.healMs);
  heal(sim, plan);
  // Maintenance is ended by people, not by the healing of a fault: on a node that has just started, after its initdead.
  sim.queue.after(plan.pair.initdeadMs + 2000, () => endMaintenance(sim));
  sim.runFor(plan.quietMs);
}

function heal(sim: Simulation, plan: Plan): void {
  sim.network.heal();
  sim.fencing.behaveWell();
  for (const link of plan.links) {
    const bytesPerSecond = lineRate(link);
    if (bytesPerSecond > 0) sim.network.setLink(link, { bytesPerSecond });
  }
  const pulled = plan.faults.flatMap(({ kind, args }) => (kind === 'unplug' ? [args.link ?? ''] : []));
  for (const node of sim.nodes) {
    if (pulled.length > 0) node.setCarriers(pulled, true);
    node.runner.behaveWell();
    node.clock.drift(0);
    node.wake();
    node.resume('packets');
    node.powerOn();
  }
}
