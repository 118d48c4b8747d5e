/** Starts, power losses, clean shutdowns, standby, takeover, reload and restart: what an administrator and bad luck do. */
import type { Story } from '../support/story.js';
import {
  at,
  HANDOVER_OUTAGE_MAX_MS,
  powerLoss,
  powerReturn,
  shutdown,
  standby,
  startAndJoin,
  startOne,
  startTogether,
  takeover,
} from './steps.js';

const USUAL = { medium: 'bcast+mcast', method: 'sha1', autoFailback: 'on' } as const;

/** Longer than a deadtime. */
const SETTLED_MS = 5000;

const power: Story = {
  name: 'power, failback on',
  options: USUAL,
  steps: [
    startTogether(),
    powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
    powerReturn('node1', ['a', 'b'], { run: 'fb_on', fromS: 22, toS: 47 }),
    powerLoss('node2', ['ab', 'off'], { run: 'fb_on', fromS: 47, toS: 53.2 }),
    powerReturn('node2', ['a', 'b'], { run: 'fb_on', fromS: 53.2, toS: 78 }),
  ],
};

const powerNoFailback: Story = {
  name: 'power, failback off',
  options: { ...USUAL, autoFailback: 'off' },
  steps: [
    startTogether(),
    powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
    powerReturn('node1', ['-', 'ab'], { run: 'fb_on', fromS: 22, toS: 23.841, before: 'ask_resources' }),
    powerLoss('node2', ['ab', 'off']),
    powerReturn('node2', ['ab', '-'], { run: 'fb_on', fromS: 53.2, toS: 54.795, before: 'ask_resources' }),
  ],
};

const clean: Story = {
  name: 'clean shutdown',
  options: USUAL,
  steps: [
    startTogether(),
    shutdown('node1', ['-', 'ab'], { run: 'shutdown', fromS: 14.6, toS: 23.6 }),
    startOne('node1', ['a', 'b'], { run: 'shutdown', fromS: 23.6, toS: 48 }),
    shutdown('node2', ['ab', '-'], { run: 'shutdown', fromS: 48.6, toS: 57 }),
    startOne('node2', ['a', 'b'], { run: 'shutdown', fromS: 23.6, toS: 48, mirrored: true }),
    shutdown('node2', ['ab', '-'], { run: 'shutdown', fromS: 48.6, toS: 57 }),
    {
      name: 'the last one is shut down',
      act: (cluster) => at(cluster, 'node1').stop(),
      after: ['-', '-'],
      trace: { run: 'shutdown', fromS: 57.6, toS: 64 },
    },
  ],
};

const alone = (first: 'node1' | 'node2'): Story => ({
  name: `${first} alone, then the other`,
  options: USUAL,
  steps: [
    startOne(first, first === 'node1' ? ['ab', '-'] : ['-', 'ab'], {
      run: 'alone',
      fromS: 0,
      toS: 25,
      ...(first === 'node1' ? {} : { mirrored: true as const }),
    }),
    startOne(first === 'node1' ? 'node2' : 'node1', ['a', 'b'], {
      run: 'alone',
      fromS: 25.2,
      toS: 50,
      ...(first === 'node1' ? {} : { mirrored: true as const }),
    }),
  ],
});

const handing: Story = {
  name: 'standby and takeover',
  options: { ...USUAL, autoFailback: 'off' },
  steps: [
    startTogether(),
    standby('node1', 'all', ['-', 'ab'], { run: 'standby', fromS: 14.9, toS: 22.9 }),
    standby('node2', 'failback', ['a', 'b'], { run: 'standby', fromS: 31, toS: 39 }),
    standby('node1', 'local', ['-', 'ab'], { run: 'standby', fromS: 39, toS: 47 }),
    standby('node2', 'foreign', ['a', 'b'], { run: 'standby', fromS: 47, toS: 55.1 }),
    standby('node2', 'all', ['ab', '-'], { run: 'standby', fromS: 55.1, toS: 63.1 }),
    takeover('node2', 'local', ['a', 'b'], { run: 'standby', fromS: 71.1, toS: 79 }),
    standby('node2', 'local', ['ab', '-'], { run: 'standby', fromS: 39, toS: 47, mirrored: true }),
    standby('node1', 'foreign', ['a', 'b'], { run: 'standby', fromS: 47, toS: 55.1, mirrored: true }),
    takeover('node1', 'all', ['ab', '-'], { run: 'standby', fromS: 63.1, toS: 71.1 }),
    standby('node1', 'failback', ['a', 'b'], { run: 'standby', fromS: 31, toS: 39, mirrored: true }),
    takeover('node2', 'all', ['-', 'ab'], { run: 'standby', fromS: 63.1, toS: 71.1, mirrored: true }),
    takeover('node1', 'local', ['a', 'b'], { run: 'standby', fromS: 71.1, toS: 79, mirrored: true }),
    takeover('node1', 'foreign', ['ab', '-']),
    standby('node2', 'foreign', ['ab', '-']),
    takeover('node2', 'foreign', ['b', 'a']),
    takeover('node1', 'all', ['ab', '-']),
  ],
};

