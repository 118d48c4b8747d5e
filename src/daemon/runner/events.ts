/**
 * The event journal: the newest decisions with their reasons, for `heartbeat status`, `heartbeat events` and the status
 * page. It is kept in the state directory, one JSON object a line, and outlives restarts; what a crash cuts off is the
 * last line only.
 */

import { readFileSync } from 'node:fs';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventSubject } from '../../core/effect.js';

export interface DaemonEvent {
  /** Stable kebab-case. */
  readonly code: string;
  /** One sentence. */
  readonly text: string;
  /** Unix time in ms. */
  readonly wallMs: number;
  /** Whom it concerns, where that is known. */
  readonly about?: EventSubject;
}

export interface EventList {
  add(event: DaemonEvent): void;
  /** The newest `count`, oldest first. */
  last(count: number): readonly DaemonEvent[];
  /** Waits until everything is on the disk, within a bound. */
  drain(): Promise<void>;
}

/** So many events are kept; the file has up to twice as many lines before it is written anew. */
export const EVENT_LIMIT = 500;
const DRAIN_LIMIT_MS = 1000;
const TEXT_MAX = 1000;

/** Where the journal of a state directory stands. */
export function eventFile(stateDir: string): string {
  return join(stateDir, 'events.jsonl');
}

/**
 * Opens the journal of a state directory.
 * @param problem told a whole sentence when it cannot be written; the events stay in memory
 */
export function createEventList(
  stateDir: string,
  problem: (sentence: string) => void,
  limit = EVENT_LIMIT,
): EventList {
  const path = eventFile(stateDir);
  const stored = readEvents(path);
  const events: DaemonEvent[] = stored.events.slice(-limit);
  let lines = stored.lines;
  let unsaved: DaemonEvent[] = [];
  let saving: Promise<void> | undefined;

  const save = async (): Promise<void> => {
    while (unsaved.length > 0) {
      const batch = unsaved;
      unsaved = [];
      if (lines + batch.length > 2 * limit) {
        await writeFile(`${path}.tmp`, textOf(events), { mode: 0o600 });
        await rename(`${path}.tmp`, path);
        lines = events.length;
      } else {
        // What a crash left of a line must not swallow the next one: an empty line is nothing.
        await appendFile(path, `${stored.cut ? '\n' : ''}${textOf(batch)}`, { mode: 0o600 });
        stored.cut = false;
        lines += batch.length;
      }
    }
  };

  return {
    add(event) {
      const kept = { ...event, text: event.text.slice(0, TEXT_MAX) };
      events.push(kept);
      if (events.length > limit) events.shift();
      unsaved.push(kept);
      if (unsaved.length > limit) unsaved.shift();
      saving ??= save()
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          problem(`The event journal cannot be written: ${reason}. It tries again with the next event.`);
        })
        .finally(() => {
          saving = undefined;
        });
    },
    last: (count) => events.slice(-Math.max(1, count)),
    async drain() {
      if (saving !== undefined) await Promise.race([saving, sleep(DRAIN_LIMIT_MS)]);
    },
  };
}

/** The events of a journal, the oldest first; what is damaged or absent is left out. */
export function readEvents(path: string): { events: DaemonEvent[]; lines: number; cut: boolean } {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // none yet
  }
  const lines = text.split('\n').filter((line) => line !== '');
  const events = lines.flatMap((line) => {
    const event = eventOf(line);
    return event === undefined ? [] : [event];
  });
  return { events, lines: lines.length, cut: text !== '' && !text.endsWith('\n') };
}

function eventOf(line: string): DaemonEvent | undefined {
  try {
    const value = JSON.parse(line) as Partial<DaemonEvent> | null;
    if (value === null || typeof value !== 'object') return undefined;
    const { code, text, wallMs, about } = value;
    if (typeof code !== 'string' || typeof text !== 'string' || typeof wallMs !== 'number') return undefined;
    return { code, text, wallMs, ...(typeof about === 'object' && about !== null ? { about } : {}) };
  } catch {
    return undefined;
  }
}

function textOf(events: readonly DaemonEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
