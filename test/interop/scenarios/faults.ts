/** Links cut and healed, loss in one direction, loss at random. */
import type { MixedCluster } from '../support/mixed-cluster.js';
import type { Story } from '../support/story.js';
import { type Place, startTogether } from './steps.js';

const USUAL = { medium: 'bcast+mcast', method: 'sha1', autoFailback: 'on' } as const;
const LINKS = ['eth0', 'eth1'] as const;

const partition: Story = {
  name: 'both links cut and healed',
  options: USUAL,
  steps: [
    startTogether(),
    {
      name: 'both links cut',
      act: (cluster) => cluster.lab.silence('node1').then(() => undefined),
      after: ['ab', 'ab'],
      trace: { run: 'part_on', fromS: 14.59, toS: 29.6 },
      twoOwners: 'a full partition without fencing',
    },
    {
      name: 'both links healed',
      act: (cluster) => healAndWait(cluster, ['node1', 'node2']),
      after: ['a', 'b'],
      withinMs: 60_000,
      trace: { run: 'part_on', fromS: 29.63, toS: 89 },
      twoOwners: 'until both have given up what they took in the partition',
    },
  ],
};

/** They start without ever having heard each other, so both take everything; two originals leave it at that. */
const neverMet = (autoFailback: 'on' | 'legacy'): Story => ({
  name: `never met, failback ${autoFailback}`,
  options: { ...USUAL, autoFailback },
  steps: [
    {
      name: 'both start with both links cut',
      act: async (cluster) => {
        await cluster.lab.silence('node1');
        await Promise.all(cluster.machines.map((machine) => machine.start()));
      },
      after: ['ab', 'ab'],
      twoOwners: 'a full partition without fencing',
    },
    {
      name: 'both links healed',
      act: (cluster) => cluster.lab.heal().then(() => undefined),
      after: ['a', 'b'],
      withinMs: 60_000,
      twoOwners: 'until one has given up what it took',
    },
  ],
});

/** Heals, and waits until each of the nodes has begun a new run. */
async function healAndWait(cluster: MixedCluster, restarting: readonly Place[]): Promise<void> {
  const { tap, lab } = cluster;
  const before = restarting.map((place) => tap.newest(place, () => true)?.generation);
  await lab.heal();
  const anew = (): boolean =>
    restarting.every((place, index) => {
      const said = tap.newest(place, ({ st }) => st === 'active');
      return said !== undefined && said.generation !== before[index];
    });
  await lab.until(anew, { withinMs: 60_000, what: `a new run of ${restarting.join(' and ')}` });
}

const oneWay = (deaf: Place): Story => {
  const mirrored = deaf === 'node2' ? {} : { mirrored: true as const };
  const both = deaf === 'node2' ? (['a', 'ab'] as const) : (['ab', 'b'] as const);
  return {
    name: `${deaf} is deaf for a while`,
    options: USUAL,
    steps: [
      startTogether(),
      {
        name: `${deaf} hears nothing any more`,
        act: async (cluster) => {
          for (const link of LINKS) await cluster.lab.loss(deaf, link, { percent: 100, direction: 'in' });
        },
        after: both,
        trace: { run: 'oneway', fromS: 15.59, toS: 27.62, ...mirrored },
        twoOwners: 'one-way loss without fencing',
      },
      {
        name: `${deaf} hears again`,
        act: (cluster) => healAndWait(cluster, [deaf]),
        after: ['a', 'b'],
        withinMs: 60_000,
        trace: { run: 'oneway', fromS: 27.63, toS: 77, ...mirrored },
        twoOwners: 'until the one that was deaf has given up',
      },
    ],
  };
};

const LOSSY_MS = 60_000;

const randomLoss: Story = {
  name: '20 % random loss',
  options: USUAL,
  steps: [
    startTogether(),
    {
      name: '20 % of all frames are lost for a minute',
      act: async (cluster) => {
        for (const place of ['node1', 'node2'] as const)
          for (const link of LINKS) await cluster.lab.loss(place, link, { percent: 20, direction: 'in' });
        await new Promise((resolve) => setTimeout(resolve, LOSSY_MS));
        await cluster.lab.heal();
      },
      after: ['a', 'b'],
      trace: 'silence',
    },
  ],
};

/** The stories of bad lines. */
export const FAULTS: readonly Story[] = [
  partition,
  neverMet('on'),
  neverMet('legacy'),
  oneWay('node1'),
  oneWay('node2'),
  randomLoss,
];
