/**
 * Every message of a healthy sender is delivered, or given up by the stated rule: between two runs that both go on to the
 * end and did not declare each other dead after it was sent. Heartbeats are not asked for again when a newer one has come.
 */
import type { Check } from './types.js';

/** The newest messages may still be under way at the end, and are asked for again only when a later one shows the gap. */
const UNDER_WAY_MS = 10_000;

export const DELIVERY: Check = {
  name: 'delivery',
  rule: 'Every message of a sender that stays is heard by each peer that stays, or given up by the rule (NAK, history, gap of 250).',
  judge: ({ sim }) => {
    const violations: string[] = [];
    for (const { from, to, seq, type, atMs } of sim.post.undelivered(sim.nowMs - UNDER_WAY_MS))
      violations.push(`${atMs.toFixed(3)} ${type} ${seq} of ${from} never came to ${to}`);
    return violations;
  },
};
