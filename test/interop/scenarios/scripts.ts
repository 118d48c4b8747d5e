/** Resource scripts that fail to start or to stop. */

import type { Kind } from '../support/machines.js';
import type { MixedCluster } from '../support/mixed-cluster.js';
import type { Story } from '../support/story.js';
import { type Place, standby, startTogether } from './steps.js';

const USUAL = { medium: 'bcast+mcast', method: 'sha1', autoFailback: 'off' } as const;

/** A service that remembers in /run whether it runs; the files /etc/fail-VERB make a verb fail. */
const SERVICE = `#!/bin/sh
case $1 in
start) [ -e /etc/fail-start ] && exit 1; touch /run/service; exit 0;;
stop) [ -e /etc/fail-stop ] && [ -e /run/service ] && exit 1; rm -f /run/service; exit 0;;
status) if [ -e /run/service ]; then echo running; else echo stopped; exit 3; fi;;
esac
`;

async function install(cluster: MixedCluster, failing: Place, verb: 'start' | 'stop'): Promise<void> {
  for (const machine of cluster.machines)
    await machine.node.write('/etc/ha.d/resource.d/service', SERVICE, 0o755);
  await cluster[failing].node.write(`/etc/fail-${verb}`, '');
}

const places = (kinds: readonly [Kind, Kind], failing: Place): Kind => kinds[failing === 'node1' ? 0 : 1];

/** An original's failed own group ends up nowhere (heartbeat-protocol.md 11.3); ours is handed to the other node. */
const failingStart = (failing: Place): Story => ({
  name: `start fails on ${failing}`,
  options: { ...USUAL, scripts: failing === 'node1' ? ['service', ''] : ['', 'service'] },
  steps: [
    {
      ...startTogether(null),
      name: `start together, a script fails to start on ${failing}`,
      act: async (cluster) => {
        await install(cluster, failing, 'start');
        await Promise.all(cluster.machines.map((machine) => machine.start()));
        // An original begins its standby 30 s after the failure.
        await cluster.lab.until(
          () =>
            cluster.tap.messages().some(({ fields }) => fields.t === 'ask_resources' && fields.info === 'me'),
          { withinMs: 60_000, what: 'the failed group to be offered' },
        );
      },
      after: (kinds) => {
        const nowhere = places(kinds, failing) === 'original';
        if (failing === 'node1') return nowhere ? ['-', 'b'] : ['-', 'ab'];
        return nowhere ? ['a', '-'] : ['ab', '-'];
      },
      ...(failing === 'node1'
        ? {
            trace: (kinds: readonly [Kind, Kind]) =>
              kinds[0] === 'original' ? ({ run: 'failstart', fromS: 0, toS: 59 } as const) : undefined,
          }
        : {}),
    },
  ],
});

const failingStop = (failing: Place): Story => ({
  name: `stop fails on ${failing}`,
  options: { ...USUAL, scripts: failing === 'node1' ? ['service', ''] : ['', 'service'] },
  steps: [
    {
      ...startTogether(),
      act: async (cluster) => {
        await install(cluster, failing, 'stop');
        await Promise.all(cluster.machines.map((machine) => machine.start()));
      },
    },
    {
      ...standby(failing, 'local', failing === 'node1' ? ['off', 'ab'] : ['ab', 'off']),
      // No trace: a node of ours that has not stopped what it gives counts as its holder, in its own reports and in its
      // judgement of a dead giver ("n_stnth" where an original says "unneeded").
      name: `hb_standby local on ${failing}, a script fails to stop`,
      withinMs: 60_000,
      // Ten tries a second apart, the reboot, and the deadtime.
      outageMaxMs: 30_000,
    },
  ],
});

/** The stories of failing scripts. */
export const SCRIPTS: readonly Story[] = (['node1', 'node2'] as const).flatMap((place) => [
  failingStart(place),
  failingStop(place),
]);
