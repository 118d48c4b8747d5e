/** Every story of `npm run interop`. */
import type { Story } from '../support/story.js';
import { FAULTS } from './faults.js';
import { MOVES } from './moves.js';

export const STORIES: readonly Story[] = [...MOVES, ...FAULTS];
