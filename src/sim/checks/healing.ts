/** A while after the last fault: every group whole, on exactly one node, as that node believes, and nothing moves. */
import type { Simulation } from '../simulation.js';
import type { Check } from './types.js';

/** The same for a run without a plan: `quietMs` have passed since everything healed. */
export function judgeAfterHealing(
  sim: Simulation,
  quietMs: number,
  mayBeDown: (group: string) => boolean = () => false,
): string[] {
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
    if (owner === undefined && mayBeDown(key)) continue;
    if (owners.length !== 1 || owner === undefined) {
      const where = owners.length === 0 ? 'no node' : owners.join(' and ');
      violations.push(`${at} ${key} is on ${where} after healing`);
      continue;
    }
    const absent = resources.filter(({ word }) => !sim.ledger.isActive(key, owner, word));
    if (absent.length > 0) {
      const words = absent.map(({ word }) => word).join(', ');
      violations.push(`${at} ${key} on ${owner} lacks ${words} after healing`);
    }
    for (const node of sim.nodes) {
      const wanted = node.state?.resources.groups.find((candidate) => candidate.key === key)?.wanted;
      if (wanted !== undefined && wanted !== (node.name === owner))
        violations.push(`${at} ${node.name} is wrong about ${key}, which is on ${owner}`);
    }
    const last = sim.ledger.lastChange(key);
    if (last !== undefined && sim.nowMs - last.atMs < quietMs / 2)
      violations.push(`${last.atMs.toFixed(3)} ${key} still moves long after healing`);
  }
  return violations;
}

export const HEALING: Check = {
  name: 'healing',
  rule: 'Initdead and 60 s after the last fault every group is whole on exactly one node, and moved last 30 s before.',
  judge: ({ sim, plan }) => {
    // A legacy original can be offered nothing: what failed once on its partner stays down until cleanup, and that is said.
    const isGivenUp = (group: string): boolean =>
      plan.original !== undefined &&
      plan.pair.autoFailback === 'legacy' &&
      sim.said.some(({ code, text }) => code === 'group-given-up' && text.includes(`group ${group} `));
    return judgeAfterHealing(sim, plan.quietMs - plan.pair.initdeadMs, isGivenUp);
  },
};
