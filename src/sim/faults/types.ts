/**
 * A fault is a row of a table: how it is told in words, what it takes, how it is inflicted and healed. The random search,
 * the shrinking and the scenario language all use the same rows, so a new fault is one new row and nothing else.
 */
import type { Dice } from '../random.js';
import type { Simulation } from '../simulation.js';

/** What a fault is about. Each row says which of these it takes; the others are absent. */
export interface FaultArgs {
  /** The node it befalls. */
  readonly node?: string;
  /** Of a direction: the node that does not hear `node`. Absent: nobody does. */
  readonly to?: string;
  /** A link; absent: all links. */
  readonly link?: string;
  /** A ping host; absent: every one. */
  readonly witness?: string;
  /** A resource, by its word in haresources. */
  readonly resource?: string;
  /** One of the row's `modes`. */
  readonly mode?: string;
  /** Number of a fencing device of `node`, in the order of ha.cf; 0 is the first. */
  readonly device?: number;
  /** A number in the row's `unit`. */
  readonly amount?: number;
  /** How long it lasts; absent: until it is healed, or for good. */
  readonly forMs?: number;
}

/** Which of the arguments a row takes. `forMs` may stand with every row that heals. */
export type FaultArgName = Exclude<keyof FaultArgs, 'forMs'>;

/** What the random search knows when it draws the arguments of a fault. */
export interface FaultWorld {
  readonly nodes: readonly [string, ...string[]];
  readonly links: readonly [string, ...string[]];
  /** Words of the resources that are scripts; may be empty. */
  readonly scripts: readonly string[];
  /** Words of all resources. */
  readonly resources: readonly string[];
  readonly deadtimeMs: number;
  /** The one node on which starts and monitors may fail: a group that failed on both stays down by rule. */
  readonly failing: string;
  /** Fencing devices that each node has. */
  readonly devices: number;
  readonly watched: boolean;
}

export interface FaultRow {
  /** Its word in the scenario language: lower case, words joined by `-`. */
  readonly kind: string;
  readonly takes: readonly FaultArgName[];
  /** The words that `mode` may be; the first is the default. */
  readonly modes?: readonly [string, ...string[]];
  /** What `amount` counts, as people write it ("percent", "ms", "ppm"). */
  readonly unit?: string;
  /** How often the random search draws it, relative to the other rows; 0: never. */
  readonly weight: number;
  /** Arguments of a random fault of this kind; undefined: it cannot happen in this world. */
  readonly draw: (dice: Dice, world: FaultWorld) => FaultArgs | undefined;
  /**
   * Does the harm now. Returns how it is healed, or undefined when there is nothing to heal (it did not happen: the node
   * is off, say; or it is over at once). Calling the healing twice does no harm.
   */
  readonly inflict: (sim: Simulation, args: FaultArgs) => (() => void) | undefined;
  /** The fault as a statement of the scenario language, without its time: "power-off node1". */
  readonly tell: (args: FaultArgs) => string;
  /** The statement that ends it, where `for TIME` behind it does not. */
  readonly tellEnd?: (args: FaultArgs) => string;
  /** The scenario language has no such statement: it is told as a comment. */
  readonly unspoken?: true;
}

/** A fault with its time, as data: a run can be repeated with some of them left out. */
export interface PlannedFault {
  /** Since the run began. */
  readonly atMs: number;
  readonly kind: string;
  readonly args: FaultArgs;
}

/** Half of the faults end about when the peer's verdict falls, the others last long. */
export function drawDurationMs(dice: Dice, deadtimeMs: number): number {
  return Math.round(dice.next() * deadtimeMs * (dice.chance(0.5) ? 1.5 : 6));
}

/** "12 s", "0.25 s": as the scenario language writes times. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))}s`;
}
