/** Who started this daemon and wants to be told of it (sd_notify(3), sd_watchdog_enabled(3)). */

export interface ServiceManager {
  /** "/path" or "@abstract". */
  readonly socket: string;
  /** Silence after which the manager ends this process, in ms; absent: it does not watch. */
  readonly watchdogMs?: number;
}

const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/**
 * Reads NOTIFY_SOCKET and WATCHDOG_USEC and takes them out of the environment, so that no child speaks in our name.
 * Undefined: nobody listens, or at an address that is no local socket.
 */
export function takeServiceManager(environment: NodeJS.ProcessEnv): ServiceManager | undefined {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC: usec = '' } = environment;
  for (const name of VARIABLES) delete environment[name];
  if (!/^[/@]./.test(socket)) return undefined;
  const watchdogMs = /^[1-9]\d{0,15}$/.test(usec) ? Number(usec) / 1000 : undefined;
  return { socket, ...(watchdogMs === undefined ? {} : { watchdogMs }) };
}

/** The variables for a process that may have to go on in our place. */
export function serviceEnvironment(manager: ServiceManager | undefined): Readonly<Record<string, string>> {
  if (manager === undefined) return {};
  const { socket, watchdogMs } = manager;
  return {
    NOTIFY_SOCKET: socket,
    ...(watchdogMs === undefined ? {} : { WATCHDOG_USEC: String(Math.round(watchdogMs * 1000)) }),
  };
}
