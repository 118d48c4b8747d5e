/**
 * `chaos [--faults N] [--seed S] [--from K] [--fencing]`: real daemons in the lab, one random fault after the other,
 * judged by an observer that asks who has the address. Fault number K of a seed is always the same, so a run can go on
 * where it ended. With fencing every heartbeat link is cut too, and nothing excuses two owners.
 */
import { parseArgs } from 'node:util';
import { Dice } from '../../src/sim/random.js';
import { groupTitle } from '../../src/sim/scenario/names.js';
import { type Cluster, type ClusterOptions, createCluster, GROUP, VIP } from '../lab/support/cluster.js';
import { playInLab } from '../lab/support/play-in-lab.js';
import { installPowerSwitch, POWER_LINE, type PowerSwitch } from '../lab/support/power-switch.js';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    fencing: { type: 'boolean', default: false },
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
  const both: [Fault, ...Fault[]] = [
    plain(`power-off ${node} for ${time}`),
    plain(`stop ${node} for ${time}`),
    plain(`loss 20% eth1 for ${time}`),
    plain(`kill loop on ${node}`),
    plain(`standby ${node}`),
    plain(`takeover ${node}`),
    { text: `pause ${node} for ${time}`, excused: !values.fencing },
  ];
  const alone = [
    plain(`cut eth1 for ${time}`),
    plain(`jitter 50ms ${link} ${node} for ${time}`),
    plain(`duplicate 30% ${link} ${node} for ${time}`),
  ];
  // Heartbeats run over eth1 only: what happens there happens to all of them.
  const fenced = [
    plain(`cut eth1 for ${time}`),
    plain(`cut ${node} eth1 ${dice.pick(['in', 'out'])} for ${time}`),
    plain(`loss 70% eth1 for ${time}`),
    plain(`jitter 50ms eth1 ${node} for ${time}`),
    plain(`duplicate 30% eth1 ${node} for ${time}`),
  ];
  return dice.pick<Fault>([...both, ...(values.fencing ? fenced : alone)]);
}

/** With fencing the observer sees the addresses on eth0 whatever becomes of the heartbeats, which run over eth1. */
const clusterOptions: ClusterOptions = {
  autoFailback: 'off',
  ...(values.fencing
    ? {
        media: ['bcast eth1', 'mcast eth1 239.0.0.1 695 1 0', POWER_LINE],
        settings: '[fencing]\nper_hour = 1000\n',
      }
    : {}),
};

/** Whether each node says that both run; waits for it. */
async function meet(one: Cluster): Promise<boolean> {
  const met = one.lab.until(
    async () => {
      const found = await Promise.all([one.node1, one.node2].map((node) => one.status(node)));
      return found.every((status) => status?.nodes.every(({ status: word }) => word === 'active'));
    },
    { withinMs: HEAL_LIMIT_MS, what: 'both nodes to hear each other', everyMs: 200 },
  );
  return met.then(
    () => true,
    () => false,
  );
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
let fencings = 0;
const beganMs = performance.now();
for (let number = from; number < from + count && !stopping; ) {
  cluster = await createCluster(clusterOptions);
  let power: PowerSwitch | undefined;
  try {
    power = values.fencing ? await installPowerSwitch(cluster) : undefined;
    const observer = await cluster.lab.observe([VIP]);
    await cluster.start();
    const last = Math.min(from + count, number + LAB_FAULTS);
    for (; number < last && !stopping; number++) {
      const { text, excused } = faultOf(number);
      const seen = (await observer.overlaps(VIP)).length;
      const scenario = `expect one owner of ${VIP} within 20s\n${text}\nafter 7s heal\nstart all\nexpect one owner of ${VIP} within ${HEAL_LIMIT_MS}ms`;
      const { unmet, watch } = await playInLab(scenario, names, cluster, observer, {
        endsWhenMet: true,
      });
      const problems = [...unmet];
      if (!(await meet(cluster))) problems.push('the nodes do not hear each other again');
      const twice = (await observer.overlaps(VIP)).slice(seen);
      const outageMs = Math.max(
        0,
        ...watch.outages(GROUP).map((one) => (one.untilMs ?? HEAL_LIMIT_MS) - one.fromMs),
      );
      longestMs = Math.max(longestMs, outageMs);
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
    fencings += power?.requests.length ?? 0;
    await power?.stop();
    await cluster.lab.destroy();
  }
}
const minutes = ((performance.now() - beganMs) / 60_000).toFixed(1);
const title = groupTitle(names.groups, GROUP);
console.log(
  `${count} faults from ${from} of seed ${seed} in ${minutes} min: ${violations} violations, ${fencings} fencings; ${title} was down for ${longestMs.toFixed(0)} ms at most`,
);
process.exitCode = violations === 0 ? 0 : 1;
