/**
 * What a script's `status` means. Only the text on standard output counts, never the exit code
 * (heartbeat-admin.md 4.1): "not running" is looked for first, then "running" or "OK".
 */

export type ResourceStatus = 'running' | 'stopped';

const NOT_RUNNING = /[Nn]ot\s*[Rr]unning/;
const RUNNING = /[Rr]unning|OK/;

/** Judges the standard output of `SCRIPT ARGS status`. */
export function judgeStatus(output: string): ResourceStatus {
  if (NOT_RUNNING.test(output)) return 'stopped';
  return RUNNING.test(output) ? 'running' : 'stopped';
}
