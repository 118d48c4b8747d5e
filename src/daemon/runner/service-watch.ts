/**
 * Looks at the cluster once a second, and at once when something was decided, and keeps the account of the groups'
 * service in STATE_DIR/availability.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlResponse } from '../control/protocol.js';
import {
  type AvailabilityBook,
  availabilityOf,
  EMPTY_BOOK,
  type GroupAccount,
  type GroupAvailability,
  look,
} from './availability.js';
import { replaceFile } from './state-files.js';

/** One picture, as the control socket gives it. */
export type Taken = Extract<ControlResponse, { readonly kind: 'snapshot' }>;

export interface ServiceWatchParts {
  readonly stateDir: string;
  /** Undefined when the loop does not answer. Never rejects. */
  readonly snapshot: () => Promise<Taken | undefined>;
  /** Told a whole sentence when the account cannot be kept. */
  readonly problem: (sentence: string) => void;
  /** The newest picture, as it was taken. */
  readonly onLook?: (taken: Taken) => void;
  readonly lookIntervalMs?: number;
}

export interface ServiceWatch {
  start(): void;
  /** Something was decided: look now, and closely while a service is down. */
  hurry(): void;
  /** The figures of these groups. */
  figures(keys: readonly string[]): readonly GroupAvailability[];
  /** Looks no more; what is known is on the disk. */
  close(): void;
}

const LOOK_INTERVAL_MS = 1000;
const CLOSE_LOOK_MS = 100;
/** How long it looks closely at a service that stays down. */
const CLOSE_LOOKS = 300;
const SAVE_INTERVAL_MS = 60_000;

/** Makes the watch; nothing is read or asked before `start`. */
export function createServiceWatch(parts: ServiceWatchParts): ServiceWatch {
  const path = join(parts.stateDir, 'availability.json');
  const intervalMs = parts.lookIntervalMs ?? LOOK_INTERVAL_MS;
  let book: AvailabilityBook = EMPTY_BOOK;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let again = false;
  let closeLooks = 0;
  let running = false;
  let saved = '';
  let savedWallMs = 0;

  const save = (): void => {
    try {
      replaceFile(path, `${JSON.stringify(book)}\n`);
      savedWallMs = book.lookedWallMs;
      saved = changesOf(book);
    } catch (error) {
      savedWallMs = book.lookedWallMs;
      parts.problem(error instanceof Error ? error.message : String(error));
    }
  };

  const lookNow = async (): Promise<void> => {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    clearTimeout(timer);
    const taken = await parts.snapshot();
    looking = false;
    if (!running) return;
    if (taken !== undefined) {
      book = look(book, taken.snapshot.status, Date.now());
      parts.onLook?.(taken);
      if (changesOf(book) !== saved || book.lookedWallMs - savedWallMs >= SAVE_INTERVAL_MS) save();
    }
    const isDown = Object.values(book.groups).some(({ server }) => server === null);
    closeLooks = isDown ? closeLooks - 1 : 0;
    const soon = again || (isDown && closeLooks > 0);
    again = false;
    timer = setTimeout(() => void lookNow(), soon ? Math.min(CLOSE_LOOK_MS, intervalMs) : intervalMs);
  };

  return {
    start() {
      if (running) return;
      running = true;
      book = readBook(path);
      saved = changesOf(book);
      savedWallMs = book.lookedWallMs;
      void lookNow();
    },
    hurry() {
      if (!running) return;
      closeLooks = CLOSE_LOOKS;
      void lookNow();
    },
    figures: (keys) => availabilityOf(book, keys),
    close() {
      if (!running) return;
      running = false;
      clearTimeout(timer);
      if (book !== EMPTY_BOOK) save();
    },
  };
}

/** What is worth a write at once: who serves what, and the outages. */
function changesOf({ groups }: AvailabilityBook): string {
  return JSON.stringify(Object.entries(groups).map(([key, { server, outages }]) => [key, server, outages]));
}

/** The stored book; a file that is absent or damaged counts as empty: nothing depends on it but the figures. */
export function readBook(path: string): AvailabilityBook {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as Partial<AvailabilityBook> | null;
    if (stored?.version !== 1 || typeof stored.lookedWallMs !== 'number') return EMPTY_BOOK;
    if (typeof stored.groups !== 'object' || stored.groups === null) return EMPTY_BOOK;
    const groups = Object.entries(stored.groups).filter(([, account]) => isAccount(account));
    return { version: 1, lookedWallMs: stored.lookedWallMs, groups: Object.fromEntries(groups) };
  } catch {
    return EMPTY_BOOK;
  }
}

function isAccount(value: unknown): value is GroupAccount {
  if (typeof value !== 'object' || value === null) return false;
  const { sinceWallMs, upMs, downMs, outages, server, lastOutages, spans } = value as Record<string, unknown>;
  const numbers = [sinceWallMs, upMs, downMs, outages].every(
    (one) => Number.isFinite(one) && Number(one) >= 0,
  );
  const serverFits = server === undefined || server === null || typeof server === 'string';
  return numbers && serverFits && Array.isArray(lastOutages) && Array.isArray(spans);
}
