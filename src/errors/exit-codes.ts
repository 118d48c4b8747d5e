/** Exit codes of the commands (contract.md, heartbeat-admin.md 5.1 and 5.4). */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  /** `heartbeat -s`: never started */
  neverStarted: 3,
  configuration: 6,
  /** cl_status: usage or unknown name */
  clStatusUsage: 11,
  /** cl_status: API failure */
  clStatusApi: 13,
} as const;
