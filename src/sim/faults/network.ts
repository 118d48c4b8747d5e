/** Faults of the network: cuts, one-way and partial ones too, loss, delay, disorder, copies, flipped bits, slow lines, replays. */
import type { PathCondition } from '../network.js';
import type { Dice } from '../random.js';
import { drawDurationMs, type FaultArgs, type FaultRow, type FaultWorld } from './types.js';

/** The words of a place, each with a blank before it: a link, a node, and "out" for what only goes from it. */
function where({ link, node, to }: FaultArgs): {
  readonly link: string;
  readonly node: string;
  readonly out: string;
} {
  const word = (name: string | undefined): string => (name === undefined ? '' : ` ${name}`);
  return { link: word(link), node: word(node), out: to === undefined ? '' : ' out' };
}

/** One direction (`node` to `to`), all that a node sends and hears (`node` alone), or everybody. */
export function impairArgs(
  sim: Parameters<FaultRow['inflict']>[0],
  args: FaultArgs,
  change: Partial<PathCondition>,
): () => void {
  const { link, node, to } = args;
  if (node === undefined) return sim.network.impair({ link }, change);
  const there = sim.network.impair({ link, from: node, to }, change);
  if (to !== undefined) return there;
  const back = sim.network.impair({ link, to: node }, change);
  return () => {
    there();
    back();
  };
}

function direction(dice: Dice, { nodes }: FaultWorld): FaultArgs {
  const node = dice.pick(nodes);
  const others = nodes.filter((name) => name !== node);
  return { node, to: others[dice.between(0, others.length - 1)] ?? node };
}

/** A row for a change that has an amount and holds on all links or one. */
function graded(
  kind: string,
  unit: string,
  weight: number,
  amountOf: (dice: Dice, world: FaultWorld) => number,
  changeOf: (amount: number) => Partial<PathCondition>,
): FaultRow {
  return {
    kind,
    takes: ['link', 'node', 'to', 'amount'],
    unit,
    weight,
    draw: (dice, world) => ({
      ...(dice.chance(0.3) ? { link: dice.pick(world.links) } : {}),
      ...(dice.chance(0.2) ? direction(dice, world) : {}),
      amount: amountOf(dice, world),
      forMs: drawDurationMs(dice, world.deadtimeMs),
    }),
    inflict: (sim, args) => impairArgs(sim, args, changeOf(args.amount ?? 0)),
    tell: (args) => {
      const { link, node, out } = where(args);
      return `${kind} ${args.amount ?? 0}${unit === 'percent' ? '%' : unit}${link}${node}${out}`;
    },
  };
}

export const NETWORK_FAULTS: readonly FaultRow[] = [
  {
    kind: 'cut',
    takes: ['link', 'node', 'to'],
    weight: 4,
    draw: (dice, world) => {
      const forMs = drawDurationMs(dice, world.deadtimeMs);
      switch (dice.pick(['all', 'link', 'direction', 'node'] as const)) {
        case 'all':
          return { forMs };
        case 'link':
          return { link: dice.pick(world.links), forMs };
        case 'direction':
          return {
            ...direction(dice, world),
            ...(dice.chance(0.3) ? { link: dice.pick(world.links) } : {}),
            forMs,
          };
        case 'node':
          return {
            node: dice.pick(world.nodes),
            ...(dice.chance(0.5) ? { link: dice.pick(world.links) } : {}),
            forMs,
          };
      }
    },
    inflict: (sim, args) => impairArgs(sim, args, { cut: true }),
    tell: (args) => {
      const { link, node, out } = where(args);
      return link + node === '' ? 'cut all' : `cut${node}${link}${out}`;
    },
  },
  {
    kind: 'unplug',
    takes: ['node', 'link'],
    weight: 0,
    draw: () => undefined,
    inflict: (sim, { node, link }) => {
      const machine = sim.nodes.find(({ name }) => name === node);
      if (machine === undefined) return undefined;
      const cables = link === undefined ? machine.links : [link];
      const heal = impairArgs(
        sim,
        { node: machine.name, ...(link === undefined ? {} : { link }) },
        { cut: true },
      );
      machine.setCarriers(cables, false);
      return () => {
        heal();
        machine.setCarriers(cables, true);
      };
    },
    tell: ({ node, link }) => `unplug ${node}${link === undefined ? '' : ` ${link}`}`,
  },
  {
    kind: 'ping-loss',
    takes: ['node', 'witness'],
    weight: 0,
    draw: () => undefined,
    inflict: ({ network, nodes }, { node, witness }) => {
      const machine = nodes.find(({ name }) => name === node);
      if (machine === undefined) return undefined;
      network.setWitness(machine.name, witness, false);
      return () => network.setWitness(machine.name, witness, true);
    },
    tell: ({ node, witness }) => `ping-loss ${node}${witness === undefined ? '' : ` ${witness}`}`,
  },
  graded(
    'loss',
    'percent',
    1,
    (dice) => dice.between(1, 50),
    (amount) => ({ lossRate: amount / 100 }),
  ),
  graded(
    'delay',
    'ms',
    0.5,
    (dice, { deadtimeMs }) => dice.between(1, Math.round(deadtimeMs * 0.2)),
    (amount) => ({ delayMs: amount }),
  ),
  graded(
    'jitter',
    'ms',
    1,
    (dice, { deadtimeMs }) => dice.between(1, Math.round(deadtimeMs * 0.2)),
    (amount) => ({ jitterMs: amount }),
  ),
  graded(
    'duplicate',
    'percent',
    0.5,
    (dice) => dice.between(1, 100),
    (amount) => ({ duplicateRate: amount / 100 }),
  ),
  graded(
    'corrupt',
    'percent',
    0.7,
    (dice) => dice.between(1, 10),
    (amount) => ({ corruptRate: amount / 100 }),
  ),
  {
    kind: 'replay',
    takes: ['amount'],
    unit: 'percent',
    weight: 1,
    draw: (dice) => ({ amount: dice.between(0, 100) }),
    inflict: ({ network, queue }, { amount }) => {
      const { archive } = network;
      const count = Math.min(archive.length, 200);
      const start = Math.floor(((amount ?? 0) / 100) * (archive.length - count));
      for (const [index, { from, link, packet }] of archive.slice(start, start + count).entries())
        queue.after(index * 5, () => network.send(from, link, { bytes: packet.bytes }));
      return undefined;
    },
    tell: ({ amount }) => `replay ${amount ?? 0}%`,
    unspoken: true,
  },
];
