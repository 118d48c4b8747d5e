import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runSeed, tellPlan } from '../../src/sim/search/run.js';
import { story } from './support/pair.js';

const SEEDS = 100;

describe('random faults', () => {
  it(`${SEEDS} seeds break no rule of ownership, order or healing`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations, plan, sim } = runSeed(seed);
      assert.deepEqual(violations, [], `${tellPlan(plan).join('\n')}\n${story(sim)}`);
    }
  });

  it('a seed gives the same run again', () => {
    const [first, second] = [runSeed(77, { recordEffects: true }), runSeed(77, { recordEffects: true })];
    assert.equal(first.sim.effects?.digest, second.sim.effects?.digest);
    assert.deepEqual(tellPlan(first.plan), tellPlan(second.plan));
  });
});
