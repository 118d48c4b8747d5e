/** Entry of the loop process: everything is loaded, nothing is touched before the runner says `boot`. */

import { lockMemory } from '../../system/memory.js';
import { setRealtime } from '../../system/scheduler.js';
import type { Boot, ToLoop } from '../mailbox.js';
import { Loop } from './loop.js';
import { rehearse } from './rehearse.js';
import { RunnerChannel } from './runner-channel.js';

/** Locking takes some 20 ms: not in the way of the first heartbeats. */
const LOCK_AFTER_MS = 500;

let loop: Loop | undefined;

// Only the runner ends this process; a signal meant for the daemon goes to the runner. SIGUSR1 would open Node's
// debugger on a TCP port if nobody listened for it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
  process.on(signal, () => undefined);

const rehearsing = rehearse();
const runner = new RunnerChannel(3, (message: ToLoop) => {
  if (message.kind !== 'boot') {
    loop?.receive(message);
    return;
  }
  if (loop !== undefined) return;
  // Before the priority is raised: at its height even a short rehearsal keeps the processor from the services.
  if (message.boot.checkpoint === undefined) rehearsing.finish();
  else rehearsing.giveWay();
  raisePriority(message.boot);
  loop = new Loop(message.boot, runner);
  loop.start();
});

function raisePriority(boot: Boot): void {
  if (!boot.realtime) return;
  const result = setRealtime(boot.config.rtprio);
  if (!result.ok) {
    runner.log(
      'warn',
      'no-realtime',
      `real-time priority is not to be had (${result.message}): running without.`,
    );
  }
  setTimeout(() => {
    const locked = lockMemory();
    if (locked.failure !== undefined) {
      runner.log('info', 'memory-not-locked', `not all memory could be locked: ${locked.failure.message}.`);
    }
  }, LOCK_AFTER_MS);
}
