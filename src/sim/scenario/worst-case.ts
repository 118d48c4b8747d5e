/** The standard failures played on a configuration, and what each did to the services, the worst first. */
import { groupTitle, type Names } from './names.js';
import { readScenario } from './parse.js';
import { type Cast, type Played, playScenario } from './play.js';

export interface Failure {
  /** What happens, as a person says it. */
  readonly title: string;
  /** The scenario that was played. */
  readonly scenario: string;
  /** What it did: the first is the worst. */
  readonly harms: readonly Harm[];
}

export interface Harm {
  readonly kind: 'two-owners' | 'stays-down' | 'down';
  readonly group: string;
  /** Length; for what lasts to the end of the scenario: until then. */
  readonly lastedMs: number;
  readonly sentence: string;
}

export interface WorstCase {
  /** What can be seen without playing anything. */
  readonly remarks: readonly string[];
  /** The worst first. */
  readonly failures: readonly Failure[];
}

interface Plan {
  readonly title: string;
  readonly lines: readonly string[];
  /** Time that it lasts before everything is well again; then follows the rest. */
  readonly restMs: number;
}

const WEIGHT: Readonly<Record<Harm['kind'], number>> = { 'two-owners': 3, 'stays-down': 2, down: 1 };
/** Interruptions that nobody notices. */
const UNNOTICED_MS = 1;

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(ms < 1000 ? 3 : 1))} s`;

/** Plays all of them. */
export function playWorstCases(cast: Cast): WorstCase {
  const [first] = cast.nodes;
  if (first === undefined) return { remarks: [], failures: [] };
  const { deadtimeMs } = first.config;
  const settleMs = Math.max(20_000, 2 * deadtimeMs);
  const failures = plansOf(cast, deadtimeMs).map((plan) => playPlan(cast, plan, settleMs));
  failures.sort((left, right) => scoreOf(right) - scoreOf(left));
  return { remarks: remarksOf(cast), failures };
}

function scoreOf({ harms: [worst] }: Failure): number {
  return worst === undefined ? 0 : WEIGHT[worst.kind] * 1e9 + worst.lastedMs;
}

function playPlan(cast: Cast, { title, lines, restMs }: Plan, settleMs: number): Failure {
  const text = [
    'start all',
    `at ${settleMs}ms ${lines[0] ?? 'heal'}`,
    ...lines.slice(1),
    `until ${settleMs + restMs}ms`,
  ];
  const scenario = `${text.join('\n')}\n`;
  const read = readScenario(scenario, cast.names);
  if (!read.ok) throw new Error(`a standard failure is not understood: ${JSON.stringify(read.complaints)}`);
  const played = playScenario(cast, read.scenario);
  return { title, scenario, harms: harmsOf(played, settleMs) };
}

function harmsOf(played: Played, settleMs: number): Harm[] {
  const harms: Harm[] = [];
  const { watch, names, untilMs } = played;
  for (const group of watch.groups) {
    const title = groupTitle(names.groups, group);
    const twice = watch.twoOwners(group).filter((one) => (one.untilMs ?? untilMs) > settleMs);
    const twiceMs = twice.reduce((sum, one) => sum + (one.untilMs ?? untilMs) - one.fromMs, 0);
    if (twiceMs > UNNOTICED_MS)
      harms.push({
        kind: 'two-owners',
        group,
        lastedMs: twiceMs,
        sentence: `two owners of ${title} for ${seconds(twiceMs)}`,
      });
    const downs = watch.outages(group).filter((one) => (one.untilMs ?? untilMs) > settleMs);
    const last = downs.find((one) => one.untilMs === null);
    if (last !== undefined)
      harms.push({
        kind: 'stays-down',
        group,
        lastedMs: untilMs - last.fromMs,
        sentence: `${title} is down and stays down (${seconds(untilMs - last.fromMs)} later still)`,
      });
    const healed = downs.flatMap((one) => (one.untilMs === null ? [] : [one.untilMs - one.fromMs]));
    const longestMs = Math.max(0, ...healed);
    if (longestMs > UNNOTICED_MS) {
      const times = healed.filter((ms) => ms > UNNOTICED_MS).length;
      const more = times > 1 ? `, in all ${times} interruptions` : '';
      harms.push({
        kind: 'down',
        group,
        lastedMs: longestMs,
        sentence: `${title} is down for ${seconds(longestMs)}${more}`,
      });
    }
  }
  return harms.sort((a, b) => WEIGHT[b.kind] - WEIGHT[a.kind] || b.lastedMs - a.lastedMs);
}

function plansOf({ names, nodes }: Cast, deadtimeMs: number): Plan[] {
  const config = nodes[0]?.config;
  const longMs = 4 * deadtimeMs;
  const restMs = Math.max(120_000, 2 * longMs + 60_000);
  const plan = (title: string, ...lines: readonly string[]): Plan => ({ title, lines, restMs });
  const stopDeadlineMs = config?.settings.stopDeadlineMs ?? 60_000;
  return [
    ...names.nodes.flatMap((node) => [
      plan(`${node} loses its power for ${seconds(longMs)}`, `power-off ${node} for ${longMs}ms`),
      plan(
        `${node} loses its power and returns after half a deadtime`,
        `power-off ${node} for ${deadtimeMs / 2}ms`,
      ),
      plan(`heartbeat is stopped on ${node} for ${seconds(longMs)}`, `stop ${node} for ${longMs}ms`),
      plan(
        `${node} stands still for ${seconds(1.5 * deadtimeMs)} and goes on`,
        `pause ${node} for ${1.5 * deadtimeMs}ms`,
      ),
      plan(
        `${node} stands still for ${seconds(0.5 * deadtimeMs)} and goes on`,
        `pause ${node} for ${0.5 * deadtimeMs}ms`,
      ),
      plan(`nobody hears ${node} for ${seconds(longMs)}`, `cut ${node} out for ${longMs}ms`),
      plan(`the loop process of ${node} is killed`, `kill loop on ${node}`),
      plan(
        `every process of heartbeat is killed on ${node}, which starts it again ${seconds(deadtimeMs / 2)} later`,
        `kill daemon on ${node} for ${deadtimeMs / 2}ms`,
      ),
      plan(`somebody says hb_standby on ${node}`, `standby ${node}`),
    ]),
    ...((names.witnesses ?? []).length === 0 ? [] : names.nodes).flatMap((node) => [
      plan(
        `${node} does not reach the ping hosts for ${seconds(longMs)}`,
        `ping-loss ${node} for ${longMs}ms`,
      ),
      plan(
        `${node} reaches neither the other nodes nor the ping hosts for ${seconds(longMs)}`,
        `cut ${node} for ${longMs}ms`,
        `ping-loss ${node} for ${longMs}ms`,
      ),
    ]),
    plan('all machines lose their power and return together', `power-off all for ${longMs}ms`),
    ...(names.links.length === 1 ? [] : names.links).map((link) =>
      plan(`${link} is cut for ${seconds(longMs)}`, `cut ${link} for ${longMs}ms`),
    ),
    plan(`all links are cut for ${seconds(longMs)}`, `cut all for ${longMs}ms`),
    plan(`a third of all packets is lost for ${seconds(longMs)}`, `loss 33% for ${longMs}ms`),
    // An instance, and what follows it, has no node of its own.
    ...names.groups.filter(hasNode).flatMap((group) => {
      const title = groupTitle(names.groups, group.key);
      const other = names.nodes.find((node) => node !== group.node) ?? group.node;
      return [
        ...group.resources
          .filter(({ address }) => address === undefined)
          .flatMap(({ word }) => [
            plan(`${word} ends by itself on ${group.node}`, `${word} crashes on ${group.node}`),
            plan(
              `${word} cannot be started on ${other} when ${group.node} loses its power for good`,
              `${word} start fails on ${other}`,
              `power-off ${group.node}`,
            ),
            plan(
              `${word} cannot be stopped on ${group.node} and somebody says hb_standby there`,
              `${word} stop fails on ${group.node}`,
              `standby ${group.node}`,
            ),
            {
              ...plan(
                `the stop of ${word} hangs on ${group.node} and somebody says hb_standby there`,
                `${word} stop hangs on ${group.node}`,
                `standby ${group.node}`,
              ),
              restMs: restMs + 12 * stopDeadlineMs,
            },
          ]),
        ...(group.node === names.nodes[0] || group.node === names.nodes[1]
          ? [
              plan(
                `the node that serves ${title} (${group.node}) loses its power, and the other one too, before it returns`,
                `power-off ${group.node} for ${longMs}ms`,
                `after ${2 * deadtimeMs}ms power-off ${other} for ${longMs}ms`,
              ),
            ]
          : []),
      ];
    }),
  ];
}

/** What the configuration tells by itself. */
function remarksOf({ nodes, names }: Cast): string[] {
  const config = nodes[0]?.config;
  if (config === undefined) return [];
  const remarks: string[] = [];
  for (const link of names.links) {
    const media = config.media.filter((medium) => 'device' in medium && medium.device === link);
    const kinds = new Set(media.map(({ kind }) => kind));
    if (kinds.size > 1)
      remarks.push(
        `${kinds.size} heartbeat media (${[...kinds].join(', ')}) share the interface ${link}: one cable is all of them.`,
      );
  }
  if (names.links.length === 1)
    remarks.push(
      `${names.links[0] ?? ''} is the only way for heartbeats: when it fails, each node takes the other for dead. Add a second medium on another interface, or a serial line.`,
    );
  const fenced = config.stonith ?? [];
  if (fenced.length === 0)
    remarks.push(
      'There is no fencing: a node that is cut off cannot be told from a dead one, and both serve.',
    );
  if (config.watchdog === undefined)
    remarks.push(
      'There is no watchdog: a machine whose program hangs keeps its scripts running until somebody sees to it.',
    );
  const unwatched = names.groups.filter((group) => hasNode(group) && isUnwatched(config, group));
  if (unwatched.length > 0)
    remarks.push(
      `Nobody asks whether ${titlesOf(names, unwatched)} still works: a service that ends by itself stays down. See [monitor] in heartbeat.ini.`,
    );
  return remarks;
}

function hasNode({ node }: Names['groups'][number]): boolean {
  return !node.startsWith('vrrp:');
}

function isUnwatched({ settings }: Cast['nodes'][number]['config'], group: Names['groups'][number]): boolean {
  const general = (settings.monitor?.intervalMs ?? 0) > 0;
  const named = settings.monitorOf ?? {};
  return !general && !group.resources.some(({ word, type }) => word in named || type in named);
}

function titlesOf(names: Names, groups: Names['groups']): string {
  return groups.map(({ key }) => groupTitle(names.groups, key)).join(', ');
}
