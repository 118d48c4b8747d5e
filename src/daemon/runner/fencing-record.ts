/** STATE_DIR/fencing_record: what may have reset whom within the last hour. It bounds fencings over restarts of this node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FencingNote, FencingRecord } from '../../core/fencing/types.js';
import { bootId } from './pid-file.js';
import { replaceFile } from './state-files.js';

const SHOTS_MAX = 1000;

const fileIn = (stateDir: string): string => join(stateDir, 'fencing_record');

/**
 * The stored record. A file that is absent or damaged counts as empty: fencing must not depend on it.
 * @param boot names this boot of the machine: the offset of the clocks that another one wrote is left out
 */
export function readFencingRecord(stateDir: string, boot = bootId()): FencingRecord {
  try {
    const stored: unknown = JSON.parse(readFileSync(fileIn(stateDir), 'utf8'));
    if (typeof stored !== 'object' || stored === null) return {};
    const notes = Object.entries(stored).flatMap(([node, value]): [string, FencingNote][] => {
      const note = noteOf(value, boot);
      return note === undefined ? [] : [[node, note]];
    });
    return Object.fromEntries(notes);
  } catch {
    return {};
  }
}

function noteOf(value: unknown, thisBoot: string): FencingNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { shotsS, blocked, offsetS, boot } = value as Record<string, unknown>;
  if (!Array.isArray(shotsS) || shotsS.length > SHOTS_MAX) return undefined;
  const times = shotsS.filter((atS): atS is number => Number.isSafeInteger(atS) && atS >= 0);
  const isOfThisBoot = boot === thisBoot && thisBoot !== '' && Number.isSafeInteger(offsetS);
  return {
    shotsS: times,
    blocked: blocked === true,
    ...(isOfThisBoot && typeof offsetS === 'number' ? { offsetS } : {}),
  };
}

/** Throws StateFileError. */
export function writeFencingRecord(stateDir: string, record: FencingRecord, boot = bootId()): void {
  const notes = Object.entries(record).map(([node, note]) => [node, { ...note, boot }]);
  replaceFile(fileIn(stateDir), `${JSON.stringify(Object.fromEntries(notes))}\n`);
}
