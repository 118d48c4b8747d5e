/** Faults of machines and of the program on them: power, pauses, suspend, killed processes, orderly ends, clocks. */
import type { SimNode } from '../node.js';
import type { Simulation } from '../simulation.js';
import { drawDurationMs, type FaultArgs, type FaultRow } from './types.js';

function nodeOf(sim: Simulation, { node }: FaultArgs): SimNode | undefined {
  return sim.nodes.find(({ name }) => name === node) ?? sim.nodes[0];
}

/** The program of the node runs: it can be stopped, killed, or asked for something. */
export function isUp(node: SimNode | undefined): node is SimNode {
  return node !== undefined && node.state !== undefined && !node.paused;
}

export const POWER_FAULTS: readonly FaultRow[] = [
  {
    kind: 'power-off',
    takes: ['node'],
    weight: 2,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      forMs: drawDurationMs(dice, deadtimeMs),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      node?.powerOff();
      return () => node?.powerOn();
    },
    tell: ({ node }) => `power-off ${node}`,
  },
  {
    kind: 'shutdown',
    takes: ['node'],
    weight: 1,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      forMs: drawDurationMs(dice, deadtimeMs),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      if (!isUp(node)) return undefined;
      node.command({ kind: 'shutdown' });
      return () => node.powerOn();
    },
    tell: ({ node }) => `stop ${node}`,
  },
  {
    kind: 'pause',
    takes: ['node', 'mode'],
    modes: ['packets', 'timers'],
    weight: 2,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      mode: dice.pick(['packets', 'timers']),
      forMs: drawDurationMs(dice, deadtimeMs),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      if (node === undefined || !node.powered || node.paused) return undefined;
      node.pause();
      return () => node.resume(args.mode === 'timers' ? 'timers' : 'packets');
    },
    tell: ({ node }) => `pause ${node}`,
  },
  {
    kind: 'suspend',
    takes: ['node'],
    weight: 0.7,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      forMs: drawDurationMs(dice, deadtimeMs),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      if (node === undefined || !node.powered || node.paused) return undefined;
      node.suspend();
      return () => node.wake();
    },
    tell: ({ node }) => `suspend ${node}`,
  },
  {
    kind: 'kill-loop',
    takes: ['node', 'amount'],
    unit: 'ms',
    weight: 1,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      amount: Math.round(dice.next() * deadtimeMs * 0.4),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      if (isUp(node)) node.restartLoop(args.amount ?? 0);
      return undefined;
    },
    tell: ({ node }) => `kill loop on ${node}`,
  },
  {
    kind: 'kill-daemon',
    takes: ['node'],
    weight: 1,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      forMs: drawDurationMs(dice, deadtimeMs),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      if (!isUp(node)) return undefined;
      node.killDaemon();
      return () => node.powerOn();
    },
    tell: ({ node }) => `kill daemon on ${node}`,
  },
  {
    kind: 'clock-drift',
    takes: ['node', 'amount'],
    unit: 'ppm',
    weight: 0.5,
    draw: (dice, { nodes, deadtimeMs }) => ({
      node: dice.pick(nodes),
      amount: dice.between(-300, 300),
      forMs: deadtimeMs * dice.between(1, 10),
    }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      node?.clock.drift(args.amount ?? 0);
      return () => node?.clock.drift(0);
    },
    tell: ({ node, amount }) => `clock-drift ${node} ${amount ?? 0}ppm`,
    unspoken: true,
  },
  {
    kind: 'clock-set',
    takes: ['node', 'amount'],
    unit: 's',
    weight: 0.5,
    draw: (dice, { nodes }) => ({ node: dice.pick(nodes), amount: dice.between(-100_000, 100_000) }),
    inflict: (sim, args) => {
      nodeOf(sim, args)?.clock.stepWall(args.amount ?? 0);
      return undefined;
    },
    tell: ({ node, amount = 0 }) => `set-clock ${node} ${amount < 0 ? '' : '+'}${amount}s`,
  },
];
