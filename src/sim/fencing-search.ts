/** The random search with fencing devices: with devices that work there is no excuse for two owners, nor for a war. */
import { KEYS, pairConfig } from './cluster.js';
import { Excuses } from './excuses.js';
import { injectFault } from './faults.js';
import { judgeFencedOwnership, judgeFencingWar } from './fencing-check.js';
import type { DeviceBehaviour } from './fencing-device.js';
import { judgeAfterHealing } from './judge.js';
import { Dice } from './random.js';
import { randomPair, type SeedResult } from './search.js';
import { Simulation } from './simulation.js';

const FAULTY_MS = 120_000;
const QUIET_MS = 180_000;
const PER_HOUR = 3;

/** Good devices, fast or slow; and some that fail for a while, which only costs time. */
function randomBehaviour(dice: Dice): Partial<DeviceBehaviour> {
  const durationMs = dice.between(1, dice.chance(0.3) ? 40_000 : 3000);
  return { kind: dice.pick(['works', 'works', 'works', 'fails', 'hangs']), durationMs };
}

/** Runs one seed. A broken invariant of the core is a violation too. Never throws. */
export function runFencingSeed(seed: number, options: { readonly recordEffects?: boolean } = {}): SeedResult {
  const dice = new Dice(seed ^ 0xfe9ce);
  const devices = dice.between(1, 2);
  const pair = {
    ...randomPair(dice),
    stonith: ['external/one', 'external/two'].slice(0, devices),
    settings: { fencingDelayMs: dice.pick([0, 2000, 2000, 5000]), fencingDeadlineMs: 45_000 },
  };
  const sim = new Simulation({
    nodes: ['node1', 'node2'].map((name) => ({ config: pairConfig(name, pair), authKeys: KEYS })),
    links: ['eth1', 'eth2', 'eth3'].slice(0, dice.between(1, 3)),
    seed,
    recordEffects: options.recordEffects ?? false,
  });
  sim.bootMs = dice.between(1000, 30_000);
  const faults: string[] = [
    `auto_failback ${pair.autoFailback}, keepalive ${pair.keepaliveMs} ms, deadtime ${pair.deadtimeMs} ms, ` +
      `initdead ${pair.initdeadMs} ms, links ${sim.network.links.length}, devices ${devices}, boot ${sim.bootMs} ms`,
    ...pair.groups.map(({ node, resources }) => [node, ...resources.map(({ word }) => word)].join(' ')),
  ];
  const violations: string[] = [];
  const note = (sentence: string): void => {
    faults.push(`${sim.nowMs.toFixed(3)} ${sentence}`);
  };
  try {
    for (const { name } of sim.nodes) {
      for (let device = 0; device < devices; device++) {
        const behaviour = randomBehaviour(dice);
        sim.fencing.behave(name, device, behaviour);
        note(`device ${device} of ${name} ${behaviour.kind}, ${behaviour.durationMs} ms`);
      }
    }
    live(sim, dice, pair.deadtimeMs, note);
    sim.runFor(pair.initdeadMs + QUIET_MS);
    violations.push(
      ...sim.order.violations,
      ...judgeFencedOwnership(sim),
      ...judgeFencingWar(sim, PER_HOUR),
      ...judgeAfterHealing(sim, 30_000),
    );
  } catch (error) {
    violations.push(
      `${sim.nowMs.toFixed(3)} the core ended: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  return { seed, virtualMs: sim.nowMs, faults, violations, sim };
}

function live(sim: Simulation, dice: Dice, deadtimeMs: number, note: (sentence: string) => void): void {
  const excuses = new Excuses(sim);
  const failing = sim.nodes[dice.between(0, 1)];
  if (failing === undefined) return;
  sim.network.record = true;
  for (const node of sim.nodes) {
    node.maxTurnDelayMs = dice.next() * 3;
    sim.at(dice.next() * deadtimeMs, () => node.powerOn());
  }
  const context = { sim, dice, excuses, deadtimeMs, failing, note };
  const count = dice.between(1, 12);
  for (let index = 0; index < count; index++) {
    sim.at(dice.next() * FAULTY_MS, () => injectFault(context));
  }
  if (dice.chance(0.6)) {
    const [fromMs, lastsMs] = [dice.next() * FAULTY_MS, dice.between(5000, 60_000)];
    sim.at(fromMs, () => {
      note(`cut all links for ${lastsMs} ms`);
      sim.network.setLink(undefined, { cut: true });
    });
    sim.at(fromMs + lastsMs, () => sim.network.setLink(undefined, { cut: false }));
  }
  sim.runFor(FAULTY_MS + deadtimeMs * 6);
  note('everything heals');
  sim.network.heal();
  sim.fencing.behaveWell();
  for (const node of sim.nodes) {
    node.runner.behaveWell();
    node.resume('packets');
    node.powerOn();
  }
}
