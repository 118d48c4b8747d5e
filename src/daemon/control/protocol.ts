/** What the commands ask the running daemon: one JSON line each way over RUN_DIR/control.sock (mode 0600). */
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { Command, ResourceSet } from '../../core/input.js';
import type { LoopSnapshot } from '../mailbox.js';
import type { GroupAvailability } from '../runner/availability.js';
import type { DrillRecord } from '../runner/drill.js';
import { type DaemonEvent, EVENT_LIMIT } from '../runner/events.js';

/** Longest request line in bytes. */
export const MAX_REQUEST_BYTES = 64 * 1024;

export type ControlRequest =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'command'; readonly command: Command }
  /** The newest `count` events, 1..500. */
  | { readonly kind: 'events'; readonly count: number }
  | { readonly kind: 'hbparameter'; readonly name: string }
  /** `heartbeat -R`: a new loop process with the files as they are now; resources stay up. */
  | { readonly kind: 'restart' }
  /** The first half of `heartbeat -R`: the loop starts a new runner in place of this one, with the program as it is now. */
  | { readonly kind: 'renew' };

export type ControlResponse =
  | {
      readonly kind: 'snapshot';
      readonly snapshot: LoopSnapshot;
      readonly daemon: DaemonFacts;
      /** Absent from older daemons. */
      readonly availability?: readonly GroupAvailability[];
      /** Absent where no virtual server is configured. */
      readonly director?: DirectorSnapshot;
    }
  | { readonly kind: 'reply'; readonly ok: boolean; readonly text: string }
  | { readonly kind: 'events'; readonly events: readonly DaemonEvent[] }
  /** null: not set, or no such parameter. */
  | { readonly kind: 'hbparameter'; readonly value: string | null }
  /** Whatever was asked cannot be answered: a whole sentence. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What only the runner knows. */
export interface DaemonFacts {
  readonly runnerPid: number;
  readonly loopPid: number;
  /** Unix time in ms. */
  readonly startedWallMs: number;
  readonly loopRestarts: number;
  /** The newest failover drill; absent: none was held. */
  readonly drill?: DrillRecord;
}

const SETS: readonly string[] = ['none', 'local', 'foreign', 'all'] satisfies readonly ResourceSet[];

/** Checks a decoded request line; a string is the reason why it is none. */
export function parseRequest(value: unknown): ControlRequest | string {
  if (typeof value !== 'object' || value === null) return 'the request is not an object';
  const request = value as Record<string, unknown>;
  switch (request.kind) {
    case 'snapshot':
    case 'restart':
    case 'renew':
      return { kind: request.kind };
    case 'events': {
      const count = request.count;
      if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1 || count > EVENT_LIMIT) {
        return `count is not a number from 1 to ${EVENT_LIMIT}`;
      }
      return { kind: 'events', count };
    }
    case 'hbparameter': {
      const name = request.name;
      return typeof name === 'string' ? { kind: 'hbparameter', name } : 'name is not a text';
    }
    case 'command': {
      const command = parseCommand(request.command);
      return typeof command === 'string' ? command : { kind: 'command', command };
    }
    default:
      return 'this kind of request is unknown';
  }
}

function parseCommand(value: unknown): Command | string {
  if (typeof value !== 'object' || value === null) return 'the command is not an object';
  const command = value as Record<string, unknown>;
  if (command.kind === 'shutdown') return { kind: 'shutdown' };
  if (command.kind === 'cleanup') {
    const { group } = command;
    return typeof group === 'string' && group !== '' ? { kind: 'cleanup', group } : 'group is not a text';
  }
  if (command.kind === 'maintenance') {
    const { on, force } = command;
    if (typeof on !== 'boolean' || typeof force !== 'boolean') return 'on and force are not true or false';
    return { kind: 'maintenance', on, force };
  }
  const kind = command.kind;
  if (kind === 'fenceConfirm') {
    const { node } = command;
    return typeof node === 'string' ? { kind, node: node.toLowerCase() } : 'node is not a text';
  }
  if (kind !== 'standby' && kind !== 'takeover') return 'this command is unknown';
  const set = command.set;
  if (typeof set !== 'string' || !SETS.includes(set)) return 'set is not one of none, local, foreign, all';
  return { kind, set: set as ResourceSet };
}
