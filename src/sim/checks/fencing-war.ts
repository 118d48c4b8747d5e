/** No fencing war: the settings bound how often a node is reset. */
import { judgeFencingWar } from '../fencing-check.js';
import type { Check } from './types.js';

/** The default of `[fencing] per hour`. */
const PER_HOUR = 3;

export const FENCING_WAR: Check = {
  name: 'fencing-war',
  rule: 'No node is reset more often within an hour than its peer is allowed to.',
  judge: ({ sim }) => judgeFencingWar(sim, PER_HOUR),
};
