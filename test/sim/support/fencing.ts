/** A pair with fencing devices, for the stories about them. */
import assert from 'node:assert/strict';
import { judgeFencedOwnership, judgeFencingWar } from '../../../src/sim/fencing-check.js';
import type { Simulation } from '../../../src/sim/simulation.js';
import { assertOwners, makePair, type Pair, type PairSetup, story } from './pair.js';

export const DEVICE = { stonith: ['external/virtual'] } as const;
export const PER_HOUR = 3;
export const MINUTE_MS = 60_000;

export function fencedPair(setup: PairSetup = {}, web = 'node1', mail = 'node2'): Pair {
  const pair = makePair({ ...DEVICE, ...setup });
  pair.node1.powerOn();
  pair.node2.powerOn();
  pair.sim.runFor(5000);
  assertOwners(pair.sim, { web, mail });
  return pair;
}

export function assertPeace(sim: Simulation): void {
  assert.deepEqual(judgeFencedOwnership(sim), [], story(sim));
  assert.deepEqual(judgeFencingWar(sim, PER_HOUR), [], story(sim));
}

export const shotsAt = (sim: Simulation, name: string): number =>
  sim.fencing.shots.filter(({ target }) => target === name).length;
