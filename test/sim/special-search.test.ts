/** What the search draws only when it is asked, on top of the plan that the seed has anyway. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawPlan } from '../../src/sim/search/plan.js';
import { runSeed, tellPlan } from '../../src/sim/search/run.js';
import { story } from './support/pair.js';

const SEEDS = 25;

describe('random faults', () => {
  for (const [title, options] of [
    ['with ping hosts that come and go', { witness: true }],
    ['with cables that are pulled', { carrier: true }],
  ] as const) {
    it(`${title}: ${SEEDS} seeds break no rule`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { violations, plan, sim } = runSeed(seed, options);
        assert.deepEqual(violations, [], `${tellPlan(plan).join('\n')}\n${story(sim)}`);
      }
    });
  }

  it('are the same without these options, and more with them', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const plain = drawPlan(seed);
      const more = drawPlan(seed, { witness: true, carrier: true });
      const special = new Set(['ping-loss', 'unplug']);
      assert.deepEqual(
        more.faults.filter(({ kind }) => !special.has(kind)),
        plain.faults,
      );
      assert.deepEqual(
        new Set(more.faults.map(({ kind }) => kind).filter((kind) => special.has(kind))),
        special,
      );
    }
  });
});
