/** What a virtual node is built from and reports to: its side of the simulation. */
import type { AuthKeys, ClusterConfig } from '../config/types.js';
import type { Effect } from '../core/effect.js';
import type { FenceCommand, FencingRecord } from '../core/fencing/types.js';
import type { InputEvent } from '../core/input.js';
import type { Message } from '../wire/message.js';
import type { EventQueue } from './event-queue.js';
import type { Packet } from './network.js';
import type { SimNode } from './node.js';
import type { Dice } from './random.js';

export interface Said {
  readonly atMs: number;
  readonly node: string;
  readonly code: string;
  readonly text: string;
}

/** What a record of fencings still says after the machine was started anew (daemon/runner/fencing-record.ts). */
export function ofAnotherBoot(record: FencingRecord): FencingRecord {
  const notes = Object.entries(record).map(
    ([node, { shotsS, blocked }]) => [node, { shotsS, blocked }] as const,
  );
  return Object.fromEntries(notes);
}

export interface NodeParts {
  readonly config: ClusterConfig;
  readonly authKeys: AuthKeys;
  /** It plays an original: it neither sends nor reads the extra field. */
  readonly original?: boolean;
  readonly links: readonly string[];
  /** From 1: the last number of the machine's own address. */
  readonly number: number;
  readonly queue: EventQueue;
  readonly dice: Dice;
  readonly seed: number;
  readonly send: (link: string, packet: Packet) => void;
  readonly setActive: (group: string, resource: string, active: boolean) => void;
  readonly isActive: (group: string, resource: string) => boolean;
  /** Whether an echo request of the node to that witness is answered now. */
  readonly reaches: (node: string, witness: string) => boolean;
  /** The fencing devices; `run` tells the runs of a node apart. */
  readonly fencing: {
    begin(by: string, run: string, command: FenceCommand): void;
    cancel(by: string, run: string, commandId: number): void;
  };
  /** Sees every effect before it is carried out. */
  readonly observe: (node: SimNode, effect: Effect, input: InputEvent) => void;
  /** A message that was heard and is genuine. */
  readonly heard?: (message: Message) => void;
  /** Its power, its program or its sleep changed. */
  readonly lifeChanged?: (node: SimNode) => void;
}