const restart: Story = {
  name: 'reload and restart',
  options: { ...USUAL, deadtime: '8', initdead: '8' },
  steps: [
    startTogether({ run: 'quickrestart', fromS: 0, toS: 15 }),
    ...(['node1', 'node2'] as const).flatMap((place) => {
      const mirrored = place === 'node1' ? {} : { mirrored: true as const };
      return [
        {
          name: `heartbeat -r on ${place}`,
          act: async (cluster: Parameters<Story['steps'][number]['act']>[0]) => {
            const file = '/etc/ha.d/ha.cf';
            const text = await at(cluster, place).node.read(file);
            await at(cluster, place).node.write(file, `${text}# changed\n`);
            await at(cluster, place).reload();
          },
          after: ['a', 'b'] as const,
          outageMaxMs: 1500,
          // A node of ours goes on in the same generation: nobody has to be told.
          trace: (kinds: readonly string[]) =>
            kinds[place === 'node1' ? 0 : 1] === 'ours'
              ? ('silence' as const)
              : { run: 'reloadcf', fromS: 16.09, toS: 51, ...mirrored },
        },
        {
          name: `the daemon of ${place} is killed and started within deadtime`,
          act: async (cluster: Parameters<Story['steps'][number]['act']>[0]) => {
            await at(cluster, place).killDaemon();
            await startAndJoin(cluster, place);
          },
          after: ['a', 'b'] as const,
          outageMaxMs: HANDOVER_OUTAGE_MAX_MS,
          trace: { run: 'quickrestart', fromS: 16.03, toS: 41, ...mirrored },
        },
      ];
    }),
  ],
};

/** Off for less than a deadtime while it had everything: it comes back with nothing of the other's, and nobody was dead. */
const blink: Story = {
  name: 'off for a moment',
  options: { ...USUAL, autoFailback: 'off', deadtime: '20', initdead: '20' },
  steps: [
    startTogether(null),
    ...(['node1', 'node2'] as const).flatMap((place) => [
      takeover(place, 'all', place === 'node1' ? ['ab', '-'] : ['-', 'ab']),
      {
        name: `${place} is off for less than a deadtime`,
        act: async (cluster: Parameters<Story['steps'][number]['act']>[0]) => {
          await at(cluster, place).powerOff();
          await at(cluster, place).powerOn();
          await startAndJoin(cluster, place);
        },
        after: ['a', 'b'] as const,
        withinMs: 60_000,
      },
    ]),
  ],
};

/** The process of ours that decides is killed: another goes on in its place, and the original sees a gap in the numbers. */
const crash: Story = {
  name: 'the loop process is killed',
  options: { ...USUAL, autoFailback: 'off' },
  steps: [
    startTogether(),
    {
      name: 'kill -9 of the loop process',
      act: async (cluster) => {
        const { node } = cluster.ours;
        const [loop] = node.procs().filter(({ command }) => command.includes('daemon/loop/main.js'));
        await node.run(['kill', '-9', String(loop?.pid)]);
        await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
      },
      after: ['a', 'b'],
      outageMaxMs: 1500,
      trace: 'silence',
    },
    standby('node1', 'all', ['-', 'ab'], { run: 'standby', fromS: 14.9, toS: 22.9 }),
    standby('node2', 'foreign', ['a', 'b'], { run: 'standby', fromS: 47, toS: 55.1 }),
  ],
};

/** The stories of issue rows that need nothing special, each played with our node as node1 and as node2. */
export const MOVES: readonly Story[] = [
  power,
  powerNoFailback,
  clean,
  alone('node1'),
  alone('node2'),
  handing,
  restart,
  blink,
  crash,
];
