/** What ha.cf has said so far: filled line by line, in order. */
import type { Machine } from '../machine-facts.js';
import type { Place, Problems } from '../problems.js';
import type { ApiAuth, AutoFailback, Medium, RespawnClient, StonithDevice } from '../types.js';
import type { Word } from './lexer.js';

/** A cluster member or a pseudo node that is only pinged. */
export interface DeclaredNode extends Place {
  /** Lower-case for members; the word of the file for ping nodes. */
  readonly name: string;
  readonly kind: 'member' | 'ping';
}

export interface DeclaredMedium extends Place {
  readonly medium: Medium;
}

/** The last value of a scalar directive. */
export interface SetValue extends Place {
  readonly text: string;
}

export interface Draft {
  /** Raw text of scalar directives as set, last piece wins. */
  readonly raw: Map<string, SetValue>;
  readonly timesMs: Map<string, number>;
  readonly numbers: Map<string, number>;
  readonly flags: Map<string, boolean>;
  readonly nodes: DeclaredNode[];
  readonly media: DeclaredMedium[];
  readonly stonith: StonithDevice[];
  readonly respawn: RespawnClient[];
  readonly apiauth: ApiAuth[];
  readonly environment: Map<string, string>;
  autoFailback: AutoFailback;
  /** UDP port in force for the next medium, as written (may exceed 65535). */
  udpport: number;
  /** Line speed in force for the next serial medium. */
  baud: number;
}

/** More media than the original survives. */
export const MAX_MEDIA = 64;
/** Ping nodes included (heartbeat-protocol.md 17). */
export const MAX_NODES = 100;
export const DEFAULT_PORT = 694;
export const DEFAULT_BAUD = 19_200;

export function emptyDraft(machine: Machine): Draft {
  return {
    raw: new Map(),
    timesMs: new Map(),
    numbers: new Map(),
    flags: new Map(),
    nodes: [],
    media: [],
    stonith: [],
    respawn: [],
    apiauth: [],
    environment: new Map(),
    autoFailback: 'legacy',
    udpport: machine.servicePort('ha-cluster') ?? DEFAULT_PORT,
    baud: DEFAULT_BAUD,
  };
}

/** What a directive's handler works with. */
export interface LineContext {
  readonly draft: Draft;
  readonly machine: Machine;
  readonly problems: Problems;
  /** Our own node name, lower-case. */
  readonly self: string;
  readonly directive: string;
}

/** Takes one argument: true when it is good, false after a diagnostic was given. */
export type Handler = (argument: Word, context: LineContext) => boolean;

/** Refuses an argument with a diagnostic; always false. */
export function refuse(
  context: LineContext,
  place: Place,
  code: string,
  message: string,
  hint?: string,
): false {
  context.problems.error(place, code, message, hint);
  return false;
}
