/**
 * When two owners at once are the fault of nobody, as a table: without fencing and witness they cannot be prevented while
 * the nodes hear nothing of each other, or while a machine that may have been replaced does not run its program. Each row
 * says how long after the end of its condition the double ownership may last, from theory.
 */
import { watchdogTimeoutS } from '../core/guard/budget.js';
import { newWitnesses } from '../core/witness/state.js';
import type { PairOptions } from './cluster.js';
import type { SimNode } from './node.js';
import type { Simulation } from './simulation.js';

interface Span {
  readonly fromMs: number;
  untilMs: number;
}

/** What the bounds are made of. */
export interface ExcuseBounds {
  readonly pair: PairOptions;
  /** The slowest way of a packet in this run, queues and jitter included. */
  readonly pathMs: number;
  /** The longest stop of the largest group, retries of failing stops included; 0 for a single address. */
  readonly stopMs: number;
  /** One of the nodes plays an original: see BESIDE_ORIGINAL. */
  readonly original?: boolean;
}

export interface ExcuseRow {
  readonly name: 'partition' | 'one-way' | 'stopped-program' | 'suspended-machine' | 'maintenance';
  readonly why: string;
  readonly holds: (sim: Simulation) => boolean;
  /** It excuses two owners of an address too (addresses vanish by themselves, scripts may not). */
  readonly addresses: boolean;
  /** It excuses nothing where each node has a watchdog: then a node is gone in time whatever happens to its program. */
  readonly unguarded: boolean;
  /**
   * Where each node has a watchdog it begins no double ownership, but it prolongs one that another row excuses, for the
   * device's timeout at most: a node that still had its moment when its program stopped did not have to be gone yet.
   */
  readonly prolongs?: boolean;
  /** How long the double ownership may outlast the condition, ms. */
  readonly slackMs: (bounds: ExcuseBounds) => number;
}

/** One status may be under way, the next one is heard; and the turns are a little late. */
const hearing = ({ pair, pathMs }: ExcuseBounds): number => 2 * pair.keepaliveMs + 2 * pathMs + 100;

/** What heals may heal in one direction first: who hears the other gives it a moment to confirm (core, lease.ts). */
const moment = ({ pair }: ExcuseBounds): number => Math.min(3 * pair.keepaliveMs, pair.deadtimeMs / 2);

function isPoor(sim: Simulation, from: string, to: string, lossToo: boolean): boolean {
  return sim.network.links.every((link) => {
    const path = sim.network.condition(link, from, to);
    return path.cut || (lossToo && path.lossRate + path.corruptRate > 0);
  });
}

function pairOf(sim: Simulation): readonly [SimNode, SimNode] | undefined {
  const [first, second] = sim.nodes;
  return first === undefined || second === undefined ? undefined : [first, second];
}

function ways(sim: Simulation, lossToo: boolean): readonly [there: boolean, back: boolean] {
  const pair = pairOf(sim);
  if (pair === undefined) return [false, false];
  const [{ name: first }, { name: second }] = pair;
  return [isPoor(sim, first, second, lossToo), isPoor(sim, second, first, lossToo)];
}

export const EXCUSES: readonly ExcuseRow[] = [
  {
    name: 'partition',
    why: 'Neither hears the other, and there is nobody else to ask: each must think that the other is dead.',
    holds: (sim) => ways(sim, true).every(Boolean),
    addresses: true,
    unguarded: false,
    slackMs: (bounds) => hearing(bounds) + moment(bounds) + bounds.stopMs,
  },
  {
    name: 'one-way',
    why: 'The lease takes addresses away in time, but a script takes as long for its stop as it takes.',
    holds: (sim) => ways(sim, true).some(Boolean),
    addresses: false,
    unguarded: true,
    slackMs: (bounds) => hearing(bounds) + bounds.stopMs,
  },
  {
    name: 'stopped-program',
    why: 'The program of a node does not run while what it started does, and nobody resets the machine.',
    holds: (sim) =>
      (pairOf(sim) ?? []).some(
        (node) => node.powered && (node.paused || (node.state === undefined && node.exitCode === undefined)),
      ),
    addresses: true,
    unguarded: true,
    prolongs: true,
    slackMs: (bounds) => hearing(bounds) + moment(bounds) + bounds.stopMs,
  },
  {
    name: 'suspended-machine',
    why: 'A machine that slept wakes with all it had, before its program has run; the watchdog slept with it.',
    holds: (sim) => (pairOf(sim) ?? []).some(({ asleep }) => asleep),
    addresses: true,
    unguarded: false,
    slackMs: (bounds) => hearing(bounds) + moment(bounds) + bounds.stopMs,
  },
  {
    name: 'maintenance',
    why: 'A node obeys maintenance that the other may not have heard of: nothing is stopped before its end.',
    holds: (sim) => (pairOf(sim) ?? []).some(({ disk }) => disk.maintenanceEpoch % 2 === 1),
    addresses: true,
    unguarded: false,
    slackMs: (bounds) => hearing(bounds) + bounds.stopMs,
  },
];

