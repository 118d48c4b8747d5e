/** Entry of the watcher of one disk: waits for its order, and ends when the runner is gone. */
import { bootTimeMs } from '../../system/clock.js';
import { lockMemory } from '../../system/memory.js';
import { endMachine } from '../../system/reboot.js';
import { setRealtime } from '../../system/scheduler.js';
import { openChannelOnFd } from '../channel.js';
import type { FromWatcher, ToWatcher } from './messages.js';
import { watchDisk } from './watcher.js';

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
  process.on(signal, () => undefined);

let begun = false;
const channel = openChannelOnFd<ToWatcher, FromWatcher>(3, {
  onMessage(order) {
    if (begun) return;
    begun = true;
    process.title = `heartbeat: watcher of ${order.device}`;
    if (order.realtime) {
      setRealtime();
      lockMemory();
    }
    const parts = {
      tell: (message: FromWatcher) => void channel.send(message),
      nowMs: bootTimeMs,
      sleep: (timeMs: number) => new Promise((resolve) => setTimeout(resolve, timeMs)),
      end: endMachine,
    };
    void watchDisk(order, parts, () => !channel.open);
  },
  onEnd: () => process.exit(0),
});
