/** What the runner remembers for people, and shows them: the event journal, the account of service, the status page. */
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import type { ControlRequest, ControlResponse } from '../control/protocol.js';
import type { ToRunner } from '../mailbox.js';
import type { GroupAvailability } from './availability.js';
import { createEventList, type DaemonEvent } from './events.js';
import { createFront } from './front.js';
import { createServiceWatch } from './service-watch.js';

export interface ChronicleParts {
  readonly stateDir: string;
  /** Asks as the control socket does. Never rejects. */
  readonly ask: (request: ControlRequest) => Promise<ControlResponse>;
  /** Told a whole sentence when a file cannot be written. */
  readonly problem: (sentence: string) => void;
  readonly config: () => ClusterConfig | undefined;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface Chronicle {
  /** An event of the loop. */
  note(event: Extract<ToRunner, { readonly kind: 'event' }>): void;
  /** A line of the runner's own log: some are events too. */
  noteOwnLine(level: LogLevel, code: string, text: string): void;
  /** The newest `count` events, oldest first. */
  last(count: number): readonly DaemonEvent[];
  figures(keys: readonly string[]): readonly GroupAvailability[];
  /** The loop can be spoken to. */
  start(): void;
  close(): void;
  /** Waits until the journal is on the disk, within a bound. */
  drain(): Promise<void>;
}

/** So many events the page is told. */
const EVENTS_SHOWN = 60;

/** Log lines of the runner that are decisions or misfortunes of this node. */
const OWN_EVENTS: ReadonlySet<string> = new Set([
  'up',
  'ended',
  'loop-died',
  'loop-hung',
  'releasing',
  'released',
  'restarting',
  'killing-heartbeat',
  'maintenance-kept',
]);

/** Makes the chronicle; the journal of earlier runs is read at once. */
export function createChronicle(parts: ChronicleParts): Chronicle {
  const events = createEventList(parts.stateDir, parts.problem);
  const front = createFront(parts);
  const watch = createServiceWatch({
    ...parts,
    snapshot: async () => {
      const answer = await parts.ask({ kind: 'snapshot' });
      return answer.kind === 'snapshot' ? answer : undefined;
    },
    onLook({ kind: _kind, ...taken }) {
      const availability = watch.figures(taken.snapshot.status.groups.map(({ key }) => key));
      front.show({ ...taken, availability, events: events.last(EVENTS_SHOWN) });
    },
  });
  return {
    note({ code, text, wallMs, about }) {
      events.add({ code, text, wallMs, ...(about === undefined ? {} : { about }) });
      watch.hurry();
    },
    noteOwnLine(_level, code, text) {
      if (OWN_EVENTS.has(code)) events.add({ code, text, wallMs: Date.now() });
    },
    last: (count) => events.last(count),
    figures: (keys) => watch.figures(keys),
    start: () => watch.start(),
    close() {
      watch.close();
      front.close();
    },
    drain: () => events.drain(),
  };
}
