/**
 * `chaos [--faults N] [--seed S] [--from K]`: real daemons in the lab, one random fault after the other, judged by an
 * observer that asks who has the address. Fault number K of a seed is always the same, so a run can go on where it ended.
 */
import { parseArgs } from 'node:util';
import { Dice } from '../../src/sim/random.js';
import { groupTitle } from '../../src/sim/scenario/names.js';
import { type Cluster, createCluster, GROUP, VIP } from '../lab/support/cluster.js';
import { playInLab } from '../lab/support/play-in-lab.js';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
  },
});
const count = Number(values.faults);
const seed = Number(values.seed);
const from = Number(values.from);
if (![count, seed, from].every(Number.isSafeInteger) || count < 1 || from < 1) {
  console.error('--faults, --seed and --from are whole numbers; --faults and --from are at least 1.');
  process.exit(2);
}
/** A new lab after so many faults: its own records grow. */
const LAB_FAULTS = 25;
const HEAL_LIMIT_MS = 40_000;

const address = { family: 4, address: VIP, prefixLength: 24, device: 'eth0' } as const;
const names = {
  nodes: ['node1', 'node2'],
  links: ['eth0', 'eth1'],
  groups: [
    {
      key: GROUP,
      node: 'node1',
      line: 1,
      resources: [{ word: GROUP, type: 'IPaddr', args: [GROUP], address }],
    },
  ],
};

interface Fault {
  readonly text: string;
  /** Two owners cannot be prevented without fencing: nobody hears anybody, or a program stands still. */
  readonly excused: boolean;
}

function faultOf(number: number): Fault {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ number);
  const node = dice.pick(['node1', 'node2']);
  const link = dice.pick(['eth0', 'eth1']);
  const time = `${dice.between(500, 6000)}ms`;
  const plain = (text: string): Fault => ({ text, excused: false });
  return dice.pick<Fault>([
    plain(`power-off ${node} for ${time}`),
    plain(`stop ${node} for ${time}`),
    plain(`cut eth1 for ${time}`),
    plain(`loss 20% eth1 for ${time}`),
    plain(`jitter 50ms ${link} ${node} for ${time}`),
    plain(`duplicate 30% ${link} ${node} for ${time}`),
    plain(`kill loop on ${node}`),
    plain(`standby ${node}`),
    plain(`takeover ${node}`),
    { text: `pause ${node} for ${time}`, excused: true },
  ]);
}

let cluster: Cluster | undefined;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping = true;
    void cluster?.lab.destroy().finally(() => process.exit(130));
  });
}

let violations = 0;
let longestMs = 0;
const beganMs = performance.now();
for (let number = from; number < from + count && !stopping; ) {
  cluster = await createCluster({ autoFailback: 'off' });
  try {
    const observer = await cluster.lab.observe([VIP]);
    await cluster.start();
    const last = Math.min(from + count, number + LAB_FAULTS);
    for (; number < last && !stopping; number++) {
      const { text, excused } = faultOf(number);
      const seen = (await observer.overlaps(VIP)).length;
      const scenario = `expect one owner of ${VIP} within 20s\n${text}\nafter 7s heal\nexpect one owner of ${VIP} within ${HEAL_LIMIT_MS}ms`;
      const { unmet, watch } = await playInLab(scenario, names, cluster, observer);
      const twice = (await observer.overlaps(VIP)).slice(seen);
      const outageMs = Math.max(
        0,
        ...watch.outages(GROUP).map((one) => (one.untilMs ?? HEAL_LIMIT_MS) - one.fromMs),
      );
      longestMs = Math.max(longestMs, outageMs);
      const problems = [...unmet];
      for (const one of twice) {
        const sentence = `two owners for ${(one.toMs - one.fromMs).toFixed(0)} ms`;
        if (!excused) problems.push(sentence);
        else console.log(`     (${sentence}, which without fencing cannot be prevented)`);
      }
      violations += problems.length;
      const verdict = problems.length === 0 ? 'ok' : `FAILED: ${problems.join('; ')}`;
      console.log(`${number}: ${text}: down ${outageMs.toFixed(0)} ms, ${verdict}`);
    }
  } finally {
    await cluster.lab.destroy();
  }
}
const minutes = ((performance.now() - beganMs) / 60_000).toFixed(1);
const title = groupTitle(names.groups, GROUP);
console.log(
  `${count} faults from ${from} of seed ${seed} in ${minutes} min: ${violations} violations; ${title} was down for ${longestMs.toFixed(0)} ms at most`,
);
process.exitCode = violations === 0 ? 0 : 1;
