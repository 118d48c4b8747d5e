/**
 * `npm run sim -- [--seeds N] [--seed S] [--fencing] [--mixed] [--witness] [--carrier] [--shrink] [--story] [--rate]
 * [--mutants [--only WORDS]]`: the random search of the
 * simulator. Prints the seeds that fail, what they broke, and how many cluster-hours a minute of one core it simulates.
 * Without --seed the first seed is drawn afresh, and printed.
 */
import { parseArgs } from 'node:util';
import { runSeed, tellPlan } from '../../src/sim/search/run.js';
import { shrink } from '../../src/sim/search/shrink.js';
import { runningPair, story } from '../sim/support/pair.js';
import { printMutants } from './mutants/main.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    seed: { type: 'string' },
    fencing: { type: 'boolean', default: false },
    mixed: { type: 'boolean', default: false },
    witness: { type: 'boolean', default: false },
    carrier: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    story: { type: 'boolean', default: false },
    rate: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.seeds);
const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first) || count < 1) {
  console.error('--seeds and --seed are whole numbers; --seeds is at least 1.');
  process.exit(2);
}

/** Virtual hours and the processor time that they took. */
class Meter {
  #virtualMs = 0;
  readonly #start = process.cpuUsage();

  add(virtualMs: number): void {
    this.#virtualMs += virtualMs;
  }

  /** "12.0 cluster-hours, 320 a minute of processor time". */
  toString(): string {
    const { user, system } = process.cpuUsage(this.#start);
    const hours = this.#virtualMs / 3_600_000;
    const minutes = (user + system) / 60_000_000;
    return `${hours.toFixed(1)} cluster-hours, ${(hours / minutes).toFixed(0)} a minute of processor time`;
  }
}

function search(): number {
  const { fencing, mixed, witness, carrier } = values;
  const meter = new Meter();
  const kinds = new Map<string, number>();
  let failed = 0;
  for (let seed = first; seed < first + count; seed++) {
    const result = runSeed(seed, { fencing, mixed, witness, carrier });
    meter.add(result.virtualMs);
    for (const { kind } of result.plan.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (result.violations.length === 0) continue;
    failed += 1;
    console.log(`seed ${seed}: ${result.violations.slice(0, 4).join('\n   ')}`);
    if (values.shrink) {
      const small = shrink(result.plan);
      console.log(`   shrunk in ${small.runs} runs: ${small.violations[0] ?? ''}`);
      for (const line of tellPlan(small.plan)) console.log(`   ${line}`);
    }
    if (!values.story) continue;
    if (!values.shrink) for (const line of tellPlan(result.plan)) console.log(`   ${line}`);
    console.log(story(result.sim));
  }
  const faults = [...kinds].sort(([left], [right]) => left.localeCompare(right));
  console.log(`faults: ${faults.map(([kind, times]) => `${kind} ${times}`).join(', ')}`);
  console.log(`${count} seeds from ${first}: ${failed} failed; ${meter}`);
  return failed;
}

/** Two nodes that are well, for a virtual day. */
function measurePeace(): void {
  const timings = { keepaliveMs: 1000, deadtimeMs: 10_000, initdeadMs: 20_000 };
  const { sim } = runningPair({ ...timings, links: ['eth1', 'eth2'] });
  sim.runFor(1_800_000);
  const meter = new Meter();
  const day = 24 * 3_600_000;
  sim.runFor(day);
  meter.add(day);
  console.log(`keepalive 1 s, two links, sha1, no faults: ${meter}`);
}

/** The figures of the standard pair: keepalive 1 s, deadtime 10 s, two links, sha1; in peace, and with the same faults. */
function measureRate(): void {
  measurePeace();
  for (let seed = 1; seed <= 30; seed++) runSeed(seed, { standard: true });
  const meter = new Meter();
  for (let seed = 1; seed <= 300; seed++) meter.add(runSeed(seed, { standard: true }).virtualMs);
  console.log(`keepalive 1 s, two links, sha1, faults as in the search: ${meter}`);
}

if (values.mutants) printMutants(count, values.only);
else {
  if (values.rate) measureRate();
  else process.exitCode = search() === 0 ? 0 : 1;
}
