/** Two nodes of given kinds, the three files, an observer of each address, a client of each, and a tap on the wire. */
import {
  createLab,
  type Lab,
  type LabClient,
  labAbility,
  nowMs,
  type Observation,
} from '../../lab/lib/index.js';
import { type Kind, type Machine, machineOf } from './machines.js';
import { tapWire, type WireTap } from './wire-tap.js';

export type Failback = 'on' | 'off' | 'legacy';
export type Method = 'crc' | 'md5' | 'sha1';
export type Medium = 'bcast+mcast' | 'ucast' | 'serial' | 'bcast';

export interface MixedOptions {
  /** Kinds of node1 and node2. */
  readonly kinds: readonly [Kind, Kind];
  readonly medium: Medium;
  readonly method: Method;
  readonly autoFailback: Failback;
  /** Further lines of ha.cf on both. */
  readonly haCf?: readonly string[];
  /** Words after the address of node1's and node2's group. */
  readonly scripts?: readonly [string, string];
  /** Whole text of authkeys of node1 and node2, instead of one key with `method`. */
  readonly authkeys?: readonly [string, string];
  readonly keepalive?: string;
  readonly deadtime?: string;
  readonly initdead?: string;
}

/** Address `a` is preferred on node1, `b` on node2. */
export const ADDRESSES = { a: '10.77.0.100', b: '10.77.0.101' } as const;
export type GroupName = keyof typeof ADDRESSES;
const GROUPS: readonly GroupName[] = ['a', 'b'];

/** Which of the two addresses each node has. */
export type Holding = Readonly<Record<'node1' | 'node2', string>>;

const ASK_EVERY_MS = 20;
const SECRET = 'a-secret-of-the-mixed-lab';

const MEDIA: Readonly<Record<Medium, readonly string[]>> = {
  bcast: ['bcast eth0'],
  'bcast+mcast': ['bcast eth0', 'mcast eth1 239.0.0.42 694 1 0'],
  ucast: ['ucast eth0 10.77.0.1', 'ucast eth0 10.77.0.2', 'ucast eth1 10.78.0.1', 'ucast eth1 10.78.0.2'],
  serial: ['baud 19200', 'serial /dev/ttyS0'],
};

export class MixedCluster {
  readonly lab: Lab;
  readonly options: MixedOptions;
  readonly node1: Machine;
  readonly node2: Machine;
  readonly tap: WireTap;
  readonly observation: Observation;
  readonly clients: Readonly<Record<GroupName, LabClient>>;

  constructor(parts: {
    lab: Lab;
    options: MixedOptions;
    tap: WireTap;
    observation: Observation;
    clients: Readonly<Record<GroupName, LabClient>>;
  }) {
    this.lab = parts.lab;
    this.options = parts.options;
    this.tap = parts.tap;
    this.observation = parts.observation;
    this.clients = parts.clients;
    this.node1 = machineOf(parts.options.kinds[0], parts.lab.node('node1'));
    this.node2 = machineOf(parts.options.kinds[1], parts.lab.node('node2'));
  }

  get machines(): readonly [Machine, Machine] {
    return [this.node1, this.node2];
  }

  /** The node that runs this program (the first, when both do). */
  get ours(): Machine {
    return this.node1.kind === 'ours' ? this.node1 : this.node2;
  }

  get original(): Machine {
    return this.node1.kind === 'original' ? this.node1 : this.node2;
  }

  other(machine: Machine): Machine {
    return machine === this.node1 ? this.node2 : this.node1;
  }

  /** Which addresses each node has now, by the kernel: 'a', 'b', 'ab', '-', or 'off' without power. */
  async holding(): Promise<Holding> {
    const of = async (machine: Machine): Promise<string> => {
      if (!machine.node.isOn) return 'off';
      const have = new Set((await machine.node.addresses()).map(({ address }) => address));
      return GROUPS.filter((group) => have.has(ADDRESSES[group])).join('') || '-';
    };
    const [node1, node2] = await Promise.all([of(this.node1), of(this.node2)]);
    return { node1, node2 };
  }

  /** Waits until the nodes hold exactly this. */
  async holds(node1: string, node2: string, withinMs: number): Promise<void> {
    let last = '';
    const wanted = `node1 ${node1}, node2 ${node2}`;
    try {
      await this.lab.until(
        async () => {
          const now = await this.holding();
          last = `node1 ${now.node1}, node2 ${now.node2}`;
          return last === wanted;
        },
        { withinMs, what: wanted, everyMs: 200 },
      );
    } catch {
      throw new Error(`not within ${withinMs} ms: ${wanted}; it is ${last}`);
    }
  }

  /** Waits until nothing but heartbeats has been on the wire for a while. */
  async quiet(forMs = 2500, withinMs = 40_000): Promise<void> {
    if (this.options.medium === 'serial') {
      await new Promise((resolve) => setTimeout(resolve, 2 * forMs));
      return;
    }
    const beganMs = nowMs();
    await this.lab.until(() => nowMs() - beganMs > forMs && this.tap.quietForMs() > forMs, {
      withinMs,
      what: 'the wire to be quiet',
    });
  }

  async destroy(): Promise<void> {
    this.tap.close();
    await this.lab.destroy();
  }
}

/** Why there can be no lab here; undefined when there can. */
export function labAbsent(): string | undefined {
  const ability = labAbility();
  return ability.possible ? undefined : ability.reason;
}

function haCf(options: MixedOptions): string {
  return `${[
    'logfile /var/log/ha-log',
    'debugfile /var/log/ha-debug',
    'use_logd off',
    `keepalive ${options.keepalive ?? '500ms'}`,
    `deadtime ${options.deadtime ?? '3'}`,
    `initdead ${options.initdead ?? '5'}`,
    `auto_failback ${options.autoFailback}`,
    ...MEDIA[options.medium],
    'node node1 node2',
    ...(options.haCf ?? []),
  ].join('\n')}\n`;
}

/** Builds the lab and writes the three files on both nodes; no daemon runs yet. */
export async function createMixed(options: MixedOptions): Promise<MixedCluster> {
  const lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0', 'eth1'] });
  try {
    if (options.medium === 'serial') await lab.serialCable('node1', 'node2', '/dev/ttyS0', { baud: 19_200 });
    const key = options.method === 'crc' ? '1 crc' : `1 ${options.method} ${SECRET}`;
    const [after1 = '', after2 = ''] = options.scripts ?? ['', ''];
    const haresources = [
      `node1 ${ADDRESSES.a}/24/eth0 ${after1}`.trimEnd(),
      `node2 ${ADDRESSES.b}/24/eth0 ${after2}`.trimEnd(),
    ];
    const tap = await tapWire(lab);
    const observation = await lab.observe(Object.values(ADDRESSES), { everyMs: ASK_EVERY_MS });
    const clients = {
      a: await lab.client(`udp://${ADDRESSES.a}`, { everyMs: ASK_EVERY_MS }),
      b: await lab.client(`udp://${ADDRESSES.b}`, { everyMs: ASK_EVERY_MS }),
    };
    const cluster = new MixedCluster({ lab, options, tap, observation, clients });
    for (const machine of cluster.machines) {
      await machine.prepare();
      await machine.node.write('/etc/ha.d/ha.cf', haCf(options));
      await machine.node.write('/etc/ha.d/haresources', `${haresources.join('\n')}\n`);
      const own = options.authkeys?.[machine.name === 'node1' ? 0 : 1] ?? `auth 1\n${key}\n`;
      await machine.node.write('/etc/ha.d/authkeys', own, 0o600);
    }
    return cluster;
  } catch (error) {
    await lab.destroy();
    throw error;
  }
}
