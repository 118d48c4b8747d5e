/** Fresh seeds in every run of the tests: their base is printed, so that a failure can be repeated. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DrawOptions } from '../../src/sim/search/plan.js';
import { runPlan, runSeed, tellPlan } from '../../src/sim/search/run.js';
import { shrink } from '../../src/sim/search/shrink.js';
import { story } from './support/pair.js';

const SEEDS = 500;

/** A quarter of them with fencing devices, an eighth with ping hosts, an eighth with pulled cables, a sixteenth beside an original. */
function optionsOf(seed: number): DrawOptions {
  if (seed % 4 === 0) return { fencing: true };
  if (seed % 8 === 1) return { witness: true };
  if (seed % 8 === 3) return { carrier: true };
  return seed % 16 === 5 ? { mixed: true } : {};
}

const base = Math.floor(Math.random() * 1e9);

it(`${SEEDS} fresh seeds from ${base} break no rule`, () => {
  console.log(`seeds ${base} to ${base + SEEDS - 1}`);
  for (let seed = base; seed < base + SEEDS; seed++) {
    const options = optionsOf(seed);
    const { violations, plan } = runSeed(seed, options);
    if (violations.length === 0) continue;
    const small = shrink(plan);
    const told = [...tellPlan(small.plan), story(runPlan(small.plan).sim)].join('\n');
    assert.fail(
      `${[`seed ${seed}`, ...Object.keys(options)].join(' --')}: ${violations[0]}\nshrunk: ${small.violations[0]}\n${told}`,
    );
  }
});
