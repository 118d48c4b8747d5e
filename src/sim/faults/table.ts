/** All faults by name, and what can be done with a planned one: tell it, inflict it, draw one at random. */
import type { Dice } from '../random.js';
import type { Simulation } from '../simulation.js';
import { DEVICE_FAULTS } from './devices.js';
import { NETWORK_FAULTS } from './network.js';
import { POWER_FAULTS } from './power.js';
import { RESOURCE_FAULTS } from './resources.js';
import { type FaultRow, type FaultWorld, type PlannedFault, seconds } from './types.js';

export const FAULTS: readonly FaultRow[] = [
  ...POWER_FAULTS,
  ...NETWORK_FAULTS,
  ...RESOURCE_FAULTS,
  ...DEVICE_FAULTS,
];

const BY_KIND = new Map(FAULTS.map((row) => [row.kind, row]));

/** The row of that kind, or undefined. */
export function faultRow(kind: string): FaultRow | undefined {
  return BY_KIND.get(kind);
}

/** "at 12.5s power-off node1 for 3s": the fault as lines of the scenario language; a comment where it has no word for it. */
export function tellFault({ atMs, kind, args }: PlannedFault): string[] {
  const row = faultRow(kind);
  const words = row?.tell(args) ?? kind;
  const mark = row?.unspoken === true ? '# ' : '';
  const { forMs } = args;
  if (forMs !== undefined && row?.tellEnd !== undefined)
    return [`at ${seconds(atMs)} ${words}`, `at ${seconds(atMs + forMs)} ${row.tellEnd(args)}`];
  return [`${mark}at ${seconds(atMs)} ${words}${forMs === undefined ? '' : ` for ${seconds(forMs)}`}`];
}

/** Plans the fault and its healing in the run. Throws RangeError when there is no fault of that kind. */
export function planFault(sim: Simulation, { atMs, kind, args }: PlannedFault): void {
  const row = faultRow(kind);
  if (row === undefined) throw new RangeError(`there is no fault ${kind}`);
  sim.at(atMs, () => {
    const heal = row.inflict(sim, args);
    if (heal !== undefined && args.forMs !== undefined) sim.queue.after(args.forMs, heal);
  });
}

/** A random fault of a random kind within the first `withinMs` of a run. */
export function drawFault(dice: Dice, world: FaultWorld, withinMs: number): PlannedFault {
  for (;;) {
    const total = FAULTS.reduce((sum, { weight }) => sum + weight, 0);
    let rest = dice.next() * total;
    const row = FAULTS.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    const args = row?.draw(dice, world);
    if (row === undefined || args === undefined) continue;
    return { atMs: Math.round(dice.next() * withinMs), kind: row.kind, args };
  }
}
