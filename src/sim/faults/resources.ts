/** Faults of scripts and services, and the orders of people: standby, takeover, maintenance. */
import type { ResourceSet } from '../../core/input.js';
import type { SimNode } from '../node.js';
import type { Simulation } from '../simulation.js';
import { isUp } from './power.js';
import { drawDurationMs, type FaultArgs, type FaultRow } from './types.js';

function nodeOf(sim: Simulation, { node }: FaultArgs): SimNode | undefined {
  return sim.nodes.find(({ name }) => name === node);
}

type Verb = 'start' | 'stop' | 'monitor';
type Outcome = 'fail' | 'hang';

/** A script that fails or hangs on one node for a while. */
function scriptFault(verb: Verb, weight: number, longestMs: number, onlyFailing: boolean): FaultRow {
  return {
    kind: `${verb}-fails`,
    takes: ['node', 'resource', 'mode'],
    modes: ['fail', 'hang'],
    weight,
    draw: (dice, { nodes, scripts, failing, deadtimeMs, watched }) => {
      const resource = scripts[dice.between(0, Math.max(0, scripts.length - 1))];
      if (resource === undefined || (verb === 'monitor' && !watched)) return undefined;
      const forMs = Math.min(drawDurationMs(dice, deadtimeMs), longestMs);
      const mode = verb === 'monitor' ? dice.pick(['fail', 'hang']) : 'fail';
      return { node: onlyFailing ? failing : dice.pick(nodes), resource, mode, forMs };
    },
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      const { resource } = args;
      if (node === undefined || resource === undefined) return undefined;
      const outcome: Outcome = args.mode === 'hang' ? 'hang' : 'fail';
      node.runner.behave(verb, resource, { outcome });
      return () => node.runner.behave(verb, resource, {});
    },
    tell: ({ node, resource, mode }) =>
      `${resource} ${verb} ${mode === 'hang' ? 'hangs' : 'fails'} on ${node}`,
  };
}

/** A script that takes its time on one node for a while. */
function slowScript(verb: 'start' | 'stop'): FaultRow {
  return {
    kind: `${verb}-slow`,
    takes: ['node', 'resource', 'amount'],
    unit: 'ms',
    weight: 0.3,
    draw: (dice, { nodes, scripts, deadtimeMs }) => {
      const resource = scripts[dice.between(0, Math.max(0, scripts.length - 1))];
      if (resource === undefined) return undefined;
      return {
        node: dice.pick(nodes),
        resource,
        amount: dice.between(50, 2000),
        forMs: drawDurationMs(dice, deadtimeMs),
      };
    },
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      const { resource, amount } = args;
      if (node === undefined || resource === undefined) return undefined;
      node.runner.behave(verb, resource, { durationMs: amount ?? 0 });
      return () => node.runner.behave(verb, resource, {});
    },
    tell: ({ node, resource, amount }) => `${resource} ${verb} takes ${amount ?? 0}ms on ${node}`,
  };
}

const crash: FaultRow = {
  kind: 'crash',
  takes: ['node', 'resource'],
  weight: 1.5,
  draw: (dice, { nodes, resources, watched }) => {
    const resource = resources[dice.between(0, Math.max(0, resources.length - 1))];
    return resource === undefined || !watched ? undefined : { node: dice.pick(nodes), resource };
  },
  inflict: (sim, args) => {
    const node = nodeOf(sim, args);
    if (node?.powered === true && !node.asleep && args.resource !== undefined) node.crash(args.resource);
    return undefined;
  },
  tell: ({ node, resource }) => `${resource} crashes on ${node}`,
};

const SETS = ['local', 'foreign', 'all'] as const satisfies readonly ResourceSet[];

/** hb_standby and hb_takeover. */
function order(kind: 'standby' | 'takeover'): FaultRow {
  return {
    kind,
    takes: ['node', 'mode'],
    modes: ['all', 'local', 'foreign'],
    weight: 1,
    draw: (dice, { nodes }) => ({ node: dice.pick(nodes), mode: dice.pick(SETS) }),
    inflict: (sim, args) => {
      const node = nodeOf(sim, args);
      const set = SETS.find((word) => word === args.mode) ?? 'all';
      if (isUp(node)) node.command({ kind, set });
      return undefined;
    },
    tell: ({ node, mode }) => `${kind} ${node} ${mode ?? 'all'}`,
  };
}

/** Says `maintenance off` on whatever node listens. */
export function endMaintenance(sim: Simulation): void {
  for (const node of sim.nodes) {
    if (isUp(node)) node.command({ kind: 'maintenance', on: false, force: false });
  }
}

const maintenance: FaultRow = {
  kind: 'maintenance',
  takes: ['node'],
  weight: 0.5,
  draw: (dice, { nodes, deadtimeMs, watched }) =>
    watched ? { node: dice.pick(nodes), forMs: drawDurationMs(dice, deadtimeMs) } : undefined,
  inflict: (sim, args) => {
    const node = nodeOf(sim, args);
    if (!isUp(node)) return undefined;
    node.command({ kind: 'maintenance', on: true, force: false });
    return () => endMaintenance(sim);
  },
  tell: ({ node }) => `maintenance on on ${node}`,
  tellEnd: ({ node }) => `maintenance off on ${node}`,
};

/** A failing stop ends within three seconds, or the machine would reboot itself by rule. */
const STOP_FAILS_MAX_MS = 3000;

export const RESOURCE_FAULTS: readonly FaultRow[] = [
  scriptFault('start', 1, Number.POSITIVE_INFINITY, true),
  scriptFault('stop', 1, STOP_FAILS_MAX_MS, false),
  scriptFault('monitor', 0.7, Number.POSITIVE_INFINITY, true),
  slowScript('start'),
  slowScript('stop'),
  crash,
  order('standby'),
  order('takeover'),
  maintenance,
];
