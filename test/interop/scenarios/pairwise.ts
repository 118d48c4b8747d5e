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
        // Who asks whom depends on who is up first.
        startTogether(null),
        {
          ...powerLoss('node1', ['off', 'ab'], { run: 'fb_legacy', fromS: 5.15, toS: 12.2 }),
          // An original asks for two seconds more in its first five (heartbeat-protocol.md 8.2).
          outageMaxMs: 10_000,
        },
        powerReturn('node1', ['a', 'b'], { run: 'fb_legacy', fromS: 12.25, toS: 37 }),
        shutdown('node2', ['ab', '-']),
      ];
  }
}

/** What is sent by unicast to a node without power stays in the sender, whose kernel asks for an address in vain. */
function withoutTrace(step: Step): Step {
  if (!step.name.endsWith('loses power')) return step;
  const { trace: _, ...rest } = step;
  return rest;
}

/** Every pair of a medium, a method and a failback mode is in one of them. */
export const PAIRWISE: readonly Story[] = MEDIA.flatMap((medium, row) =>
  METHODS.map((method, column) => {
    const autoFailback = FAILBACKS[(row + column) % FAILBACKS.length] ?? 'on';
    return {
      name: `pairwise ${medium} ${method} ${autoFailback}`,
      options: { medium, method, autoFailback },
      steps: stepsFor(autoFailback).map((step) => (medium === 'ucast' ? withoutTrace(step) : step)),
    };
  }),
);
