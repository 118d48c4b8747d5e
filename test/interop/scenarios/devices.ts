/** A fencing device that always succeeds (cluster-glue's null), and a ping node, in the files of both nodes. */
import type { Story } from '../support/story.js';
import { powerLoss, powerReturn, standby, startTogether } from './steps.js';

const USUAL = { medium: 'bcast+mcast', method: 'sha1', autoFailback: 'on' } as const;

/** Of two originals: a second for each helper program that runs, one after the other. */
const FENCED_OUTAGE_MAX_MS = 12_000;
/** The client host of the lab. */
const PING_NODE = '10.77.0.241';

const stonith: Story = {
  name: 'stonith on both',
  options: { ...USUAL, haCf: ['stonith_host * null node1 node2'] },
  steps: [
    startTogether({ run: 'stonith', fromS: 0, toS: 13 }),
    {
      ...powerLoss('node1', ['off', 'ab'], { run: 'stonith', fromS: 15.5, toS: 21.1 }),
      outageMaxMs: FENCED_OUTAGE_MAX_MS,
    },
    powerReturn('node1', ['a', 'b'], { run: 'fb_on', fromS: 22, toS: 47 }),
    {
      ...powerLoss('node2', ['ab', 'off'], { run: 'stonith', fromS: 15.5, toS: 21.1, mirrored: true }),
      outageMaxMs: FENCED_OUTAGE_MAX_MS,
    },
  ],
};

const ping: Story = {
  name: 'ping node',
  options: { ...USUAL, haCf: [`ping ${PING_NODE}`] },
  steps: [
    startTogether({ run: 'basic', fromS: 0, toS: 13 }),
    powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
    powerReturn('node1', ['a', 'b'], { run: 'fb_on', fromS: 22, toS: 47 }),
    standby('node1', 'local', ['-', 'ab'], { run: 'standby', fromS: 39, toS: 47 }),
  ],
};

/** The stories with something beside the two nodes. */
export const DEVICES: readonly Story[] = [stonith, ping];
