/** A virtual cluster: nodes, network, clock and the ledger of what is really active. One seed gives one run. */
import type { AuthKeys, ClusterConfig } from '../config/types.js';
import type { Effect } from '../core/effect.js';
import { EffectLog } from './effect-log.js';
import { EventQueue } from './event-queue.js';
import { VirtualFencing } from './fencing-device.js';
import { Ledger } from './ledger.js';
import { Network } from './network.js';
import { SimNode } from './node.js';
import type { Said } from './node-parts.js';
import { OrderCheck } from './order-check.js';
import { Post } from './post.js';
import { Dice } from './random.js';

export interface SimulationOptions {
  /** One configuration for each node; `self` tells which. */
  readonly nodes: readonly {
    readonly config: ClusterConfig;
    readonly authKeys: AuthKeys;
    /** It plays an original (see codec.ts). */
    readonly original?: boolean;
  }[];
  /** Names of the links; every node is on each. */
  readonly links: readonly string[];
  readonly seed: number;
  /** Keep every effect as a line (otherwise none is looked at). */
  readonly recordEffects?: boolean;
  /** Told every effect before it is carried out. */
  readonly onEffect?: (node: SimNode, effect: Effect) => void;
}

const START_MS = 1_000_000;
/** Codes of log lines with which a receiver says that it will not get what it missed. */
const FORGETTING = new Set([
  'packet-given-up',
  'packets-lost-many',
  'peer-dead',
  'partition-healed',
  'peer-restart',
]);
const ADDRESS = /^[0-9a-f]*[.:]/;

export class Simulation {
  readonly queue = new EventQueue(START_MS);
  readonly dice: Dice;
  readonly network: Network;
  readonly ledger = new Ledger();
  /** The same for each address by itself. */
  readonly addresses = new Ledger();
  readonly effects: EffectLog | undefined;
  readonly order: OrderCheck;
  readonly fencing: VirtualFencing;
  /** From the reset of a node by a device until its daemon starts; infinite: it stays off. */
  bootMs = 15_000;
  /** Events that the cores announced. */
  readonly said: Said[] = [];
  /** Gratuitous announcements: when, by whom, of which addresses. */
  readonly announced: { readonly atMs: number; readonly node: string; readonly addresses: string[] }[] = [];
  /** Operations that the cores asked for. */
  operations = 0;
  readonly rebooted: string[] = [];
  readonly post: Post;
  /** When the program of each node began to run, or ceased to. */
  readonly lives: { readonly atMs: number; readonly node: string; readonly running: boolean }[] = [];
  /** Log lines of each node. */
  readonly lines = new Map<string, number>();
  readonly #nodes = new Map<string, SimNode>();
  readonly #watchers: (() => void)[] = [];
  readonly #running = new Map<string, boolean>();

  constructor(options: SimulationOptions) {
    this.dice = new Dice(options.seed);
    this.effects = options.recordEffects === true ? new EffectLog(true) : undefined;
    const names = options.nodes.map(({ config }) => config.self);
    this.network = new Network(this.queue, this.dice, names, options.links, (to, link, packet) =>
      this.#nodes.get(to)?.deliver(link, packet),
    );
    this.post = new Post(options.nodes.length);
    this.order = new OrderCheck(this.ledger);
    this.fencing = new VirtualFencing({
      queue: this.queue,
      nowMs: () => this.nowMs,
      reset: (node) => this.#reset(node),
      report: (to, run, commandId, result) =>
        this.#nodes.get(to)?.tell(run, { kind: 'fenceDone', commandId, result }),
    });
    this.network.onChange = () => this.#changed();
    for (const [index, { config, authKeys, original }] of options.nodes.entries()) {
      const node: SimNode = new SimNode({
        config,
        authKeys,
        original: original ?? false,
        links: options.links,
        number: index + 1,
        queue: this.queue,
        dice: this.dice,
        seed: options.seed,
        send: (link, packet) => this.network.send(config.self, link, packet),
        setActive: (group, resource, active) => {
          this.ledger.set(this.nowMs, group, config.self, resource, active);
          if (ADDRESS.test(resource)) this.addresses.set(this.nowMs, resource, config.self, resource, active);
        },
        isActive: (group, resource) => this.ledger.isActive(group, config.self, resource),
        reaches: (from, witness) => this.network.reaches(from, witness),
        fencing: this.fencing,
        lifeChanged: (changed) => {
          this.#live(changed);
          this.#changed();
        },
        heard: (message) => this.post.heard(this.nowMs, config.self, message),
        observe: (speaker, effect) => {
          options.onEffect?.(speaker, effect);
          this.#observe(speaker, effect);
        },
      });
      this.#nodes.set(config.self, node);
    }
  }

