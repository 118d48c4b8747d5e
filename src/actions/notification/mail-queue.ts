/**
 * Mails in order: each is tried again with growing pauses when the server does not take it, and no more than so many
 * leave within an hour. At the end of the daemon what waits is tried once more, within a bound.
 */
import type { Mail } from './mail.js';

/** Pauses between the attempts for one mail; after the last one it is given up. */
export const RETRY_PAUSES_MS = [5000, 15_000, 60_000, 300_000, 900_000] as const;
const HOUR_MS = 3_600_000;
/** Mails that wait beyond this are dropped: the server has been away for long. */
const WAITING_MAX = 200;

export interface MailQueueParts {
  /** Rejects with a reason in words. */
  readonly send: (mail: Mail) => Promise<void>;
  readonly perHour: () => number;
  readonly nowMs: () => number;
  readonly problem: (sentence: string) => void;
  /** Absent: RETRY_PAUSES_MS. */
  readonly pausesMs?: readonly number[];
}

export interface MailQueue {
  add(mail: Mail): void;
  /** No more pauses: resolves when all is tried, or after `limitMs`. */
  drain(limitMs: number): Promise<void>;
}

/** Makes an empty queue. */
export function createMailQueue(parts: MailQueueParts): MailQueue {
  const pausesMs = parts.pausesMs ?? RETRY_PAUSES_MS;
  const waiting: Mail[] = [];
  let acceptedMs: number[] = [];
  let running: Promise<void> | undefined;
  let ending = false;
  let wake: (() => void) | undefined;

  const pause = (forMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const deliver = async (mail: Mail): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        await parts.send(mail);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const pauseMs = ending ? undefined : pausesMs[attempt];
        const next = pauseMs === undefined ? 'given up' : `next try in ${Math.ceil(pauseMs / 1000)} s`;
        parts.problem(`The mail "${mail.subject}" was not sent (${next}): ${reason}.`);
        if (pauseMs === undefined) return;
        await pause(pauseMs);
      }
    }
  };

  const work = async (): Promise<void> => {
    for (let mail = waiting.shift(); mail !== undefined; mail = waiting.shift()) await deliver(mail);
    running = undefined;
  };

  return {
    add(mail) {
      const nowMs = parts.nowMs();
      acceptedMs = acceptedMs.filter((atMs) => atMs > nowMs - HOUR_MS);
      const perHour = parts.perHour();
      if (acceptedMs.length >= perHour || waiting.length >= WAITING_MAX) return;
      acceptedMs.push(nowMs);
      const isLast = acceptedMs.length === perHour;
      if (isLast) parts.problem(`${perHour} mails within an hour: further events are only logged.`);
      const note = `\n\nThis is mail ${perHour} within an hour: further events are only in the log for a while.\n`;
      waiting.push(isLast ? { ...mail, body: mail.body + note } : mail);
      running ??= work();
    },
    async drain(limitMs) {
      ending = true;
      wake?.();
      if (running === undefined) return;
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([running, limit]);
      clearTimeout(timer);
    },
  };
}
