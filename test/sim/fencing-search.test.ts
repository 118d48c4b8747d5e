import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runSeed, tellPlan } from '../../src/sim/search/run.js';

const SEEDS = 100;

it(`random faults with fencing devices, seeds 1 to ${SEEDS}: never two owners, no war, one owner in the end`, () => {
  let shots = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations, plan, sim } = runSeed(seed, { fencing: true });
    shots += sim.fencing.shots.length;
    assert.deepEqual(violations, [], `seed ${seed}\n${tellPlan(plan).join('\n')}`);
  }
  assert.ok(shots > SEEDS / 2, `only ${shots} nodes were reset: the search shows nothing`);
});
