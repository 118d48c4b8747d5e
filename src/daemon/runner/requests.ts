/** Questions to the loop whose answers come back as messages with the same number. */

export interface Requests<T> {
  /** Sends through `send(number)`; resolves with the answer, or undefined when none came within `limitMs`. */
  ask(send: (id: number) => boolean, limitMs: number): Promise<T | undefined>;
  /** An answer; one that nobody waits for is dropped. */
  answer(id: number, value: T): void;
  /** The loop is gone: all questions end without an answer. */
  abandon(): void;
}

/** Makes an empty table of questions. */
export function createRequests<T>(): Requests<T> {
  const waiting = new Map<number, (value: T | undefined) => void>();
  let lastId = 0;
  return {
    ask(send, limitMs) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(undefined), limitMs);
        const settle = (value: T | undefined): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(value);
        };
        waiting.set(id, settle);
        if (!send(id)) settle(undefined);
      });
    },
    answer(id, value) {
      waiting.get(id)?.(value);
    },
    abandon() {
      for (const settle of [...waiting.values()]) settle(undefined);
    },
  };
}
