/**
 * What must hold with fencing, judged from outside:
 * never a start of a group here while it is active on the other node, and never a start before the fencing of a node
 * that still runs it is confirmed (both are the same in the ledger: two owners at once); and no fencing war.
 */
import type { Simulation } from './simulation.js';

const HOUR_MS = 3_600_000;

/** With devices that do what they say there is no excuse: not one moment with two owners. */
export function judgeFencedOwnership(sim: Simulation): string[] {
  return sim.ledger
    .overlaps()
    .filter(({ fromMs, untilMs }) => untilMs !== fromMs)
    .map(
      ({ group, owners, fromMs, untilMs }) =>
        `${fromMs.toFixed(3)} ${group} is on ${owners.join(' and ')} until ${untilMs?.toFixed(3) ?? 'the end'}, with a fencing device that works`,
    );
}

/** No node is reset more often within an hour than the settings allow its peer. */
export function judgeFencingWar(sim: Simulation, perHour: number): string[] {
  const violations: string[] = [];
  const { shots } = sim.fencing;
  for (const { name } of sim.nodes) {
    const times = shots.filter(({ target }) => target === name).map(({ atMs }) => atMs);
    for (const [index, atMs] of times.entries()) {
      const first = times[index - perHour];
      if (first !== undefined && atMs - first < HOUR_MS)
        violations.push(
          `${atMs.toFixed(3)} ${name} is reset for more than the ${perHour}th time within an hour`,
        );
    }
  }
  return violations;
}