/**
 * An original does not confirm what it hears, so there is no lease beside it: who is not heard learns of it when the
 * other one, which had taken it for dead, hears it again; and that one gives everything up two seconds after
 * (heartbeat-protocol.md 8.5), scripts first, so that addresses wait for them too.
 */
export const BESIDE_ORIGINAL = { name: 'beside-an-original', restartMs: 2000 } as const;

export class Excuses {
  readonly #sim: Simulation;
  readonly #spans = new Map<string, Span[]>();
  readonly #open = new Map<string, Span>();
  /** Nodes that some ping host answered since the two were able to hear each other. */
  readonly #answered = new Set<string>();

  constructor(sim: Simulation) {
    this.#sim = sim;
    sim.onChange(() => this.update());
  }

  /** Looks which conditions hold now. Called by itself after every change of the network or of a node's life. */
  update(): void {
    this.#noteAnswers();
    for (const { name, holds } of EXCUSES)
      this.#set(name, holds(this.#sim) && (name !== 'partition' || this.#isUndecided()));
  }

  /** A node that had an answer after its partner fell silent, for whatever reason, may serve from then on. */
  #noteAnswers(): void {
    const pair = pairOf(this.#sim) ?? [];
    const isApart = pair.some(({ state, paused }) => state === undefined || paused);
    if (!isApart && !ways(this.#sim, true).every(Boolean)) this.#answered.clear();
    else {
      for (const { name, config, asleep } of pair) {
        const { list } = newWitnesses(config);
        if (!asleep && list.some((one) => this.#sim.network.reaches(name, one.name)))
          this.#answered.add(name);
      }
    }
  }

  /** Ping hosts decide a partition as long as not both nodes have had an answer (docs/witness.md). */
  #isUndecided(): boolean {
    return (pairOf(this.#sim) ?? []).every(
      ({ name, config }) => newWitnesses(config).list.length === 0 || this.#answered.has(name),
    );
  }

  /** Whether a time of two owners lies within excused times, each prolonged by its row's slack. */
  covers(fromMs: number, untilMs: number, bounds: ExcuseBounds, addressesOnly: boolean): boolean {
    const restartMs = bounds.original === true ? BESIDE_ORIGINAL.restartMs + bounds.pair.keepaliveMs : 0;
    const isGuarded = bounds.pair.watchdog === true && bounds.original !== true;
    const [node] = this.#sim.nodes;
    const timeoutMs = node === undefined ? 0 : watchdogTimeoutS(node.config) * 1000;
    const spans = EXCUSES.filter(
      ({ name, addresses, unguarded, prolongs }) =>
        (addresses || !addressesOnly || bounds.original === true) &&
        !(unguarded && isGuarded && prolongs !== true) &&
        // Whoever stops when it hears nobody takes over from nobody.
        !(name === 'partition' && bounds.pair.isolated === 'stop' && bounds.pair.witnesses === undefined),
    ).flatMap((row) => {
      const onlyProlongs = row.unguarded && isGuarded;
      return (this.#spans.get(row.name) ?? []).map((span) => {
        const endMs = onlyProlongs ? Math.min(span.untilMs, span.fromMs + timeoutMs) : span.untilMs;
        return { fromMs: span.fromMs, untilMs: endMs + row.slackMs(bounds) + restartMs, onlyProlongs };
      });
    });
    let reachedMs = fromMs;
    let beforeMs: number;
    do {
      beforeMs = reachedMs;
      for (const span of spans) {
        const counts = span.fromMs <= reachedMs && (!span.onlyProlongs || reachedMs > fromMs);
        if (counts) reachedMs = Math.max(reachedMs, span.untilMs);
      }
    } while (reachedMs > beforeMs);
    return reachedMs >= untilMs;
  }

  #set(name: string, holds: boolean): void {
    const open = this.#open.get(name);
    if (holds && open === undefined) {
      const span = { fromMs: this.#sim.nowMs, untilMs: Number.POSITIVE_INFINITY };
      this.#open.set(name, span);
      const spans = this.#spans.get(name) ?? [];
      spans.push(span);
      this.#spans.set(name, spans);
    } else if (!holds && open !== undefined) {
      open.untilMs = this.#sim.nowMs;
      this.#open.delete(name);
    }
  }
}
