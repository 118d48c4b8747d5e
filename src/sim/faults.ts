/** The faults of the random search: each does its harm, and undoes it after a while. Every one is written down in words. */
import type { Excuses } from './excuses.js';
import type { SimNode } from './node.js';
import type { Dice } from './random.js';
import type { Simulation } from './simulation.js';

export interface FaultContext {
  readonly sim: Simulation;
  readonly dice: Dice;
  readonly excuses: Excuses;
  readonly deadtimeMs: number;
  /** The one node on which starts may fail in this run (a group that failed on both stays down by rule). */
  readonly failing: SimNode;
  readonly note: (sentence: string) => void;
}

type Fault = (context: FaultContext, node: SimNode, durationMs: number) => void;

/** Does something now and undoes it after the duration; the excuses follow both. */
function during(context: FaultContext, durationMs: number, begin: () => void, end: () => void): void {
  begin();
  context.excuses.update();
  context.sim.queue.after(durationMs, () => {
    end();
    context.excuses.update();
  });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

function otherThan({ sim }: FaultContext, node: SimNode): string {
  return sim.nodes.find((other) => other !== node)?.name ?? node.name;
}

const powerOff: Fault = (context, node, durationMs) => {
  context.note(`power off ${node.name} for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => node.powerOff(),
    () => node.powerOn(),
  );
};

const shutdown: Fault = (context, node, durationMs) => {
  context.note(`shut down ${node.name}, start again ${seconds(durationMs)} later`);
  if (node.state === undefined || node.paused) return;
  node.command({ kind: 'shutdown' });
  context.sim.queue.after(durationMs, () => node.powerOn());
};

const pause: Fault = (context, node, durationMs) => {
  const first = context.dice.chance(0.5) ? 'packets' : 'timers';
  context.note(`pause ${node.name} for ${seconds(durationMs)}, ${first} first`);
  if (!node.powered || node.paused) return;
  during(
    context,
    durationMs,
    () => {
      node.pause();
      context.excuses.countStop(1);
    },
    () => {
      node.resume(first);
      context.excuses.countStop(-1);
    },
  );
};

const loopRestart: Fault = (context, node) => {
  const downMs = context.dice.next() * context.deadtimeMs * 0.4;
  context.note(`kill the loop process of ${node.name}, back after ${seconds(downMs)}`);
  if (node.paused || node.state === undefined) return;
  during(
    context,
    downMs,
    () => {
      node.restartLoop(downMs);
      context.excuses.countStop(1);
    },
    () => context.excuses.countStop(-1),
  );
};

const daemonKill: Fault = (context, node, durationMs) => {
  context.note(`kill all processes of ${node.name}, start again ${seconds(durationMs)} later`);
  if (node.state === undefined || node.paused) return;
  during(
    context,
    durationMs,
    () => {
      node.killDaemon();
      context.excuses.countStop(1);
    },
    () => {
      node.powerOn();
      context.excuses.countStop(-1);
    },
  );
};

const cutAll: Fault = (context, _node, durationMs) => {
  context.note(`cut all links for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => context.sim.network.setLink(undefined, { cut: true }),
    () => context.sim.network.setLink(undefined, { cut: false }),
  );
};

const cutOne: Fault = (context, _node, durationMs) => {
  const { network } = context.sim;
  const link = network.links[context.dice.between(0, network.links.length - 1)];
  context.note(`cut ${link} for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => network.setLink(link, { cut: true }),
    () => network.setLink(link, { cut: false }),
  );
};

const oneWay: Fault = (context, node, durationMs) => {
  const to = otherThan(context, node);
  context.note(`nothing goes from ${node.name} to ${to} for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => context.sim.network.setDirection(node.name, to, { cut: true }),
    () => context.sim.network.setDirection(node.name, to, { cut: false }),
  );
};

const lossy: Fault = (context, _node, durationMs) => {
  const lossRate = context.dice.next() * 0.5;
  context.note(`lose ${(lossRate * 100).toFixed(0)} % for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => context.sim.network.setLink(undefined, { lossRate }),
    () => context.sim.network.setLink(undefined, { lossRate: 0 }),
  );
};

const unruly: Fault = (context, _node, durationMs) => {
  const jitterMs = context.dice.next() * context.deadtimeMs * 0.2;
  context.note(`jitter ${seconds(jitterMs)}, duplicates, corruption for ${seconds(durationMs)}`);
  during(
    context,
    durationMs,
    () => context.sim.network.setLink(undefined, { jitterMs, duplicateRate: 0.2, corruptRate: 0.05 }),
    () => context.sim.network.setLink(undefined, { jitterMs: 0, duplicateRate: 0, corruptRate: 0 }),
  );
};

const replay: Fault = (context) => {
  const { sim, dice } = context;
  const { archive } = sim.network;
  const count = Math.min(archive.length, 200);
  const start = dice.between(0, archive.length - count);
  context.note(`send ${count} packets of earlier again`);
  archive.slice(start, start + count).forEach(({ from, link, packet }, index) => {
    sim.queue.after(index * 5, () => sim.network.send(from, link, { bytes: packet.bytes }));
  });
};

const operator: Fault = (context, node) => {
  const kind = context.dice.chance(0.5) ? 'standby' : 'takeover';
  const set = context.dice.pick(['local', 'foreign', 'all'] as const);
  context.note(`${kind} ${set} on ${node.name}`);
  if (node.state !== undefined && !node.paused) node.command({ kind, set });
};

const startFails: Fault = (context, _node, durationMs) => {
  const { failing, dice } = context;
  const words = failing.config.groups.flatMap(({ resources }) =>
    resources.filter(({ address }) => address === undefined).map(({ word }) => word),
  );
  const word = words[dice.between(0, words.length - 1)];
  if (word === undefined) return;
  context.note(`start of ${word} fails on ${failing.name} for ${seconds(durationMs)}`);
  failing.runner.behave('start', word, { outcome: 'fail' });
  context.sim.queue.after(durationMs, () => failing.runner.behave('start', word, {}));
};

const stopFails: Fault = (context, node) => {
  const words = node.config.groups.flatMap(({ resources }) =>
    resources.filter(({ address }) => address === undefined).map(({ word }) => word),
  );
  const word = words[context.dice.between(0, words.length - 1)];
  if (word === undefined) return;
  context.note(`stop of ${word} fails on ${node.name} for 3 s`);
  node.runner.behave('stop', word, { outcome: 'fail' });
  context.sim.queue.after(3000, () => node.runner.behave('stop', word, {}));
};

const FAULTS = [
  powerOff,
  powerOff,
  shutdown,
  pause,
  pause,
  loopRestart,
  daemonKill,
  cutAll,
  cutOne,
  oneWay,
  lossy,
  unruly,
  replay,
  operator,
  operator,
  startFails,
  stopFails,
] as const satisfies readonly Fault[];

/** One random fault, now. */
export function injectFault(context: FaultContext): void {
  const { dice, sim, deadtimeMs } = context;
  const fault: Fault = FAULTS[dice.between(0, FAULTS.length - 1)] ?? powerOff;
  const node = sim.nodes[dice.between(0, sim.nodes.length - 1)];
  if (node === undefined) return;
  const durationMs = Math.round(dice.next() * deadtimeMs * (dice.chance(0.5) ? 1.5 : 6));
  fault(context, node, durationMs);
}
