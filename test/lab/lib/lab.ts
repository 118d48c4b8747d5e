import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../../support/root.js';
import { labAbility, type Privilege, SYSTEM_PATH, unshareOptions } from './ability.js';
import { AgentLink } from './agent-link.js';
import { LabClient } from './asking.js';
import { nsenterArguments } from './enter.js';
import { type LabOptions, placeForFolder, planMachines, visibleOfHost } from './layout.js';
import { LabNode } from './node.js';
import { Observation } from './observing.js';
import type {
  ClientCalls,
  Direction,
  HubCalls,
  HubEvent,
  Impairment,
  LossRule,
  MachinePlan,
  SerialEnd,
} from './protocol.js';
import { until } from './until.js';

/** A serial line between two nodes (Lab.serialCable). */
export interface Cable {
  /** Pulls it: bytes are lost both ways. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
}

/** A switch, or several, with nodes and client hosts, in namespaces of their own. Made by `createLab`. */
export class Lab {
  readonly links: readonly string[];
  readonly privilege: Privilege;
  readonly #hub: AgentLink<HubCalls>;
  readonly #hubPid: number;
  readonly #nodes: Map<string, LabNode>;
  readonly #plans: readonly MachinePlan[];
  readonly #realtime: boolean;
  readonly #loss: LossRule[] = [];
  readonly #relays = new Map<string, Impairment[]>();
  readonly #agents = new Map<string, Promise<AgentLink<ClientCalls>>>();
  #destroyed: Promise<void> | null = null;

  /** Use createLab. */
  constructor(parts: {
    links: readonly string[];
    privilege: Privilege;
    hub: AgentLink<HubCalls>;
    hubPid: number;
    nodes: Map<string, LabNode>;
    plans: readonly MachinePlan[];
    realtime: boolean;
  }) {
    this.links = parts.links;
    this.privilege = parts.privilege;
    this.#hub = parts.hub;
    this.#hubPid = parts.hubPid;
    this.#nodes = parts.nodes;
    this.#plans = parts.plans;
    this.#realtime = parts.realtime;
  }

  /** Process id, as seen from here, of the process that the whole lab ends with. */
  get hubPid(): number {
    return this.#hubPid;
  }

