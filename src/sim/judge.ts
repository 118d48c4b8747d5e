/** What must hold whatever happens, judged by what was really active where. Every violation is a sentence. */
import type { ExcuseKind, Excuses } from './excuses.js';
import type { Simulation } from './simulation.js';

/** Between the end of an excuse and one owner: the two must hear each other, and one must have stopped. */
const SETTLE_MS = 2000;
/** A node that hears its peer again gives it three keepalives to answer; the first and the last may be late. */
const HEARING_KEEPALIVES = 5;
const STOP_STEP_MS = 25;
const FAILING_STOP_MS = 4100;

/** Two owners only where theory demands it, and no longer. */
export function judgeOwnership(sim: Simulation, excuses: Excuses): string[] {
  const config = sim.nodes[0]?.config;
  if (config === undefined) return [];
  const steps = config.groups.reduce((sum, { resources }) => sum + resources.length, 0);
  // A stop that fails is tried again a second apart while the fault lasts (three seconds).
  const slackMs =
    SETTLE_MS + HEARING_KEEPALIVES * config.keepaliveMs + steps * STOP_STEP_MS + FAILING_STOP_MS;
  // With a watchdog a node is gone in time whatever happens to its program or its scripts.
  const guarded = config.watchdog !== undefined;
  const kinds: readonly ExcuseKind[] = guarded
    ? ['partition', 'maintenance']
    : ['partition', 'one-way', 'stopped-program', 'maintenance'];
  const violations: string[] = [];
  for (const { group, owners, fromMs, untilMs } of sim.ledger.overlaps()) {
    const endMs = untilMs ?? sim.nowMs;
    if (endMs === fromMs || excuses.covers(fromMs, endMs, kinds, slackMs)) continue;
    violations.push(
      `${fromMs.toFixed(3)} ${group} is on ${owners.join(' and ')} until ${endMs.toFixed(3)}, without an excuse`,
    );
  }
  for (const { group, owners, fromMs, untilMs } of sim.addresses.overlaps()) {
    const endMs = untilMs ?? sim.nowMs;
    const addressSlackMs = SETTLE_MS + HEARING_KEEPALIVES * config.keepaliveMs;
    if (
      endMs === fromMs ||
      excuses.covers(
        fromMs,
        endMs,
        guarded ? kinds : ['partition', 'stopped-program', 'maintenance'],
        addressSlackMs,
      )
    )
      continue;
    violations.push(
      `${fromMs.toFixed(3)} address ${group} is on ${owners.join(' and ')} until ${endMs.toFixed(3)}, without an excuse`,
    );
  }
  return violations;
}

/** A while after the last fault: every group whole, on exactly one node, as that node believes, and nothing moves. */
export function judgeAfterHealing(sim: Simulation, quietMs: number): string[] {
  const violations: string[] = [];
  const at = sim.nowMs.toFixed(3);
  const [first] = sim.nodes;
  if (first === undefined) return [];
  for (const node of sim.nodes) {
    if (node.state === undefined) violations.push(`${at} ${node.name} does not run after healing`);
  }
  for (const { key, resources } of first.config.groups) {
    const owners = sim.owners(key);
    const [owner] = owners;
    if (owners.length !== 1 || owner === undefined) {
      violations.push(
        `${at} ${key} is on ${owners.length === 0 ? 'no node' : owners.join(' and ')} after healing`,
      );
      continue;
    }
    const absent = resources.filter(({ word }) => !sim.ledger.isActive(key, owner, word));
    if (absent.length > 0)
      violations.push(
        `${at} ${key} on ${owner} lacks ${absent.map(({ word }) => word).join(', ')} after healing`,
      );
    for (const node of sim.nodes) {
      const wanted = node.state?.resources.groups.find((candidate) => candidate.key === key)?.wanted;
      if (wanted !== (node.name === owner))
        violations.push(`${at} ${node.name} is wrong about ${key}, which is on ${owner}`);
    }
    const last = sim.ledger.lastChange(key);
    if (last !== undefined && sim.nowMs - last.atMs < quietMs / 2)
      violations.push(`${last.atMs.toFixed(3)} ${key} still moves long after healing`);
  }
  return violations;
}
