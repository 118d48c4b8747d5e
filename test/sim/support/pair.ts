import assert from 'node:assert/strict';
import { KEYS, PAIR, type PairOptions, pairConfig } from '../../../src/sim/cluster.js';
import type { SimNode } from '../../../src/sim/node.js';
import { Simulation } from '../../../src/sim/simulation.js';

export interface Pair {
  readonly sim: Simulation;
  readonly node1: SimNode;
  readonly node2: SimNode;
}

export interface PairSetup extends Partial<PairOptions> {
  readonly seed?: number;
  readonly links?: readonly string[];
  readonly recordEffects?: boolean;
}

/** Two machines that are off, on two links. */
export function makePair(setup: PairSetup = {}): Pair {
  const options = { ...PAIR, ...setup };
  const sim = new Simulation({
    nodes: ['node1', 'node2'].map((name) => ({ config: pairConfig(name, options), authKeys: KEYS })),
    links: setup.links ?? ['eth1', 'eth2'],
    seed: setup.seed ?? 1,
    recordEffects: setup.recordEffects ?? false,
  });
  return { sim, node1: sim.node('node1'), node2: sim.node('node2') };
}

/** Both started together and settled: each serves its own. */
export function runningPair(setup: PairSetup = {}): Pair {
  const pair = makePair(setup);
  pair.node1.powerOn();
  pair.node2.powerOn();
  pair.sim.runFor(5000);
  assertOwners(pair.sim, { web: 'node1', mail: 'node2' });
  return pair;
}

export const WEB_KEY = '10.0.0.10';
export const MAIL_KEY = '10.0.0.20';

/** Who owns what at this moment; '' means nobody, 'node1 node2' both. */
export function ownersOf(sim: Simulation): { web: string; mail: string } {
  return { web: sim.owners(WEB_KEY).join(' '), mail: sim.owners(MAIL_KEY).join(' ') };
}

export function assertOwners(sim: Simulation, expected: { web: string; mail: string }): void {
  assert.deepEqual(ownersOf(sim), expected, story(sim));
}

/** No two nodes had a group at the same time, and every group went up and down in its order. */
export function assertNeverTwo(sim: Simulation): void {
  assert.deepEqual(sim.ledger.overlaps(), [], story(sim));
  assert.deepEqual(sim.order.violations, []);
}

/** What was said, for a failing test. */
export function story(sim: Simulation): string {
  const said = sim.said.map(({ atMs, node, code, text }) => ({ atMs, line: `${node} ${code}: ${text}` }));
  const moves = sim.ledger.changes.map(({ atMs, group, owners }) => ({
    atMs,
    line: `       == ${group}: ${owners.join(' ')}`,
  }));
  return [...said, ...moves]
    .sort((left, right) => left.atMs - right.atMs)
    .slice(-80)
    .map(({ atMs, line }) => `${atMs.toFixed(1).padStart(10)} ${line}`)
    .join('\n');
}
