import { Worker } from 'node:worker_threads';

const SLEEP_MS = 5;

/**
 * The noise figure of a measurement (heartbeat-admin.md 11.1): how late a thread that only sleeps was woken at worst.
 * A figure far above the usual says that the machine was busy and the run proves nothing.
 */
export class Sleeper {
  readonly #cells = new Int32Array(new SharedArrayBuffer(12));
  readonly #worker: Worker;

  /** `realtime`: of the class that the lab's instruments have with that option. */
  constructor(realtime = false) {
    this.#worker = new Worker(new URL('./sleeper-thread.js', import.meta.url), {
      workerData: { shared: this.#cells.buffer, sleepMs: SLEEP_MS, realtime },
    });
    this.#worker.unref();
  }

  /** The worst oversleep since the start or the last `reset`, in milliseconds. */
  worstMs(): number {
    return Atomics.load(this.#cells, 0) / 1000;
  }

  /** Starts the figure anew. */
  reset(): void {
    Atomics.store(this.#cells, 0, 0);
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    Atomics.store(this.#cells, 1, 1);
    await this.#worker.terminate();
  }
}
