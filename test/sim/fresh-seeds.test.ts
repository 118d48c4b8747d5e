/** Fresh seeds in every run of the tests: their base is printed, so that a failure can be repeated. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runPlan, runSeed, tellPlan } from '../../src/sim/search/run.js';
import { shrink } from '../../src/sim/search/shrink.js';
import { story } from './support/pair.js';

const SEEDS = 500;
/** A quarter of them with fencing devices. */
const FENCED_EVERY = 4;
const base = Math.floor(Math.random() * 1e9);

it(`${SEEDS} fresh seeds from ${base} break no rule`, () => {
  console.log(`seeds ${base} to ${base + SEEDS - 1}`);
  for (let seed = base; seed < base + SEEDS; seed++) {
    const fencing = seed % FENCED_EVERY === 0;
    const { violations, plan } = runSeed(seed, { fencing });
    if (violations.length === 0) continue;
    const small = shrink(plan);
    const told = [...tellPlan(small.plan), story(runPlan(small.plan).sim)].join('\n');
    assert.fail(
      `seed ${seed}${fencing ? ' with --fencing' : ''}: ${violations[0]}\nshrunk: ${small.violations[0]}\n${told}`,
    );
  }
});
