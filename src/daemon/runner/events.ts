/** The newest decisions with their reasons, for `heartbeat status` and `heartbeat events`. */

export interface DaemonEvent {
  readonly code: string;
  readonly text: string;
  /** Unix time in ms. */
  readonly wallMs: number;
}

export interface EventList {
  add(event: DaemonEvent): void;
  /** The newest `count`, oldest first. */
  last(count: number): readonly DaemonEvent[];
}

/** Keeps the newest `limit` events in memory. */
export function createEventList(limit = 200): EventList {
  const events: DaemonEvent[] = [];
  return {
    add(event) {
      events.push(event);
      if (events.length > limit) events.shift();
    },
    last: (count) => events.slice(-Math.max(1, count)),
  };
}
