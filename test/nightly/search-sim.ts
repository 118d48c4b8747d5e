/** `search-sim [--seeds N] [--seed S] [--fencing] [--story]`: the random search of the simulator; prints the seeds that fail and the rate. */
import { parseArgs } from 'node:util';
import { runSeed, tellPlan } from '../../src/sim/search/run.js';
import { story } from '../sim/support/pair.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    fencing: { type: 'boolean', default: false },
    story: { type: 'boolean', default: false },
  },
});
const count = Number(values.seeds);
const first = Number(values.seed);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first) || count < 1) {
  console.error('--seeds and --seed are whole numbers; --seeds is at least 1.');
  process.exit(2);
}
const startMs = performance.now();
let virtualMs = 0;
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const result = runSeed(seed, { fencing: values.fencing });
  virtualMs += result.virtualMs;
  if (result.violations.length === 0) continue;
  failed += 1;
  console.log(`seed ${seed}: ${result.violations.slice(0, 4).join('\n   ')}`);
  if (!values.story) continue;
  for (const fault of tellPlan(result.plan)) console.log(`   ${fault}`);
  console.log(story(result.sim));
}
const hours = virtualMs / 3_600_000;
const minutes = (performance.now() - startMs) / 60_000;
console.log(
  `${count} seeds from ${first}: ${failed} failed; ${hours.toFixed(1)} cluster-hours, ${(hours / minutes).toFixed(0)} a minute`,
);
process.exitCode = failed === 0 ? 0 : 1;
