/** Plays a scenario on virtual nodes with a given configuration, and tells what came of it. */
import type { AuthKeys, ClusterConfig } from '../../config/types.js';
import type { Effect } from '../../core/effect.js';
import type { SimNode } from '../node.js';
import { Simulation } from '../simulation.js';
import { isAboutAll, judgeNow, type Scene, type Verdict } from './judge.js';
import { groupTitle, type Names } from './names.js';
import type { Scenario, Statement } from './parse.js';
import { SimStage } from './sim-stage.js';
import { Watch } from './watch.js';

export interface Cast {
  readonly nodes: readonly { readonly config: ClusterConfig; readonly authKeys: AuthKeys }[];
  readonly names: Names;
}

export interface Outcome {
  readonly line: number;
  /** When it was decided. */
  readonly atMs: number;
  readonly text: string;
  readonly ok: boolean;
  /** What was seen instead. */
  readonly seen: string;
}

export interface Entry {
  readonly atMs: number;
  readonly kind: 'act' | 'event' | 'service' | 'alarm' | 'passed' | 'failed';
  /** null: of no node. */
  readonly node: string | null;
  readonly text: string;
}

export interface Played {
  readonly names: Names;
  readonly watch: Watch;
  readonly entries: readonly Entry[];
  readonly outcomes: readonly Outcome[];
  /** Broken rules of starting and stopping. */
  readonly violations: readonly string[];
  readonly untilMs: number;
  /** What was done, for the picture. */
  readonly acts: readonly { readonly atMs: number; readonly text: string }[];
}

interface Pending {
  readonly statement: Extract<Statement, { kind: 'expect' }>;
  readonly deadlineMs: number;
}

class Player {
  readonly entries: Entry[] = [];
  readonly outcomes: Outcome[] = [];
  readonly acts: { atMs: number; text: string }[] = [];
  readonly watch: Watch;
  readonly sim: Simulation;
  readonly #names: Names;
  readonly #scene: Scene;
  readonly #stage: SimStage;
  readonly #serving = new Map<string, string>();
  readonly #doubled = new Map<string, number>();
  #pending: Pending[] = [];

  constructor(cast: Cast, scenario: Scenario) {
    this.#names = cast.names;
    this.watch = new Watch(cast.names.groups.map(({ key }) => key));
    this.sim = new Simulation({
      nodes: cast.nodes,
      links: cast.names.links,
      seed: scenario.seed,
      onEffect: (node, effect) => this.#hear(node, effect),
    });
    this.sim.ledger.onSet = (group) => this.#look(group);
    this.#stage = new SimStage(this.sim);
    this.#scene = {
      names: cast.names,
      watch: this.watch,
      isRunning: (node) => this.sim.node(node).state !== undefined,
    };
    for (const statement of scenario.statements) this.sim.at(statement.atMs, () => this.#do(statement));
  }

  end(): void {
    for (const pending of this.#pending.splice(0))
      this.#conclude(pending.statement, this.#judge(pending.statement));
  }

  #do(statement: Statement): void {
    if (statement.kind === 'act') {
      this.#act(statement);
      return;
    }
    const { expectation, values, atMs } = statement;
    if (isAboutAll(expectation)) {
      this.#pending.push({ statement, deadlineMs: Number.POSITIVE_INFINITY });
      return;
    }
    const lastsMs = Number(values.get('time') ?? 0);
    const verdict = this.#judge(statement);
    const isDecided = expectation.kind !== 'unmoved' && (verdict === true || lastsMs === 0);
    if (isDecided) {
      this.#conclude(statement, verdict);
      return;
    }
    const pending = { statement, deadlineMs: atMs + lastsMs };
    this.#pending.push(pending);
    this.sim.at(pending.deadlineMs, () => {
      if (!this.#pending.includes(pending)) return;
      this.#pending = this.#pending.filter((one) => one !== pending);
      this.#conclude(statement, this.#judge(statement));
    });
  }

  #act({ text, verb, values, undoes }: Extract<Statement, { kind: 'act' }>): void {
    this.acts.push({ atMs: this.sim.nowMs, text });
    this.#tell('act', null, text);
    try {
      if (undoes) verb.undo?.(this.#stage, values);
      else verb.act(this.#stage, values);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#tell('alarm', null, `${error.message}.`);
    }
    this.#lookAtAll();
  }

  #judge({ expectation, values, atMs }: Pending['statement']): Verdict {
    return judgeNow(this.#scene, expectation, values, atMs, this.sim.nowMs);
  }

  #conclude({ line, text }: Pending['statement'], verdict: Verdict): void {
    const ok = verdict === true;
    const seen = verdict === true ? '' : verdict;
    this.outcomes.push({ line, atMs: this.sim.nowMs, text, ok, seen });
    this.#tell(ok ? 'passed' : 'failed', null, ok ? text : `line ${line}: ${text}: but ${seen}`);
  }

  #tell(kind: Entry['kind'], node: string | null, text: string): void {
    this.entries.push({ atMs: this.sim.nowMs, kind, node, text });
  }

