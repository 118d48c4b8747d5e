/**
 * Makes a failing plan small: leaves out faults, then nodes, links and groups, then shortens what is left, as long as one
 * of the same checks goes on finding something. What remains is what a person has to understand.
 */
import type { PlannedFault } from '../faults/types.js';
import type { Plan } from './plan.js';
import { runPlan } from './run.js';

export interface Shrunk {
  readonly plan: Plan;
  readonly violations: readonly string[];
  /** Runs that it took. */
  readonly runs: number;
}

/** Ways to make a plan smaller by one step, the largest steps first. */
type Reduction = (plan: Plan) => Iterable<Plan>;

function* withoutFaults(plan: Plan): Iterable<Plan> {
  const { faults } = plan;
  for (let size = Math.ceil(faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < faults.length; from += size) {
      yield { ...plan, faults: [...faults.slice(0, from), ...faults.slice(from + size)] };
    }
  }
}

/** The first two nodes share the groups; the others only listen. */
function* withoutNodes(plan: Plan): Iterable<Plan> {
  const last = plan.nodes.at(-1);
  const [first, ...others] = plan.nodes;
  if (plan.nodes.length <= 2 || last === undefined) return;
  const nodes: [string, ...string[]] = [first, ...others.slice(0, -1)];
  yield {
    ...plan,
    nodes,
    pair: { ...plan.pair, nodes },
    starts: plan.starts.slice(0, -1),
    faults: plan.faults.filter(({ args }) => args.node !== last && args.to !== last),
  };
}

function* withoutLinks(plan: Plan): Iterable<Plan> {
  const [first, ...others] = plan.links;
  for (const left of others) {
    const links: [string, ...string[]] = [first, ...others.filter((link) => link !== left)];
    yield { ...plan, links, faults: plan.faults.filter(({ args }) => args.link !== left) };
  }
}

function* withoutGroups(plan: Plan): Iterable<Plan> {
  const { groups } = plan.pair;
  if (groups.length < 2) return;
  for (const left of groups) {
    const words = new Set(left.resources.map(({ word }) => word));
    yield {
      ...plan,
      pair: { ...plan.pair, groups: groups.filter((one) => one !== left) },
      faults: plan.faults.filter(({ args }) => args.resource === undefined || !words.has(args.resource)),
    };
  }
}

function* plainer(plan: Plan): Iterable<Plan> {
  const still = plan.starts.map(({ atMs }) => ({ atMs, maxTurnDelayMs: 0 }));
  if (plan.starts.some(({ maxTurnDelayMs }) => maxTurnDelayMs > 0)) yield { ...plan, starts: still };
  if (plan.pair.parallelGroups > 1) yield { ...plan, pair: { ...plan.pair, parallelGroups: 1 } };
  if (plan.starts.some(({ atMs }) => atMs > 0))
    yield { ...plan, starts: plan.starts.map((start) => ({ ...start, atMs: 0 })) };
}

const CLOSER = [0.5, 0.8];

/** Earlier faults, shorter faults, and an earlier end. */
function* shorter(plan: Plan): Iterable<Plan> {
  const lastMs = plan.faults.reduce(
    (latest, { atMs, args }) => Math.max(latest, atMs + (args.forMs ?? 0)),
    0,
  );
  const endMs = Math.ceil((lastMs + plan.pair.deadtimeMs) / 1000) * 1000;
  if (endMs < plan.healMs) yield { ...plan, healMs: endMs };
  for (const share of CLOSER) {
    const atMs = (fault: PlannedFault): number => Math.round((fault.atMs * share) / 100) * 100;
    const faults = plan.faults.map((fault) => ({ ...fault, atMs: atMs(fault) }));
    if (faults.some(({ atMs: at }, index) => at < (plan.faults[index]?.atMs ?? 0))) yield { ...plan, faults };
  }
  for (const [index, fault] of plan.faults.entries()) {
    const { forMs } = fault.args;
    if (forMs === undefined || forMs < 200) continue;
    for (const share of CLOSER) {
      const args = { ...fault.args, forMs: Math.round((forMs * share) / 100) * 100 };
      if (args.forMs < forMs) yield { ...plan, faults: plan.faults.with(index, { ...fault, args }) };
    }
  }
}

const REDUCTIONS: readonly Reduction[] = [
  withoutFaults,
  withoutNodes,
  withoutLinks,
  withoutGroups,
  plainer,
  shorter,
];

/**
 * The smallest plan that it finds within `runsMax` runs. The plan given must fail.
 * `run` is `runPlan`, or the same around another core.
 */
export function shrink(plan: Plan, runsMax = 400, run: typeof runPlan = runPlan): Shrunk {
  let best = run(plan);
  const wanted = new Set(best.broken);
  let runs = 1;
  for (let again = true; again && runs < runsMax; ) {
    again = false;
    for (const reduce of REDUCTIONS) {
      for (let smaller = true; smaller; ) {
        smaller = false;
        for (const candidate of reduce(best.plan)) {
          if (runs >= runsMax) break;
          runs += 1;
          const result = run(candidate);
          if (!result.broken.some((name) => wanted.has(name))) continue;
          best = result;
          smaller = true;
          again = true;
          break;
        }
      }
    }
  }
  return { plan: best.plan, violations: best.violations, runs };
}
