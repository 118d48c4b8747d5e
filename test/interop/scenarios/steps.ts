/** Steps that many stories share. Times of traces are those of the published runs. */

import { nowMs } from '../../lab/lib/index.js';
import type { HandedSet } from '../support/machines.js';
import type { MixedCluster } from '../support/mixed-cluster.js';
import type { Part } from '../support/reference.js';
import type { Step } from '../support/story.js';

export type Place = 'node1' | 'node2';

const OTHER: Readonly<Record<Place, Place>> = { node1: 'node2', node2: 'node1' };

/** Of the machine at a place. */
export function at(cluster: MixedCluster, place: Place): MixedCluster['node1'] {
  return cluster[place];
}

/** Starts the daemon and waits until it has said in this run that it is active. */
export async function startAndJoin(cluster: MixedCluster, place: Place): Promise<void> {
  const { tap, lab, options } = cluster;
  const before = tap.newest(place, () => true)?.generation;
  const { node } = at(cluster, place);
  const actives = async (): Promise<number> => (await node.log()).split("status now set to: 'active'").length;
  const activesBefore = await actives();
  await at(cluster, place).start();
  if (options.medium === 'serial') {
    // Nobody listens on the line: its own log has to do.
    await lab.until(async () => (await actives()) > activesBefore, {
      withinMs: 30_000,
      what: `${place} to be active`,
    });
    return;
  }
  const joined = (): boolean => {
    const said = tap.newest(place, ({ st }) => st === 'active');
    return said !== undefined && said.generation !== before;
  };
  await lab.until(joined, { withinMs: 30_000, what: `${place} to be active` });
}

/** Both daemons at once; each ends with its own address. */
export function startTogether(trace: Part | null = { run: 'basic', fromS: 0, toS: 13 }): Step {
  return {
    name: 'start together',
    act: async (cluster) => {
      await Promise.all(cluster.machines.map((machine) => machine.start()));
    },
    after: ['a', 'b'],
    ...(trace === null ? {} : { trace }),
  };
}

export function startOne(place: Place, after: Step['after'], trace?: Part): Step {
  return {
    name: `${place} starts`,
    act: (cluster) => startAndJoin(cluster, place),
    after,
    ...(trace === undefined ? {} : { trace }),
  };
}

/** Deadtime of the stories is 3 s, and the takeover of two originals takes up to a second more; the rest is for a busy machine. */
const DEATH_OUTAGE_MAX_MS = 8000;
/** A handover stops, says so, and starts: two originals take up to 2 s; the rest is for a busy machine. */
export const HANDOVER_OUTAGE_MAX_MS = 6000;

export function powerLoss(place: Place, after: Step['after'], trace?: Part): Step {
  return {
    name: `${place} loses power`,
    act: async (cluster) => {
      await at(cluster, place).powerOff();
    },
    after,
    outageMaxMs: DEATH_OUTAGE_MAX_MS,
    ...(trace === undefined ? {} : { trace }),
  };
}

export function powerReturn(place: Place, after: Step['after'], trace?: Part): Step {
  return {
    name: `${place} has power again`,
    act: async (cluster) => {
      await at(cluster, place).powerOn();
      await startAndJoin(cluster, place);
    },
    after,
    outageMaxMs: HANDOVER_OUTAGE_MAX_MS,
    ...(trace === undefined ? {} : { trace }),
  };
}

export function shutdown(place: Place, after: Step['after'], trace?: Part): Step {
  return {
    name: `${place} is shut down`,
    act: async (cluster) => {
      await at(cluster, place).stop();
      if (cluster.options.medium === 'serial') return;
      // The other node looks again when it has been silent for its deadtime, and says that no fencing is needed.
      const beganMs = nowMs();
      const looked = (): boolean =>
        (cluster.tap.newest(OTHER[place], ({ t, node }) => t === 'stonith' && node === place)?.atMs ?? 0) >
        beganMs;
      await cluster.lab.until(looked, { withinMs: 20_000, what: 'the fencing report' });
    },
    after,
    outageMaxMs: HANDOVER_OUTAGE_MAX_MS,
    ...(trace === undefined ? {} : { trace }),
  };
}

export function standby(place: Place, set: HandedSet, after: Step['after'], trace?: Part): Step {
  return {
    name: `hb_standby ${set} on ${place}`,
    act: (cluster) => at(cluster, place).standby(set),
    after,
    outageMaxMs: HANDOVER_OUTAGE_MAX_MS,
    ...(trace === undefined ? {} : { trace }),
  };
}

export function takeover(place: Place, set: HandedSet, after: Step['after'], trace?: Part): Step {
  return {
    name: `hb_takeover ${set} on ${place}`,
    act: (cluster) => at(cluster, place).takeover(set),
    after,
    outageMaxMs: HANDOVER_OUTAGE_MAX_MS,
    ...(trace === undefined ? {} : { trace }),
  };
}
