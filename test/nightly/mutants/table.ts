/** All deliberate protocol faults, in the order in which they are tried. */
import { LIVENESS } from './liveness.js';
import type { Mutant } from './mutant.js';
import { OWNERSHIP } from './ownership.js';
import { WORK } from './work.js';

export const MUTANTS: readonly Mutant[] = [...LIVENESS, ...OWNERSHIP, ...WORK];
