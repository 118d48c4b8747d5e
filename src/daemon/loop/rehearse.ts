/** When a loop process goes through its rehearsal: before it serves, or beside that without being in the way. */
import { step } from '../../core/step.js';
import { bootTimeMs } from '../../system/clock.js';
import { rehearsal } from './rehearsal.js';

/** So long at a time a process rehearses: a heartbeat never waits for more. */
const SLICE_MS = 2;
/** Between two slices of a process that serves: it may have real-time priority, and others need the processor too. */
const PAUSE_MS = 20;

export interface Rehearsing {
  /** Does the rest at once, some ten milliseconds. For a daemon that starts: nobody waits for its heartbeats yet. */
  finish(): void;
  /** The rest is done in short slices, far apart. For a process that takes the place of another at once. */
  giveWay(): void;
}

/** Goes through a takeover and a failback in memory, in slices, while nothing else is to be done. */
export function rehearse(): Rehearsing {
  const turns = rehearsal(step);
  let isOver = false;
  let isServing = false;
  const slice = (): void => {
    const untilMs = bootTimeMs() + SLICE_MS;
    while (!isOver && bootTimeMs() < untilMs) isOver = turns.next().done === true;
    if (isOver) return;
    if (isServing) setTimeout(slice, PAUSE_MS);
    else setImmediate(slice);
  };
  setImmediate(slice);
  return {
    finish() {
      while (!isOver) isOver = turns.next().done === true;
    },
    giveWay() {
      isServing = true;
    },
  };
}
