/**
 * Notification programs, one at a time and in the order of the changes, each with a deadline: what the last one sees is
 * the last state (vrrp-lvs.md 0, 10). At the end the queue is emptied, within a bound.
 */
export interface SerialQueue {
  /** Never rejects: what a job throws goes to `onFailure`. */
  add(job: () => Promise<void>): void;
  /** Resolves when everything is done, or when `limitMs` have passed. */
  drain(limitMs: number): Promise<void>;
  readonly length: number;
}

/** Jobs beyond `maxWaiting` push out the oldest one that has not begun; `onFailure` says so. */
export function createSerialQueue(maxWaiting: number, onFailure: (sentence: string) => void): SerialQueue {
  const waiting: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      try {
        await job();
      } catch (error) {
        onFailure(error instanceof Error ? error.message : String(error));
      }
    }
    running = undefined;
  };

  return {
    add(job) {
      if (waiting.length >= maxWaiting) {
        waiting.shift();
        onFailure(`more than ${maxWaiting} notifications wait: the oldest is dropped`);
      }
      waiting.push(job);
      running ??= work();
    },
    async drain(limitMs) {
      if (running === undefined) return;
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([running, limit]);
      clearTimeout(timer);
    },
    get length() {
      return waiting.length + (running === undefined ? 0 : 1);
    },
  };
}
