/**
 * The plan of one run, as data: the cluster, when its nodes start, and every fault. A seed makes one plan; leaving
 * things out of a plan gives a smaller one (shrink.ts), and a plan can be written down.
 */
import type { MonitorRule, ResourceGroup } from '../../config/types.js';
import { group, PAIR, type PairOptions } from '../cluster.js';
import { isSerialLink } from '../codec.js';
import { drawFault } from '../faults/table.js';
import type { FaultWorld, PlannedFault } from '../faults/types.js';
import { Dice } from '../random.js';
import { type SpecialOptions, withSpecials } from './special.js';

export interface Plan {
  /** Seeds the network's dice and the cores' own randomness. */
  readonly seed: number;
  readonly pair: PairOptions;
  readonly nodes: readonly [string, ...string[]];
  /** Names beginning with /dev/ are serial lines. */
  readonly links: readonly [string, ...string[]];
  /** The node that plays an original; absent: none does. */
  readonly original?: string;
  /** For each node in order: when its daemon is started first, and how late its turns may be. */
  readonly starts: readonly { readonly atMs: number; readonly maxTurnDelayMs: number }[];
  readonly faults: readonly PlannedFault[];
  /** From the reset of a node by a device until its daemon starts. */
  readonly bootMs: number;
  /** Everything heals then. */
  readonly healMs: number;
  /** The run ends so long after everything has healed. */
  readonly quietMs: number;
}

/** What the search mixes. */
export interface DrawOptions extends SpecialOptions {
  /** False: resources are not watched, and maintenance is never on. */
  readonly watched?: boolean;
  /** Both nodes have fencing devices for each other, which may fail but never lie. */
  readonly fencing?: boolean;
  /** All runs at keepalive 1 s, deadtime 10 s, two network links, signed with sha1: the figure that is measured. */
  readonly standard?: boolean;
}

/** The fastest that people configure; rare in the search, because it costs ten times as much. */
const FAST = [100, 1000] as const;
const FAULTY_MS = 120_000;
const QUIET_MS = 60_000;
const FENCING_QUIET_MS = 180_000;
/** 19,200 baud, eight data bits, a start and a stop bit. */
export const SERIAL_BYTES_PER_SECOND = 1920;

function drawGroups(dice: Dice): ResourceGroup[] {
  const groups: ResourceGroup[] = [];
  const count = dice.between(1, 5);
  for (let index = 0; index < count; index++) {
    const words: string[] = [];
    if (dice.chance(0.8)) words.push(`10.0.${index}.1`);
    const scripts = dice.between(words.length === 0 ? 1 : 0, 2);
    for (let at = 0; at < scripts; at++) words.push(`script${index}${'ab'[at] ?? ''}`);
    if (dice.chance(0.2)) words.push(`10.0.${index}.2`);
    groups.push(group(dice.chance(0.6) ? 'node1' : 'node2', index + 1, ...words));
  }
  return groups;
}

/** A pair with random settings and groups. */
export function drawPair(dice: Dice, standard = false): PairOptions {
  const timings = [
    [200, 2000],
    [500, 5000],
    [1000, 10_000],
    [1000, 10_000],
    [1000, 10_000],
    [1000, 5000],
    [1000, 5000],
    [2000, 10_000],
  ] as const;
  const [keepaliveMs, deadtimeMs] = standard
    ? timings[2]
    : dice.chance(0.05)
      ? FAST
      : dice.pick<readonly [number, number]>(timings);
  return {
    ...PAIR,
    autoFailback: dice.pick(['on', 'off', 'legacy']),
    keepaliveMs,
    deadtimeMs,
    initdeadMs: deadtimeMs * dice.between(2, 4),
    groups: drawGroups(dice),
    parallelGroups: dice.between(1, 4),
  };
}

/** A rule under which services that crash now and then stay on their node. */
function drawRule(dice: Dice): MonitorRule {
  return {
    intervalMs: dice.pick([1000, 3000, 5000]),
    timeoutMs: 2000,
    failures: 1,
    windowMs: 20_000,
    restarts: 4,
  };
}

function drawLinks(dice: Dice, pair: PairOptions): [string, ...string[]] {
  const links: [string, ...string[]] = ['eth1'];
  for (const link of ['eth2', 'eth3'].slice(0, dice.between(0, 2))) links.push(link);
  // A line that cannot carry the heartbeats in time is a fault of the configuration.
  if (pair.keepaliveMs >= 500 && dice.chance(0.15)) links.push('/dev/ttyS0');
  return links;
}

