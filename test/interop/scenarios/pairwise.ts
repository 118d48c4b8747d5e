/** Media, methods and auto_failback, each with each in pairs: nine clusters, each with our node as node1 and as node2. */
import type { Failback, Medium, Method } from '../support/mixed-cluster.js';
import type { Step, Story } from '../support/story.js';
import { powerLoss, powerReturn, shutdown, standby, startTogether } from './steps.js';

const MEDIA: readonly Medium[] = ['bcast+mcast', 'ucast', 'serial'];
const METHODS: readonly Method[] = ['crc', 'md5', 'sha1'];
const FAILBACKS: readonly Failback[] = ['on', 'off', 'legacy'];

/** A power loss, the return and a handover, as `auto_failback` says; legacy knows no handover. */
function stepsFor(autoFailback: Failback): Step[] {
  switch (autoFailback) {
    case 'on':
      return [
        startTogether(),
        powerLoss('node1', ['off', 'ab'], { run: 'fb_on', fromS: 14.8, toS: 21.9 }),
        powerReturn('node1', ['a', 'b'], { run: 'fb_on', fromS: 22, toS: 47 }),
        standby('node1', 'all', ['-', 'ab'], { run: 'standby', fromS: 14.9, toS: 22.9 }),
      ];
    case 'off':
      return [
        startTogether(),
        powerLoss('node2', ['ab', 'off'], { run: 'fb_on', fromS: 47, toS: 53.2 }),
        powerReturn('node2', ['ab', '-'], {
          run: 'fb_on',
          fromS: 53.2,
          toS: 54.795,
          before: 'ask_resources',
        }),
        standby('node1', 'foreign', ['a', 'b'], { run: 'standby', fromS: 47, toS: 55.1, mirrored: true }),
      ];
    case 'legacy':
      return [
        startTogether({ run: 'fb_legacy', fromS: 0, toS: 5.15 }),
        powerLoss('node1', ['off', 'ab'], { run: 'fb_legacy', fromS: 5.15, toS: 12.2 }),
        powerReturn('node1', ['a', 'b'], { run: 'fb_legacy', fromS: 12.25, toS: 37 }),
        shutdown('node2', ['ab', '-']),
      ];
  }
}

/** Every pair of a medium, a method and a failback mode is in one of them. */
export const PAIRWISE: readonly Story[] = MEDIA.flatMap((medium, row) =>
  METHODS.map((method, column) => {
    const autoFailback = FAILBACKS[(row + column) % FAILBACKS.length] ?? 'on';
    return {
      name: `pairwise ${medium} ${method} ${autoFailback}`,
      options: { medium, method, autoFailback },
      steps: stepsFor(autoFailback),
    };
  }),
);
