/** Signals that come while the daemon is being put together: from the first moment on none of them ends it halfway. */

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

export type DaemonSignal = (typeof SIGNALS)[number];

export interface HeldSignals {
  /** The end has been asked for. */
  readonly endAsked: () => boolean;
  /** From now on each signal is obeyed at once; those that were held are obeyed first, in their order. */
  obey(orders: Readonly<Record<DaemonSignal, () => void>>): void;
}

/** Takes the place of what the system does by itself with these signals, which is to end the process. */
export function holdSignals(): HeldSignals {
  const came: DaemonSignal[] = [];
  let act = (signal: DaemonSignal): void => void came.push(signal);
  for (const signal of SIGNALS) process.on(signal, () => act(signal));
  return {
    endAsked: () => came.includes('SIGTERM') || came.includes('SIGINT'),
    obey(orders) {
      act = (signal) => orders[signal]();
      for (const signal of came.splice(0)) orders[signal]();
    },
  };
}
