/**
 * Runs a story of virtual nodes and tells what came of it. A story is a text: settings first, then what happens when.
 *
 *     # A sentence about it.                       (comments begin with #)
 *     haresources node1 10.0.0.10 web              (one line for each group)
 *     auto_failback off
 *     monitor interval=5 failures=1 restarts=1     (as in heartbeat.ini, times in seconds)
 *     deadline start=60 stop=60                    (of every script, in seconds)
 *
 *     at 0 power on node1
 *     at 0 node1 start web fail                    (ok, fail, hang, killed or missing; verbs start, stop, monitor)
 *     at 9 node1 crash web                         (a service or an address ends by itself)
 *     at 9 node2 begin web                         (somebody starts it by hand)
 *     at 20 node2 cleanup 10.0.0.10                (or: maintenance on, maintenance off, standby all, shutdown)
 *     until 60
 */
import type { MonitorRule, Settings } from '../../../src/config/types.js';
import type { Effect } from '../../../src/core/effect.js';
import type { Command, ResourceSet } from '../../../src/core/input.js';
import { snapshot } from '../../../src/core/snapshot.js';
import { group, KEYS, PAIR, type PairOptions, pairConfig } from '../../../src/sim/cluster.js';
import type { SimNode } from '../../../src/sim/node.js';
import type { ScriptBehaviour } from '../../../src/sim/runner.js';
import { Simulation } from '../../../src/sim/simulation.js';

interface Plan {
  readonly pair: PairOptions;
  readonly acts: readonly { readonly atMs: number; readonly words: readonly string[] }[];
  readonly untilMs: number;
}

const OUTCOMES: readonly string[] = ['ok', 'fail', 'hang', 'killed', 'missing'];
const RULE: MonitorRule = { intervalMs: 0, timeoutMs: 20_000, failures: 1, windowMs: 600_000, restarts: 3 };

/** `interval=5 restarts=1` as numbers. */
function numbers(words: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    words.map((word) => {
      const [name = '', value = ''] = word.split('=');
      if (value === '' || !Number.isFinite(Number(value))) throw new Error(`"${word}" is no NAME=NUMBER`);
      return [name, Number(value)];
    }),
  );
}

function readRule(words: readonly string[]): MonitorRule {
  const given = numbers(words);
  const inMs = (name: string, otherwiseMs: number): number => {
    const seconds = given.get(name);
    return seconds === undefined ? otherwiseMs : seconds * 1000;
  };
  return {
    intervalMs: inMs('interval', RULE.intervalMs),
    timeoutMs: inMs('timeout', RULE.timeoutMs),
    failures: given.get('failures') ?? RULE.failures,
    windowMs: inMs('window', RULE.windowMs),
    restarts: given.get('restarts') ?? RULE.restarts,
  };
}

