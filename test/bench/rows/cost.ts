/** What the daemon costs while nothing happens: processor time and memory. */
import type { Lab, LabNode } from '../../lab/lib/index.js';
import { nowMs } from '../../lab/lib/index.js';
import type { Contender, Setup } from '../support/contender.js';
import { memoryOf, processorMs } from '../support/processes.js';
import { type Measured, type Row, serve, withPair } from '../support/row.js';

const VIP = '10.77.0.100';
const IDLE: Setup = {
  keepaliveMs: 100,
  deadtimeMs: 1000,
  initdeadMs: 8000,
  autoFailback: false,
  addresses: [VIP],
};

/** A daemon that has just started is still compiling: measured is what comes after. */
const WARM_MS = 15_000;
/** Code that runs ten times a second is compiled for good after minutes; the daemon runs for years. */
const SETTLED_MS = 180_000;

async function watch(
  contender: Contender,
  node: LabNode,
  seconds: number,
  warmMs: number,
): Promise<Measured> {
  await new Promise((resolve) => setTimeout(resolve, warmMs));
  const pids = contender.pids(node);
  const beforeMs = processorMs(node, pids);
  const begunMs = nowMs();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const cpuPercent = ((processorMs(node, pids) - beforeMs) / (nowMs() - begunMs)) * 100;
  const { pssMb, privateDirtyMb } = memoryOf(node, pids);
  return { 'cpu %': cpuPercent, 'PSS MB': pssMb, 'private dirty MB': privateDirtyMb };
}

function idle(
  key: string,
  title: string,
  setup: Setup,
  bounds: Row['bounds'],
  only: Row['contenders'],
  warmMs = WARM_MS,
): Row {
  return {
    key,
    title,
    unit: '',
    contenders: only,
    bounds,
    runs: 3,
    noisy: true,
    measure: (contender, { seconds }) =>
      withPair(contender, setup, async ({ lab, client }) => {
        await serve(contender, setup, lab, client);
        return watch(contender, lab.node('node1'), seconds, warmMs);
      }),
  };
}

const EIGHT = Array.from({ length: 8 }, (_, index) => `node${index + 1}`);

/** Memory at the beginning and the end of a long quiet run with a hand-over every ten seconds. */
async function soak(contender: Contender, lab: Lab, seconds: number): Promise<Measured> {
  const node = lab.node('node1');
  const other = lab.node('node2');
  await new Promise((resolve) => setTimeout(resolve, 2 * WARM_MS));
  const before = memoryOf(node, contender.pids(node));
  const endMs = nowMs() + seconds * 1000;
  let giver = node;
  while (nowMs() < endMs) {
    await contender.switchAway(giver);
    giver = giver === node ? other : node;
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
  const after = memoryOf(node, contender.pids(node));
  return {
    'PSS MB before': before.pssMb,
    'PSS MB after': after.pssMb,
    'private dirty MB before': before.privateDirtyMb,
    'private dirty MB after': after.privateDirtyMb,
  };
}

export const COST: readonly Row[] = [
  idle(
    'idle',
    'idle on the active node, keepalive 100 ms: all processes',
    IDLE,
    { 'PSS MB': 90, 'private dirty MB': 45 },
    ['ours', 'original', 'keepalived'],
    SETTLED_MS,
  ),
  idle(
    'idle-10ms',
    'idle on the active node, keepalive 10 ms: all processes',
    { ...IDLE, keepaliveMs: 10, deadtimeMs: 200, initdeadMs: 3000 },
    {},
    ['ours', 'keepalived'],
    SETTLED_MS,
  ),
  idle(
    'nodes-8',
    'eight nodes, keepalive 100 ms: all processes of one',
    { ...IDLE, nodes: EIGHT, initdeadMs: 12_000 },
    {},
    ['ours', 'original'],
  ),
  idle(
    'groups-100',
    'a hundred groups of one address, keepalive 100 ms: all processes of the active node',
    {
      ...IDLE,
      haresources: Array.from({ length: 99 }, (_, index) => `node1 10.77.9.${index + 1}/16/eth0`),
    },
    {},
    ['ours', 'original'],
  ),
  {
    key: 'soak',
    title:
      'memory before and after a long run with a hand-over every ten seconds (--seconds 3600 for the hour)',
    unit: 'MB',
    contenders: ['ours'],
    bounds: {},
    runs: 1,
    noisy: true,
    measure: (contender, { seconds }) =>
      withPair(contender, IDLE, async ({ lab, client }) => {
        await serve(contender, IDLE, lab, client);
        return soak(contender, lab, seconds);
      }),
  },
];
