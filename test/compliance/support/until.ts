const STEP_MS = 5;

/** Waits until `condition` holds; fails with `what` when it does not within the limit, which is meant never to count. */
export async function until(condition: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += STEP_MS) {
    if (waitedMs >= limitMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** The same without giving the event loop a turn. */
export function untilBlocking(condition: () => boolean, what: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; !condition(); i++) {
    if (i >= 4000) throw new Error(`waited in vain until ${what}`);
    Atomics.wait(pause, 0, 0, STEP_MS);
  }
}