  #hear(node: SimNode, effect: Effect): void {
    if (effect.kind === 'event' || effect.kind === 'log') {
      const isEvent = effect.kind === 'event';
      const { code, text } = effect;
      this.watch.lines.push({ atMs: this.sim.nowMs, node: node.name, code, text, isEvent });
      if (isEvent) this.#tell('event', node.name, text);
    } else if (effect.kind === 'reply' && !effect.ok)
      this.#tell('alarm', node.name, `refuses: ${effect.text}`);
    else if (effect.kind === 'rebootSelf') this.#tell('alarm', node.name, `reboots: ${effect.reason}`);
    else if (effect.kind === 'exit') this.#tell('event', node.name, `The daemon ends: ${effect.reason}`);
    else if (effect.kind !== 'operation') return;
    this.#lookAtAll();
  }

  #lookAtAll(): void {
    for (const group of this.watch.groups) this.#look(group);
    this.#settle();
  }

  #look(key: string): void {
    const group = this.#names.groups.find((one) => one.key === key);
    if (group === undefined) return;
    const owners = this.sim.owners(key);
    const serving = owners.filter((name) => this.#serves(this.sim.node(name), key));
    if (!this.watch.see(this.sim.nowMs, key, owners, serving)) return;
    this.#tellService(key, owners, serving);
  }

  #serves(node: SimNode, key: string): boolean {
    const group = this.#names.groups.find((one) => one.key === key);
    const whole = group?.resources.every(({ word, address }) =>
      this.sim.ledger.isActive(key, node.name, address?.address ?? word),
    );
    if (whole !== true) return false;
    // A VRRP instance serves with its addresses; nothing else is started.
    if (group?.node === `vrrp:${key}`) return true;
    const phase = node.state?.resources.groups.find((one) => one.key === key)?.phase;
    // Whatever a daemon does or does not know: what served and is still whole serves on, unless it is started anew.
    const served = this.watch.now(key).serving.includes(node.name);
    return phase === 'running' || (served && phase !== 'starting');
  }

  #tellService(key: string, owners: readonly string[], serving: readonly string[]): void {
    const title = groupTitle(this.#names.groups, key);
    const before = this.#serving.get(key) ?? '';
    const now = serving.join(' and ');
    const sinceMs = this.#doubled.get(key);
    if (owners.length > 1 && sinceMs === undefined) {
      this.#doubled.set(key, this.sim.nowMs);
      this.#tell('alarm', null, `Two owners of ${title}: ${owners.join(' and ')}.`);
    } else if (owners.length < 2 && sinceMs !== undefined) {
      this.#doubled.delete(key);
      const lastedMs = this.sim.nowMs - sinceMs;
      this.#tell(
        'alarm',
        null,
        `${title} has one owner again, after ${(lastedMs / 1000).toFixed(3)} s with two.`,
      );
    }
    if (before === now) return;
    this.#serving.set(key, now);
    const whole = now === '' ? `${title} is not served any more.` : `${title} is served by ${now}.`;
    this.#tell('service', null, whole);
  }

  #settle(): void {
    for (const pending of [...this.#pending]) {
      const { expectation } = pending.statement;
      if (isAboutAll(expectation)) continue;
      const verdict = this.#judge(pending.statement);
      // What must not happen is decided by its happening, everything else by its coming.
      if ((expectation.kind === 'unmoved') === (verdict === true)) continue;
      this.#pending = this.#pending.filter((one) => one !== pending);
      this.#conclude(pending.statement, verdict);
    }
  }
}

/** Plays the scenario to its end. The same cast and scenario give the same outcome. */
export function playScenario(cast: Cast, scenario: Scenario): Played {
  const player = new Player(cast, scenario);
  player.sim.runFor(scenario.untilMs);
  player.end();
  const { watch, entries, outcomes, acts, sim } = player;
  return {
    names: cast.names,
    watch,
    entries,
    outcomes,
    acts,
    violations: sim.order.violations,
    untilMs: sim.nowMs,
  };
}