function readPlan(text: string): Plan {
  const groups: PairOptions['groups'][number][] = [];
  const acts: { atMs: number; words: string[] }[] = [];
  let pair: PairOptions = PAIR;
  let settings: Partial<Settings> = {};
  let untilMs = 0;
  for (const line of text.split('\n').map((raw) => raw.replace(/#.*/, '').trim())) {
    const [keyword = '', ...words] = line.split(/\s+/);
    const [first = '', ...rest] = words;
    if (keyword === 'haresources') groups.push(group(first, groups.length + 1, ...rest));
    else if (keyword === 'auto_failback' && (first === 'on' || first === 'off' || first === 'legacy'))
      pair = { ...pair, autoFailback: first };
    else if (keyword === 'monitor') settings = { ...settings, monitor: readRule(words) };
    else if (keyword === 'deadline') {
      const given = numbers(words);
      const startDeadlineMs = (given.get('start') ?? 60) * 1000;
      const stopDeadlineMs = (given.get('stop') ?? 60) * 1000;
      settings = { ...settings, startDeadlineMs, stopDeadlineMs };
    } else if (keyword === 'at') acts.push({ atMs: Number(first) * 1000, words: rest });
    else if (keyword === 'until') untilMs = Number(first) * 1000;
    else if (line !== '') throw new Error(`the story's line "${line}" is not understood`);
  }
  return { pair: { ...pair, groups, settings }, acts, untilMs };
}

/** The order of a person, or undefined when the words are none. */
function commandOf([word, argument = '', flag]: readonly string[]): Command | undefined {
  if (word === 'cleanup') return { kind: 'cleanup', group: argument };
  if (word === 'maintenance')
    return { kind: 'maintenance', on: argument === 'on', force: flag === '--force' };
  if (word === 'standby' || word === 'takeover') return { kind: word, set: argument as ResourceSet };
  return word === 'shutdown' ? { kind: 'shutdown' } : undefined;
}

function act(sim: Simulation, words: readonly string[], tell: (node: SimNode, line: string) => void): void {
  const [first = '', second = '', third = '', fourth = ''] = words;
  if (first === 'power') {
    const node = sim.node(third);
    tell(node, `* power ${second}`);
    if (second === 'on') node.powerOn();
    else node.powerOff();
    return;
  }
  const node = sim.node(first);
  tell(node, `* ${words.slice(1).join(' ')}`);
  const command = commandOf(words.slice(1));
  if (command !== undefined) {
    const id = node.command(command);
    const reply = node.replies.get(id);
    if (reply !== undefined) tell(node, `answer: ${reply.ok ? '' : 'refused, '}${reply.text}`);
  } else if (second === 'crash') node.crash(third);
  else if (second === 'begin') node.begin(third);
  else if (second === 'restart-loop') node.restartLoop(300);
  else if ((second === 'start' || second === 'stop' || second === 'monitor') && OUTCOMES.includes(fourth))
    node.runner.behave(second, third, { outcome: fourth as ScriptBehaviour['outcome'] });
  else throw new Error(`the story's words "${words.join(' ')}" are not understood`);
}

/** What of a node's effects belongs to the story of its resources. */
function lineOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'operation': {
      const { verb, target } = effect.operation;
      if (verb === 'monitor' || verb === 'release') return undefined;
      const words =
        target.kind === 'script' ? [target.resource.word] : target.addresses.map((one) => one.address);
      return `${verb} ${words.join(' ')}`;
    }
    case 'event': {
      if (/^(peer-|link-|partition|fenc|watchdog)/.test(effect.code)) return undefined;
      return `event ${effect.code}: ${effect.text.replace(/was silent for .*/, 'was silent.')}`;
    }
    case 'rebootSelf':
      return `reboots: ${effect.reason}`;
    case 'exit':
      return `ends with code ${effect.code}: ${effect.reason}`;
    default:
      return undefined;
  }
}

function stateLines(sim: Simulation, node: SimNode): string[] {
  if (node.state === undefined) return [node.powered ? 'no daemon' : 'no power'];
  const { groups, maintenance, warnings } = snapshot(node.state, sim.queue.nowMs);
  const lines = groups.map((one) => {
    const resources = one.resources.map(
      ({ word, failures }) => `${word}${failures > 0 ? `(${failures})` : ''}`,
    );
    const failed = one.failedOn.length > 0 ? `, failed on ${one.failedOn.join(' and ')}` : '';
    return `${one.key} ${one.state}, owner ${one.owner ?? 'nobody'}${failed}: ${resources.join(' ')}`;
  });
  const ofGroups = warnings.filter((warning) => /^(group|MAINTENANCE)/.test(warning));
  return [...(maintenance ? ['maintenance'] : []), ...lines, ...ofGroups.map((warning) => `! ${warning}`)];
}

export interface Told {
  /** What happened, for the golden file. */
  readonly text: string;
  /** Broken rules, in words: two owners, wrong order. */
  readonly violations: readonly string[];
}

/** Plays the story to its end. Throws when it is not understood. */
export function play(text: string): Told {
  const { pair, acts, untilMs } = readPlan(text);
  const told = new Map<string, string[]>([
    ['node1', []],
    ['node2', []],
  ]);
  const sim = new Simulation({
    nodes: ['node1', 'node2'].map((name) => ({ config: pairConfig(name, pair), authKeys: KEYS })),
    links: ['eth1', 'eth2'],
    seed: 1,
    onEffect: (node, effect) => {
      const line = lineOf(effect);
      if (line !== undefined) told.get(node.name)?.push(line);
    },
  });
  for (const { atMs, words } of acts)
    sim.at(atMs, () => act(sim, words, (node, line) => told.get(node.name)?.push(line)));
  sim.runFor(untilMs);
  const lines: string[] = [];
  for (const node of sim.nodes) {
    lines.push(`${node.name}:`, ...(told.get(node.name) ?? []).map((line) => `  ${line}`));
  }
  lines.push('where each group ran:');
  for (const { key } of pair.groups) {
    const owners = sim.ledger.changes
      .filter((change) => change.group === key)
      .map((change) => change.owners.join(' and ') || 'nowhere');
    lines.push(`  ${key}: ${owners.join(', ')}`);
  }
  for (const node of sim.nodes) {
    lines.push(`${node.name} at the end:`, ...stateLines(sim, node).map((line) => `  ${line}`));
  }
  const overlaps = sim.ledger.overlaps().map(({ group: key, owners }) => `${key} on ${owners.join(' and ')}`);
  return { text: `${lines.join('\n')}\n`, violations: [...overlaps, ...sim.order.violations] };
}
