/** Exit codes of the commands (contract.md, heartbeat-admin.md 5.1 and 5.4). */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  /** `heartbeat -s`: never started */
  neverStarted: 3,
  configuration: 6,
  /** A runner that found itself broken (EX_SOFTWARE): the loop starts another, and a service manager may do so too. */
  broken: 70,
  /** cl_status: usage or unknown name */
  clStatusUsage: 11,
  /** cl_status: API failure */
  clStatusApi: 13,
} as const;
