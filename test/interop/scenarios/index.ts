/** Every story of `npm run interop`. */
import type { Story } from '../support/story.js';
import { DEVICES } from './devices.js';
import { FAULTS } from './faults.js';
import { KEYS } from './keys.js';
import { MOVES } from './moves.js';
import { PAIRWISE } from './pairwise.js';
import { SCRIPTS } from './scripts.js';

export const STORIES: readonly Story[] = [...MOVES, ...FAULTS, ...SCRIPTS, ...DEVICES, ...KEYS, ...PAIRWISE];
