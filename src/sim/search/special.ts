/**
 * What the search draws only when it is asked: an original as partner, witnesses that come and go, cables that are
 * pulled. Drawn with dice of its own, so that every other draw of a seed stays as it is.
 */
import type { ResourceGroup } from '../../config/types.js';
import { faultRow } from '../faults/table.js';
import { drawDurationMs, type FaultArgs, type PlannedFault } from '../faults/types.js';
import { Dice } from '../random.js';
import type { Plan } from './plan.js';

export interface SpecialOptions {
  /** One of the two nodes plays an original; nobody else is there. */
  readonly mixed?: boolean;
  /** There are one to three ping hosts, which a node may lose for a while. */
  readonly witness?: boolean;
  /** Cables are pulled, so that the machine sees its carrier go; the groups' addresses may be on such an interface. */
  readonly carrier?: boolean;
}

/** The interface of the services, where it carries no heartbeats. */
const SERVICE_DEVICE = 'eth0';
const WITNESSES = ['router', 'switch', 'third'] as const;
/** What an original has no word for, or does not notice. */
const NOT_OF_AN_ORIGINAL = new Set(['maintenance', 'crash', 'monitor-fails']);

/** The plan with what the options ask for besides. */
export function withSpecials(plan: Plan, options: SpecialOptions): Plan {
  let special = plan;
  if (options.mixed === true) special = mixed(special, new Dice(plan.seed ^ 0x0816));
  if (options.witness === true) special = witnessed(special, new Dice(plan.seed ^ 0x3175));
  if (options.carrier === true) special = unplugged(special, new Dice(plan.seed ^ 0xcab1e));
  return special;
}

function mixed(plan: Plan, dice: Dice): Plan {
  const nodes: Plan['nodes'] = ['node1', 'node2'];
  const isThere = ({ kind, args }: PlannedFault): boolean =>
    !NOT_OF_AN_ORIGINAL.has(kind) &&
    [args.node, args.to].every((name) => name === undefined || nodes.includes(name));
  return {
    ...plan,
    nodes,
    pair: { ...plan.pair, nodes },
    starts: plan.starts.slice(0, nodes.length),
    faults: plan.faults.filter(isThere),
    original: dice.pick(nodes),
  };
}

/** Up to four more faults of that kind, in the order of time with the others. */
function withFaults(plan: Plan, dice: Dice, kind: string, draw: () => FaultArgs): Plan {
  if (faultRow(kind) === undefined) throw new RangeError(`there is no fault ${kind}`);
  const more = Array.from({ length: dice.between(1, 4) }, (): PlannedFault => {
    const atMs = Math.round(dice.next() * (plan.healMs - plan.pair.deadtimeMs * 6));
    return { atMs, kind, args: { ...draw(), forMs: drawDurationMs(dice, plan.pair.deadtimeMs) } };
  });
  return { ...plan, faults: [...plan.faults, ...more].sort((left, right) => left.atMs - right.atMs) };
}

function witnessed(plan: Plan, dice: Dice): Plan {
  const [first, ...others] = WITNESSES;
  const witnesses: [string, ...string[]] = [first, ...others.slice(0, dice.pick([0, 0, 1, 2]))];
  return withFaults({ ...plan, pair: { ...plan.pair, witnesses } }, dice, 'ping-loss', () => ({
    node: dice.pick(plan.nodes),
    ...(dice.chance(0.5) ? { witness: dice.pick(witnesses) } : {}),
  }));
}

function unplugged(plan: Plan, dice: Dice): Plan {
  const device = dice.chance(0.5) ? SERVICE_DEVICE : plan.links[0];
  const moved = (group: ResourceGroup): ResourceGroup => ({
    ...group,
    resources: group.resources.map((one) =>
      one.address === undefined ? one : { ...one, address: { ...one.address, device } },
    ),
  });
  const settings = { ...plan.pair.settings, carrierWaitMs: dice.pick([500, 2000, 5000]) };
  const pair = { ...plan.pair, groups: plan.pair.groups.map(moved), settings };
  const cables: [string, ...string[]] = [device, ...plan.links.filter((link) => !link.startsWith('/dev/'))];
  return withFaults({ ...plan, pair }, dice, 'unplug', () => ({
    node: dice.pick(plan.nodes),
    link: dice.pick(cables),
  }));
}
