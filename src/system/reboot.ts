/**
 * The end of this machine, at once and without stopping anything (reboot(2), and the kernel's emergency keys where
 * they are this machine's). Within a process namespace of its own the call ends that namespace and nothing else.
 */
import { readlinkSync, writeFileSync } from 'node:fs';
import { bindFunction, lastError } from './libc.js';

const RB_AUTOBOOT = 0x0123_4567;
const RB_POWER_OFF = 0x4321_fedc;
/** The process namespace of the machine itself (PROC_PID_INIT_INO of the kernel). */
const FIRST_NAMESPACE = 'pid:[4026531836]';
const KEYS = '/proc/sysrq-trigger';

const rebootCall = bindFunction<(command: number) => number>('int reboot(int command)');

/** How the machine is to end; `crash`: with a dump where the kernel is set up for one. */
export type SuddenEnd = 'reset' | 'off' | 'crash';

const KEY_OF: Readonly<Record<SuddenEnd, string>> = { reset: 'b', off: 'o', crash: 'c' };

/** The keys act on the whole machine, so they are for its own processes only, never for those of a container. */
function pressKey(key: string): void {
  try {
    if (readlinkSync('/proc/self/ns/pid') === FIRST_NAMESPACE) writeFileSync(KEYS, key);
  } catch {
    // not mounted, or forbidden: the call below is the other way
  }
}

/** Does not return where it works. Else the sentence that says why not; `off` may return and act a moment later. */
export function endMachine(how: SuddenEnd): string {
  // The key is first: reboot(2) asks every driver, and that of a dead disk may not answer.
  pressKey(KEY_OF[how]);
  rebootCall(how === 'off' ? RB_POWER_OFF : RB_AUTOBOOT);
  return lastError('reboot').message;
}
