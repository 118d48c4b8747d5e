/** Nothing grows without a bound: what the cores keep, and what they say. */
import { HISTORY_LENGTH } from '../../core/heartbeat/state.js';
import type { Check } from './types.js';

const MISSING_MAX = 500;
/** Timers of one kind for each peer, link, group and step, and a few single ones. */
const TIMERS_PER_THING = 8;
/** A node says at most so many lines a minute on average over a run, faults included; in peace it says none. */
const LINES_PER_MINUTE = 600;
const MINUTE_MS = 60_000;

export const MEMORY: Check = {
  name: 'memory',
  rule: `Histories, missing numbers, timers and moves keep their bounds; at most ${LINES_PER_MINUTE} log lines a minute.`,
  judge: ({ sim, plan }) => {
    const violations: string[] = [];
    const at = sim.nowMs.toFixed(3);
    const bound = (node: string, what: string, count: number, most: number): void => {
      if (count > most) violations.push(`${at} ${node} keeps ${count} ${what}, at most ${most} are allowed`);
    };
    for (const node of sim.nodes) {
      const { state, name } = node;
      bound(name, 'log lines', sim.lines.get(name) ?? 0, (LINES_PER_MINUTE * sim.nowMs) / MINUTE_MS);
      if (state === undefined) continue;
      const steps = plan.pair.groups.reduce((sum, { resources }) => sum + resources.length + 1, 0);
      const things = steps + plan.nodes.length * (1 + plan.links.length) + 2;
      bound(name, 'sent messages', state.outgoing.history.length, HISTORY_LENGTH);
      bound(name, 'timers', state.timers.count, TIMERS_PER_THING * things);
      bound(name, 'moves', state.resources.transitions.length, 2 * plan.pair.groups.length + 6);
      for (const peer of state.peers.values()) {
        bound(name, `missing numbers of ${peer.name}`, peer.tracking.missing.size, MISSING_MAX);
        bound(name, `links of ${peer.name}`, peer.links.size, plan.links.length);
      }
    }
    return violations;
  },
};
