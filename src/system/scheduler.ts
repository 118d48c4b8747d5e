/** Real-time scheduling of the main thread (sched_setscheduler(2)). */
import { bindFunction, lastError, type SystemResult } from './libc.js';

const SCHED_RR = 2;
/** Children get the ordinary policy back: a resource script must never run before the heartbeat. */
const SCHED_RESET_ON_FORK = 0x4000_0000;

const setSchedulerCall = bindFunction<(pid: number, policy: number, parameter: Int32Array) => number>(
  'int sched_setscheduler(int pid, int policy, const void *parameter)',
);
const getSchedulerCall = bindFunction<(pid: number) => number>('int sched_getscheduler(int pid)');
const minCall = bindFunction<(policy: number) => number>('int sched_get_priority_min(int policy)');
const maxCall = bindFunction<(policy: number) => number>('int sched_get_priority_max(int policy)');

/** The middle of the kernel's range for round robin: what `rtprio` means when it is not set. */
export function defaultRealtimePriority(): number {
  return minCall(SCHED_RR) + Math.floor((maxCall(SCHED_RR) - minCall(SCHED_RR)) / 2);
}

/**
 * Puts the calling (main) thread under SCHED_RR with SCHED_RESET_ON_FORK. `priority` 1..99; absent: the middle.
 * Gives EPERM without CAP_SYS_NICE, and in a cpu cgroup whose cpu.rt_runtime_us is 0.
 */
export function setRealtime(priority = defaultRealtimePriority()): SystemResult<number> {
  const parameter = new Int32Array([priority]);
  const result = setSchedulerCall(0, SCHED_RR | SCHED_RESET_ON_FORK, parameter);
  return result === 0 ? { ok: true, value: priority } : lastError(`real-time priority ${priority}`);
}

/** Back to the ordinary policy. */
export function setOrdinary(): SystemResult<undefined> {
  const result = setSchedulerCall(0, 0, new Int32Array([0]));
  return result === 0 ? { ok: true, value: undefined } : lastError('ordinary priority');
}

/** True when the calling thread runs under SCHED_RR. */
export function isRealtime(): boolean {
  return (getSchedulerCall(0) & ~SCHED_RESET_ON_FORK) === SCHED_RR;
}
