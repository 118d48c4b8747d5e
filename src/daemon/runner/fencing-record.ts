/** STATE_DIR/fencing_record: what may have reset whom within the last hour. It bounds fencings over restarts of this node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FencingNote, FencingRecord } from '../../core/fencing/types.js';
import { replaceFile } from './state-files.js';

const SHOTS_MAX = 1000;

const fileIn = (stateDir: string): string => join(stateDir, 'fencing_record');

/** The stored record. A file that is absent or damaged counts as empty: fencing must not depend on it. */
export function readFencingRecord(stateDir: string): FencingRecord {
  try {
    const stored: unknown = JSON.parse(readFileSync(fileIn(stateDir), 'utf8'));
    if (typeof stored !== 'object' || stored === null) return {};
    const notes = Object.entries(stored).flatMap(([node, value]): [string, FencingNote][] => {
      const note = noteOf(value);
      return note === undefined ? [] : [[node, note]];
    });
    return Object.fromEntries(notes);
  } catch {
    return {};
  }
}

function noteOf(value: unknown): FencingNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { shotsS, blocked } = value as Record<string, unknown>;
  if (!Array.isArray(shotsS) || shotsS.length > SHOTS_MAX) return undefined;
  const times = shotsS.filter((atS): atS is number => Number.isSafeInteger(atS) && atS >= 0);
  return { shotsS: times, blocked: blocked === true };
}

/** Throws StateFileError. */
export function writeFencingRecord(stateDir: string, record: FencingRecord): void {
  replaceFile(fileIn(stateDir), `${JSON.stringify(record)}\n`);
}