/** The plan of a seed: always the same for the same seed and options. */
export function drawPlan(seed: number, options: DrawOptions = {}): Plan {
  const plain = options.mixed === true ? { ...options, watched: false, fencing: false } : options;
  return withSpecials(drawPlainPlan(seed, plain), options);
}

function drawPlainPlan(seed: number, options: DrawOptions): Plan {
  const dice = new Dice(seed ^ 0x5eed);
  const standard = options.standard === true;
  const drawn = drawPair(dice, standard);
  const watched = dice.chance(0.5) && (options.watched ?? true);
  const rule = drawRule(dice);
  const nodes: [string, ...string[]] = ['node1', 'node2'];
  if (!standard && drawn.keepaliveMs >= 1000 && dice.chance(0.06)) {
    for (let count = dice.pick([3, 3, 4, 8]); nodes.length < count; ) nodes.push(`node${nodes.length + 1}`);
  }
  const devices = options.fencing === true ? dice.between(1, 2) : 0;
  const bootMs = dice.between(1000, 30_000);
  const watchdog = dice.chance(0.4);
  const isolated = dice.chance(0.15) ? 'stop' : 'serve';
  const pair: PairOptions = {
    ...drawn,
    nodes,
    isolated,
    watchdog,
    ...(devices === 0
      ? {}
      : {
          stonith: ['external/one', 'external/two'].slice(0, devices),
          isolated: 'serve',
          settings: { fencingDelayMs: dice.pick([0, 2000, 2000, 5000]), fencingDeadlineMs: 45_000 },
        }),
    ...(watched && devices === 0 ? { settings: { monitor: rule } } : {}),
  };
  const links = standard ? (['eth1', 'eth2'] as const) : drawLinks(dice, pair);
  const starts = nodes.map(() => ({
    atMs: Math.round(dice.next() * pair.deadtimeMs),
    maxTurnDelayMs: Number((dice.next() * 3).toFixed(3)),
  }));
  const resources = pair.groups.flatMap((one) => one.resources);
  const world: FaultWorld = {
    nodes,
    links,
    scripts: resources.filter(({ address }) => address === undefined).map(({ word }) => word),
    resources: resources.map(({ word }) => word),
    deadtimeMs: pair.deadtimeMs,
    failing: dice.pick(['node1', 'node2']),
    devices,
    watched: watched && devices === 0,
  };
  const count = dice.between(1, 14);
  const faults = Array.from({ length: count }, () => drawFault(dice, world, FAULTY_MS));
  return {
    seed,
    pair,
    nodes,
    links,
    starts,
    faults: faults.sort((left, right) => left.atMs - right.atMs),
    bootMs,
    healMs: FAULTY_MS + pair.deadtimeMs * 6,
    quietMs: pair.initdeadMs + (devices === 0 ? QUIET_MS : FENCING_QUIET_MS),
  };
}

/** The cluster of a plan in words, one line each; `tellFault` tells the faults. */
export function tellCluster(plan: Plan): string[] {
  const { pair, nodes, links, original } = plan;
  const lines = [
    `# seed ${plan.seed}: auto_failback ${pair.autoFailback}, keepalive ${pair.keepaliveMs} ms, deadtime ` +
      `${pair.deadtimeMs} ms, initdead ${pair.initdeadMs} ms, isolated ${pair.isolated}, watchdog ${pair.watchdog === true ? 'yes' : 'no'}, parallel ${pair.parallelGroups}`,
    `# nodes ${nodes.join(' ')}; links ${links.join(' ')}${original === undefined ? '' : `; ${original} plays an original`}`,
  ];
  for (const { node, resources } of pair.groups)
    lines.push(`# group ${[node, ...resources.map(({ word }) => word)].join(' ')}`);
  if (pair.witnesses !== undefined) lines.push(`# ping hosts ${pair.witnesses.join(' ')}`);
  for (const [index, { atMs }] of plan.starts.entries()) lines.push(`# ${nodes[index]} starts at ${atMs} ms`);
  return lines;
}

/** What each link of the plan carries. */
export function lineRate(link: string): number {
  return isSerialLink(link) ? SERIAL_BYTES_PER_SECOND : 0;
}