  /** A node or client host by its name. */
  node(name: string): LabNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`the lab has no machine ${name}`);
    return node;
  }

  /** Pulls a cable (all cables of the node without `link`): the node sees its carrier go. Gives the moment. */
  cut(node: string, link?: string): Promise<{ atMs: number }> {
    return this.#eachLink(node, link, (one) =>
      this.#hub.call('cable', { machine: node, link: one, plugged: false }),
    );
  }

  /** The switch passes nothing from or to the node any more, while the node still sees its carrier. */
  silence(node: string, link?: string): Promise<{ atMs: number }> {
    return this.#eachLink(node, link, (one) =>
      this.#hub.call('silence', { machine: node, link: one, silent: true }),
    );
  }

  /**
   * Loses some of a node's frames on a link: `out` those it sends, `in` those it receives, default both. 0 percent
   * ends it; 100 percent one way is a one-way link. Says how it works here: by filter rules or by the relay.
   */
  async loss(
    node: string,
    link: string,
    loss: { percent: number; direction?: Direction },
  ): Promise<{ by: 'filter' | 'relay' }> {
    const direction = loss.direction ?? 'both';
    const directions = direction === 'both' ? (['in', 'out'] as const) : [direction];
    for (const one of directions) {
      this.#forgetLoss((rule) => rule.machine === node && rule.link === link && rule.direction === one);
      if (loss.percent > 0) this.#loss.push({ machine: node, link, direction: one, percent: loss.percent });
    }
    return this.#hub.call('loss', { rules: [...this.#loss] });
  }

  /** Puts a relay into a node's cable that delays, reorders, damages, doubles or loses frames. Several add up. */
  async relay(node: string, link: string, ...impairments: Impairment[]): Promise<void> {
    this.#relays.set(`${node} ${link}`, impairments);
    await this.#hub.call('relay', { machine: node, link, impairments });
  }

  /**
   * Ends cut, silence, loss and relay of a node's link, of all its links, or of the whole lab. `atMs`: when the first
   * link passed frames again; NaN: there was none.
   */
  async heal(node?: string, link?: string): Promise<{ atMs: number }> {
    let atMs = Number.NaN;
    const machines = this.#plans.filter((plan) =>
      node === undefined ? link === undefined || plan.links.includes(link) : plan.name === node,
    );
    const hadLoss = this.#loss.length;
    for (const plan of machines) {
      for (const one of link === undefined ? plan.links : [link]) {
        await this.#hub.call('cable', { machine: plan.name, link: one, plugged: true });
        const spoke = await this.#hub.call('silence', { machine: plan.name, link: one, silent: false });
        if (Number.isNaN(atMs)) atMs = (spoke as { atMs: number }).atMs;
        if (this.#relays.delete(`${plan.name} ${one}`)) {
          await this.#hub.call('relay', { machine: plan.name, link: one, impairments: [] });
        }
        this.#forgetLoss((rule) => rule.machine === plan.name && rule.link === one);
      }
    }
    if (this.#loss.length !== hadLoss) await this.#hub.call('loss', { rules: [...this.#loss] });
    return { atMs };
  }

  /**
   * A null-modem cable between two nodes: a device of that path in each (/dev/ttyS0), there again after power on. With
   * `baud` it carries baud/10 bytes a second each way. A receiver that does not read holds the sender; bytes to a
   * node without power are lost.
   */
  async serialCable(
    a: string,
    b: string,
    path: string | readonly [string, string] = '/dev/ttyS0',
    options: { baud?: number } = {},
  ): Promise<Cable> {
    const [pathA, pathB] = typeof path === 'string' ? [path, path] : path;
    const ends: SerialEnd[] = [
      { machine: a, path: pathA },
      { machine: b, path: pathB },
    ];
    const bytesPerSecond = options.baud === undefined ? null : options.baud / 10;
    const { cable } = await this.#hub.call('serial', { ends, bytesPerSecond });
    const set = async (connected: boolean): Promise<void> => {
      await this.#hub.call('serialConnected', { cable, connected });
    };
    return { disconnect: () => set(false), reconnect: () => set(true) };
  }

  /**
   * Starts to ask for addresses on a link (default the first) every `everyMs` (default 10): IPv4 by ARP, IPv6 by
   * neighbour solicitation.
   */
  async observe(
    addresses: readonly string[],
    options: { link?: string; everyMs?: number } = {},
  ): Promise<Observation> {
    const link = options.link ?? this.links[0] ?? '';
    const everyMs = options.everyMs ?? 10;
    const { observer } = await this.#hub.call('observe', { link, addresses: [...addresses], everyMs });
    const linkIndex = this.links.indexOf(link);
    const names = new Map<string, string>();
    for (const plan of this.#plans) {
      const machine = this.node(plan.name);
      for (const one of plan.links) names.set(machine.mac(one), plan.name);
    }
    if (linkIndex < 0) throw new Error(`the lab has no link ${link}`);
    return new Observation(this.#hub, observer, (mac) => names.get(mac) ?? mac);
  }

  /**
   * Starts to ask `udp://ADDRESS` (the echo server in every machine's network, which answers with the machine's name)
   * or `http://ADDRESS/...` from a client host, every `everyMs` (default 5 for UDP, 50 for HTTP).
   */
  async client(
    url: string,
    options: { everyMs?: number; timeoutMs?: number; host?: string } = {},
  ): Promise<LabClient> {
    const agent = await this.#clientAgent(options.host ?? 'client');
    const everyMs = options.everyMs ?? (url.startsWith('udp:') ? 5 : 50);
    const target = { url, everyMs, timeoutMs: options.timeoutMs ?? 250 };
    const machines = this.#plans.map((plan) => plan.name);
    const { client } = await agent.call('start', { target, machines });
    return new LabClient(agent, client);
  }

  /** Waits for a condition; see `until`. */
  until<T>(
    condition: () => T | Promise<T>,
    wanted: { withinMs: number; what: string; everyMs?: number },
  ): Promise<Exclude<T, false | null | undefined>> {
    return until(condition, wanted);
  }

  /** Ends everything in the lab; its namespaces, mounts and interfaces go with it. Calling it again does nothing. */
  destroy(): Promise<void> {
    this.#destroyed ??= (async () => {
      await this.#hub.close();
      for (const agent of this.#agents.values()) await (await agent.catch(() => null))?.close();
    })();
    return this.#destroyed;
  }

  #forgetLoss(which: (rule: LossRule) => boolean): void {
    const kept = this.#loss.filter((rule) => !which(rule));
    this.#loss.splice(0, this.#loss.length, ...kept);
  }

  async #eachLink(
    node: string,
    link: string | undefined,
    action: (link: string) => Promise<{ atMs: number }>,
  ): Promise<{ atMs: number }> {
    const plan = this.#plans.find((one) => one.name === node);
    if (plan === undefined) throw new Error(`the lab has no machine ${node}`);
    const done = await Promise.all((link === undefined ? plan.links : [link]).map(action));
    return { atMs: Math.max(...done.map((one) => one.atMs)) };
  }

  #clientAgent(host: string): Promise<AgentLink<ClientCalls>> {
    const known = this.#agents.get(host);
    if (known !== undefined) return known;
    const started = (async () => {
      const inside = nsenterArguments(this.node(host).pid, 'root', 'network');
      // First into the hub's process space, so that it ends with the lab; then into the client host's network.
      const outer = [
        '-t',
        String(this.#hubPid),
        ...(this.privilege === 'user' ? ['-U', '--preserve-credentials'] : []),
      ];
      const child = spawn(
        'nsenter',
        [...outer, '-p', '--', 'nsenter', ...inside, process.execPath, agentScript(), 'client'],
        {
          stdio: ['pipe', 'pipe', 'pipe'],
          env: { PATH: SYSTEM_PATH, LAB_REALTIME: this.#realtime ? '1' : '0' },
          detached: true,
        },
      );
      const agent = new AgentLink<ClientCalls>(child, () => {});
      await agent.ready;
      return agent;
    })();
    this.#agents.set(host, started);
    return started;
  }
}

