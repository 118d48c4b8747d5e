/** All checks of the random search. A further one is one further row. */
import { AVAILABILITY } from './availability.js';
import { DELIVERY } from './delivery.js';
import { FENCING_WAR } from './fencing-war.js';
import { HEALING } from './healing.js';
import { IDLE_LOSS } from './idle-loss.js';
import { MEMORY } from './memory.js';
import { MOVES } from './moves.js';
import { ORDER } from './order.js';
import { OWNERSHIP } from './ownership.js';
import type { Check } from './types.js';

export const CHECKS: readonly Check[] = [
  ORDER,
  OWNERSHIP,
  HEALING,
  FENCING_WAR,
  MOVES,
  AVAILABILITY,
  IDLE_LOSS,
  DELIVERY,
  MEMORY,
];
