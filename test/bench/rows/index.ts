/** Every row of the bench, in the order of its table. */
import type { Row } from '../support/row.js';
import { ADDRESSES } from './addresses.js';
import { CALM } from './calm.js';
import { COST } from './cost.js';
import { OUTAGES } from './outages.js';
import { SCRIPTS } from './scripts.js';

export const ROWS: readonly Row[] = [...OUTAGES, ...ADDRESSES, ...SCRIPTS, ...COST, ...CALM];