function agentScript(): string {
  return fileURLToPath(new URL('./agent/main.js', import.meta.url));
}

/**
 * Builds a lab and switches all its machines on. Throws when the machine cannot (ask `labAbility` first). Everything
 * in it ends with `destroy`, and by itself when this process ends, however it ends.
 */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const ability = labAbility();
  if (!ability.possible) throw new Error(ability.reason);
  const privilege = options.privilege ?? ability.privilege;
  const links = options.links ?? ['eth0', 'eth1'];
  const plans = planMachines(options, links);
  const visiblePaths = visibleOfHost(options.visible ?? []);
  const folder = placeForFolder([...visiblePaths, agentScript()]);
  const visible = [...visiblePaths.map((path) => `${path}|${path}`), '/etc|/.host/etc'].join('\n');
  const scripts = join(repositoryRoot(), 'test', 'lab', 'lib');
  const child = spawn('unshare', [...unshareOptions(privilege), 'sh', join(scripts, 'hub-init.sh')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: {
      PATH: SYSTEM_PATH,
      LAB: folder,
      VISIBLE: visible,
      NODE: process.execPath,
      AGENT: agentScript(),
      LAB_MACHINE_INIT: join(scripts, 'machine-init.sh'),
      LAB_NO_FILTER: options.withoutFilter === true ? '1' : '0',
      LAB_REALTIME: options.realtime === true ? '1' : '0',
    },
  });
  const nodes = new Map<string, LabNode>();
  const hub = new AgentLink<HubCalls>(child, (event: HubEvent) => {
    if (event.event === 'ended') nodes.get(event.machine)?.noteEnd(event);
  });
  try {
    const { testPid } = await hub.ready;
    for (const plan of plans) {
      nodes.set(plan.name, new LabNode(plan, { hub, hubPid: testPid, privilege, folder, links }));
    }
    await hub.call('build', { links: [...links], machines: plans, visible });
    await Promise.all([...nodes.values()].map((node) => node.powerOn()));
    const realtime = options.realtime === true;
    return new Lab({ links, privilege, hub, hubPid: testPid, nodes, plans, realtime });
  } catch (error) {
    await hub.close();
    throw error;
  }
}
