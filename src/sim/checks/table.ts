/** All checks of the random search. A further one is one further row. */
import { FENCING_WAR } from './fencing-war.js';
import { HEALING } from './healing.js';
import { ORDER } from './order.js';
import { OWNERSHIP } from './ownership.js';
import type { Check } from './types.js';

export const CHECKS: readonly Check[] = [ORDER, OWNERSHIP, HEALING, FENCING_WAR];
