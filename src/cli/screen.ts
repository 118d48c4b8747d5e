/** A terminal that is redrawn in place, and left as it was found. */
import type { Output } from './output.js';

export interface Screen {
  /** Puts this text in place of what was there. Where there is no terminal it is written below, with an empty line. */
  readonly show: (text: string) => void;
  /** Until the next redraw, or the end. */
  pause(): Promise<void>;
  /** Ctrl-C or SIGTERM came. */
  readonly over: boolean;
  /** Gives the terminal back. */
  close(): void;
}

const INTERVAL_MS = 1000;
const ESCAPE = '\u001b[';
/** The second page of the terminal, without a cursor; long lines are cut at its edge. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l`;
const LEAVE = `${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`;
const HOME = `${ESCAPE}H`;
const CLEAR_LINE = `${ESCAPE}K`;
const CLEAR_BELOW = `${ESCAPE}J`;

/** Begins to redraw; SIGINT, SIGTERM and SIGHUP end it in good order. */
export function openScreen(output: Output, intervalMs = INTERVAL_MS): Screen {
  let over = false;
  let wake: (() => void) | undefined;
  const end = (): void => {
    over = true;
    wake?.();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  const raw = output.raw ?? (() => undefined);
  if (output.terminal) raw(ENTER);
  return {
    show(text) {
      if (!output.terminal) {
        output.out(`${text}\n`);
        return;
      }
      // Line by line in place of a blank page first: nothing flickers. What is below the last row is not shown.
      const rows = output.rows ?? Number.POSITIVE_INFINITY;
      const lines = text.split('\n').slice(0, rows - 1);
      raw(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\n')}\n${CLEAR_BELOW}`);
    },
    pause: () =>
      new Promise((resolve) => {
        if (over) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    get over() {
      return over;
    },
    close() {
      if (output.terminal) raw(LEAVE);
      for (const signal of signals) process.off(signal, end);
    },
  };
}
