/** The stories that every test run plays, each in both directions. */
import type { Story } from '../support/story.js';
import { FAULTS } from './faults.js';
import { powerLoss, powerReturn, shutdown, standby, startTogether } from './steps.js';

const USUAL = { medium: 'bcast+mcast', method: 'sha1' } as const;

const partition = FAULTS.filter(({ name }) => name === 'both links cut and healed');

export const SIX: readonly Story[] = [
  {
    name: 'power loss and failback',
    options: { ...USUAL, autoFailback: 'on' },
    steps: [
      startTogether(),
      powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
      powerReturn('node1', ['a', 'b'], { run: 'fb_on', fromS: 22, toS: 47 }),
    ],
  },
  {
    name: 'standby and shutdown',
    options: { ...USUAL, autoFailback: 'off' },
    steps: [
      startTogether(),
      standby('node1', 'all', ['-', 'ab'], { run: 'standby', fromS: 14.9, toS: 22.9 }),
      standby('node2', 'failback', ['a', 'b'], { run: 'standby', fromS: 31, toS: 39 }),
      shutdown('node2', ['ab', '-'], { run: 'shutdown', fromS: 48.6, toS: 57 }),
    ],
  },
  ...partition,
];
