import { workerData } from 'node:worker_threads';
import { setRealtime } from '../../../src/system/scheduler.js';
import { INSTRUMENT_PRIORITY } from './agent/priority.js';
import { nowMs } from './clock.js';

/** A thread that sleeps 5 ms again and again and notes its worst oversleep in microseconds. */
const { shared, sleepMs, realtime } = workerData as {
  shared: SharedArrayBuffer;
  sleepMs: number;
  realtime: boolean;
};
if (realtime) setRealtime(INSTRUMENT_PRIORITY);
const [WORST, STOP, NEVER] = [0, 1, 2];
const cells = new Int32Array(shared);

while (Atomics.load(cells, STOP) === 0) {
  const beforeMs = nowMs();
  Atomics.wait(cells, NEVER, 0, sleepMs);
  const overUs = Math.round((nowMs() - beforeMs - sleepMs) * 1000);
  if (overUs > Atomics.load(cells, WORST)) Atomics.store(cells, WORST, overUs);
}
