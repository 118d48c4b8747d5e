/** Of the lab's instruments, below what the daemons under test have: they never delay what they measure. */
export const INSTRUMENT_PRIORITY = 10;