  /** Virtual time, ms since the run began. */
  get nowMs(): number {
    return this.queue.nowMs - START_MS;
  }

  get nodes(): SimNode[] {
    return [...this.#nodes.values()];
  }

  /** The node of that name; throws RangeError when there is none. */
  node(name: string): SimNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new RangeError(`the simulation has no node ${name}`);
    return node;
  }

  /** Plans something for a moment of the run. */
  at(atMs: number, run: () => void): void {
    this.queue.at(START_MS + atMs, run);
  }

  runFor(durationMs: number): void {
    const untilMs = this.queue.nowMs + durationMs;
    while (this.queue.runNext(untilMs));
  }

  /** Runs until the condition holds; false when it does not within the limit. */
  runUntil(condition: () => boolean, limitMs: number): boolean {
    const untilMs = this.queue.nowMs + limitMs;
    while (!condition()) {
      if (!this.queue.runNext(untilMs)) return condition();
    }
    return true;
  }

  /** Nodes on which anything of the group is active. */
  owners(group: string): string[] {
    return this.ledger.owners(group);
  }

  /** Whether an event with that code was announced by that node (undefined: by any) since `sinceMs`. */
  hasSaid(code: string, node?: string, sinceMs = 0): boolean {
    return this.said.some(
      (entry) => entry.code === code && entry.atMs >= sinceMs && (node === undefined || entry.node === node),
    );
  }

  /** `see` is called whenever a path of the network or the life of a node changed. */
  onChange(see: () => void): void {
    this.#watchers.push(see);
  }

  #live(node: SimNode): void {
    const running = node.state !== undefined && !node.paused;
    if (this.#running.get(node.name) === running) return;
    this.#running.set(node.name, running);
    this.lives.push({ atMs: this.nowMs, node: node.name, running });
    this.post.runChanged(node.name);
  }

  #changed(): void {
    for (const see of this.#watchers) see();
  }

  /** By the rule a receiver gives numbers up, or forgets the numbering of a sender: it says so. */
  #noteForgotten(to: string, code: string, sentence: string): void {
    if (!FORGETTING.has(code)) return;
    for (const { name } of this.nodes) {
      if (!new RegExp(`\\b${name}\\b`).test(sentence)) continue;
      const seq = /seq (\d+)$/.exec(sentence)?.[1];
      if (code === 'packet-given-up' && seq !== undefined) this.post.givenUp(to, name, Number(seq));
      else this.post.forgotten(to, name);
    }
  }

  #reset(name: string): void {
    const node = this.node(name);
    node.powerOff();
    if (Number.isFinite(this.bootMs)) this.queue.after(this.bootMs, () => node.powerOn());
  }

  #observe(node: SimNode, effect: Effect): void {
    const atMs = this.nowMs;
    this.effects?.add(`${atMs.toFixed(3)} ${node.name} ${JSON.stringify(effect)}`);
    switch (effect.kind) {
      case 'event':
        this.said.push({ atMs, node: node.name, code: effect.code, text: effect.text });
        return;
      case 'announce':
        this.announced.push({
          atMs,
          node: node.name,
          addresses: effect.addresses.map(({ address }) => address),
        });
        return;
      case 'operation':
        this.operations += 1;
        this.order.see(atMs, node, effect.operation);
        return;
      case 'send':
        this.post.sent(atMs, node.name, effect.message);
        return;
      case 'log':
        this.lines.set(node.name, (this.lines.get(node.name) ?? 0) + 1);
        this.#noteForgotten(node.name, effect.code, effect.text);
        return;
      case 'rebootSelf':
        this.rebooted.push(node.name);
        return;
      default:
        return;
    }
  }
}
