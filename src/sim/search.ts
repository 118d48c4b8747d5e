/** The random search: one seed makes one cluster, one series of faults, one judgement. */
import type { ResourceGroup } from '../config/types.js';
import { group, KEYS, PAIR, type PairOptions, pairConfig } from './cluster.js';
import { Excuses } from './excuses.js';
import { type FaultContext, injectFault } from './faults.js';
import { endMaintenance, injectResourceFault, randomRule } from './faults-resources.js';
import { judgeAfterHealing, judgeOwnership } from './judge.js';
import { Dice } from './random.js';
import { Simulation } from './simulation.js';

export interface SeedResult {
  readonly seed: number;
  readonly virtualMs: number;
  /** What happened, in words, with times. */
  readonly faults: readonly string[];
  /** What was wrong; empty when nothing was. */
  readonly violations: readonly string[];
  readonly sim: Simulation;
}

const FAULTY_MS = 120_000;
const QUIET_MS = 60_000;

function randomGroups(dice: Dice): ResourceGroup[] {
  const groups: ResourceGroup[] = [];
  const count = dice.between(1, 5);
  for (let index = 0; index < count; index++) {
    const words: string[] = [];
    if (dice.chance(0.8)) words.push(`10.0.${index}.1`);
    const scripts = dice.between(words.length === 0 ? 1 : 0, 2);
    for (let at = 0; at < scripts; at++) words.push(`script${index}${'ab'[at] ?? ''}`);
    if (dice.chance(0.2)) words.push(`10.0.${index}.2`);
    groups.push(group(dice.chance(0.6) ? 'node1' : 'node2', index + 1, ...words));
  }
  return groups;
}

/** A pair with random settings and groups. */
export function randomPair(dice: Dice): PairOptions {
  const [keepaliveMs, deadtimeMs] = dice.pick<readonly [number, number]>([
    [200, 2000],
    [100, 1000],
    [1000, 10_000],
    [1000, 5000],
    [500, 5000],
  ]);
  return {
    ...PAIR,
    autoFailback: dice.pick(['on', 'off', 'legacy']),
    keepaliveMs,
    deadtimeMs,
    initdeadMs: deadtimeMs * dice.between(2, 4),
    groups: randomGroups(dice),
    parallelGroups: dice.between(1, 4),
  };
}

export interface SeedOptions {
  readonly recordEffects?: boolean;
  /** False: resources are not watched, and maintenance is never on. */
  readonly watched?: boolean;
}

/** Runs one seed. A broken invariant of the core is a violation too. Never throws. */
export function runSeed(seed: number, options: SeedOptions = {}): SeedResult {
  const dice = new Dice(seed ^ 0x5eed);
  const watching = new Dice(seed ^ 0x3a7c);
  const watched = (options.watched ?? true) && watching.chance(0.5);
  const guarding = new Dice(seed ^ 0x9a2d);
  const drawn = { ...randomPair(dice), watchdog: guarding.chance(0.4) };
  const pair = watched ? { ...drawn, settings: { monitor: randomRule(watching) } } : drawn;
  const sim = new Simulation({
    nodes: ['node1', 'node2'].map((name) => ({ config: pairConfig(name, pair), authKeys: KEYS })),
    links: ['eth1', 'eth2', 'eth3'].slice(0, dice.between(1, 3)),
    seed,
    recordEffects: options.recordEffects ?? false,
  });
  const faults: string[] = [
    `auto_failback ${pair.autoFailback}, keepalive ${pair.keepaliveMs} ms, deadtime ${pair.deadtimeMs} ms, ` +
      `initdead ${pair.initdeadMs} ms, links ${sim.network.links.length}, parallel ${pair.parallelGroups}`,
    ...(pair.watchdog ? ['both nodes have a watchdog'] : []),
    ...pair.groups.map(({ node, resources }) => [node, ...resources.map(({ word }) => word)].join(' ')),
  ];
  const violations: string[] = [];
  try {
    live(sim, dice, pair, { faults, violations, ...(watched ? { watching } : {}) });
  } catch (error) {
    violations.push(
      `${sim.nowMs.toFixed(3)} the core ended: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  return { seed, virtualMs: sim.nowMs, faults, violations, sim };
}

interface Records {
  readonly faults: string[];
  readonly violations: string[];
  /** Dice of the faults of watched resources; absent: there are none. */
  readonly watching?: Dice;
}

function live(sim: Simulation, dice: Dice, pair: PairOptions, records: Records): void {
  const { faults, violations, watching } = records;
  const excuses = new Excuses(sim);
  const failing = sim.nodes[dice.between(0, 1)];
  if (failing === undefined) return;
  sim.network.record = true;
  for (const node of sim.nodes) {
    node.maxTurnDelayMs = dice.next() * 3;
    sim.at(dice.next() * pair.deadtimeMs, () => node.powerOn());
  }
  const note = (sentence: string): void => {
    faults.push(`${sim.nowMs.toFixed(3)} ${sentence}`);
  };
  const context: FaultContext = { sim, dice, excuses, deadtimeMs: pair.deadtimeMs, failing, note };
  const count = dice.between(1, 12);
  for (let index = 0; index < count; index++) {
    sim.at(dice.next() * FAULTY_MS, () => injectFault(context));
  }
  if (watching !== undefined) {
    const further = watching.between(1, 8);
    for (let index = 0; index < further; index++) {
      sim.at(watching.next() * FAULTY_MS, () => injectResourceFault(context, watching));
    }
  }
  sim.runFor(FAULTY_MS + pair.deadtimeMs * 6);
  heal(sim, excuses);
  sim.queue.after(pair.initdeadMs + 2000, () => {
    endMaintenance(sim);
    excuses.update();
  });
  faults.push(`${sim.nowMs.toFixed(3)} everything heals`);
  sim.runFor(pair.initdeadMs + QUIET_MS);
  violations.push(
    ...sim.order.violations,
    ...judgeOwnership(sim, excuses),
    ...judgeAfterHealing(sim, QUIET_MS),
  );
}

function heal(sim: Simulation, excuses: Excuses): void {
  sim.network.heal();
  for (const node of sim.nodes) {
    node.runner.behaveWell();
    node.resume('packets');
    node.powerOn();
  }
  excuses.update();
}
