/**
 * When two owners at once are the fault of nobody: without fencing and witness they cannot be prevented while the nodes
 * hear nothing of each other, or while a machine that may have been replaced does not run its program.
 */
import type { Simulation } from './simulation.js';

interface Span {
  readonly fromMs: number;
  untilMs: number;
}

export type ExcuseKind =
  /** Neither hears the other, or both only now and then. */
  | 'partition'
  /** One hears the other but not the reverse: addresses are gone in time, scripts may still be stopping. */
  | 'one-way'
  /** A node's program does not run while its resources do. */
  | 'stopped-program'
  /** A node obeys maintenance that the other may not have heard of, and nothing is stopped before its end. */
  | 'maintenance';

export class Excuses {
  readonly #sim: Simulation;
  readonly #spans = new Map<ExcuseKind, Span[]>();
  readonly #open = new Map<ExcuseKind, Span>();
  /** Faults that keep the program of a node from running (paused, killed). */
  #stops = 0;
  /** Orders of maintenance that are in force. */
  #maintenances = 0;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** A fault stops a program, or (-1) lets it go on; `update` follows. */
  countStop(change: 1 | -1): void {
    this.#stops += change;
  }

  /** Maintenance begins on some node, or (-1) is ended. */
  countMaintenance(change: 1 | -1): void {
    this.#maintenances += change;
    this.update();
  }

  /** Called after every change of a condition. */
  update(): void {
    const [first, second] = this.#sim.nodes.map(({ name }) => name);
    if (first === undefined || second === undefined) return;
    const there = this.#isPoor(first, second);
    const back = this.#isPoor(second, first);
    this.#set('partition', there && back);
    this.#set('one-way', there || back);
    this.#set('stopped-program', this.#stops > 0);
    const kept = this.#sim.nodes.some(({ disk }) => disk.maintenanceEpoch % 2 === 1);
    this.#set('maintenance', this.#maintenances > 0 || kept);
  }

  /** Whether a time of two owners lies within excused times, each prolonged by `slackMs`. */
  covers(fromMs: number, untilMs: number, kinds: readonly ExcuseKind[], slackMs: number): boolean {
    const spans = kinds
      .flatMap((kind) => this.#spans.get(kind) ?? [])
      .sort((left, right) => left.fromMs - right.fromMs);
    let reachedMs = fromMs;
    for (const span of spans) {
      if (span.fromMs <= reachedMs) reachedMs = Math.max(reachedMs, span.untilMs + slackMs);
      if (span.fromMs <= fromMs && reachedMs >= untilMs && reachedMs > fromMs) return true;
    }
    return reachedMs >= untilMs && reachedMs > fromMs;
  }

  #isPoor(from: string, to: string): boolean {
    const { network } = this.#sim;
    return network.links.every((link) => {
      const path = network.condition(link, from, to);
      return path.cut || path.lossRate > 0;
    });
  }

  #set(kind: ExcuseKind, holds: boolean): void {
    const open = this.#open.get(kind);
    if (holds && open === undefined) {
      const span = { fromMs: this.#sim.nowMs, untilMs: Number.POSITIVE_INFINITY };
      this.#open.set(kind, span);
      const spans = this.#spans.get(kind) ?? [];
      spans.push(span);
      this.#spans.set(kind, spans);
    } else if (!holds && open !== undefined) {
      open.untilMs = this.#sim.nowMs;
      this.#open.delete(kind);
    }
  }
}
