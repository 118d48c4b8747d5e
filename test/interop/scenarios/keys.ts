/** A change of keys, one node after the other: two originals split over it (heartbeat-protocol.md 4.4). */
import type { MixedCluster } from '../support/mixed-cluster.js';
import type { Step, Story } from '../support/story.js';
import { at, type Place, powerLoss, startTogether } from './steps.js';

const authkeys = (active: number): string => `auth ${active}\n1 sha1 the-old-secret\n2 sha1 the-new-secret\n`;
/** Longer than the deadtime of 3 s: a split would show. */
const LOOK_MS = 6000;

function change(place: Place): Step {
  return {
    name: `auth 2 and heartbeat -r on ${place}`,
    act: async (cluster: MixedCluster) => {
      await at(cluster, place).node.write('/etc/ha.d/authkeys', authkeys(2), 0o600);
      await at(cluster, place).reload();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    },
    after: ['a', 'b'],
    outageMaxMs: 1500,
    trace: 'silence',
  };
}

const rolling: Story = {
  name: 'keys changed one node after the other',
  options: {
    medium: 'bcast+mcast',
    method: 'sha1',
    autoFailback: 'on',
    authkeys: [authkeys(1), authkeys(1)],
  },
  steps: [
    startTogether(),
    change('node1'),
    change('node2'),
    powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
  ],
};

export const KEYS: readonly Story[] = [rolling];
