/** Start and stop order; what it looks at is collected while the run goes on (order-check.ts). */
import type { Check } from './types.js';

export const ORDER: Check = {
  name: 'order',
  rule: 'Within a group nothing starts before what stands before it, and nothing stops before what stands behind it.',
  judge: ({ sim }) => [...sim.order.violations],
};
