/** A pair of real daemons in a lab: the stories of the two-node failover start from here. */
import { join } from 'node:path';
import type { StatusSnapshot } from '../../../src/core/snapshot-types.js';
import { repositoryRoot } from '../../support/root.js';
import { createLab, type Lab, type LabNode } from '../lib/index.js';

export interface ClusterOptions {
  readonly keepalive?: string;
  readonly deadtime?: string;
  readonly initdead?: string;
  readonly autoFailback?: 'on' | 'off' | 'legacy';
  /** Media lines of ha.cf. */
  readonly media?: readonly string[];
  readonly haresources?: readonly string[];
  readonly authkeys?: Readonly<Record<string, string>>;
  /** Further machines in the network, without heartbeat: 10.77.0.3 and so on. */
  readonly others?: readonly string[];
  /** heartbeat.ini */
  readonly settings?: string;
}

export const VIP = '10.77.0.100';
export const GROUP = `${VIP}/24/eth0`;

const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');

export interface Cluster {
  readonly lab: Lab;
  readonly node1: LabNode;
  readonly node2: LabNode;
  /** Starts the daemons and waits until both commands have returned; exit codes other than 0 fail. */
  start(...nodes: readonly LabNode[]): Promise<void>;
  /** `heartbeat ARGS` in the node. */
  heartbeat(node: LabNode, ...args: readonly string[]): ReturnType<LabNode['exec']>;
  /** `heartbeat status --json`, or undefined while no daemon answers. */
  status(node: LabNode): Promise<StatusSnapshot | undefined>;
  /** Waits until the node says that it owns all of the groups and they run. */
  owns(node: LabNode, keys?: readonly string[], withinMs?: number): Promise<void>;
  /** Waits until no resource moves, as far as both nodes know: a standby is not refused then. */
  quiet(): Promise<void>;
}

/** Writes the three files on both nodes; nothing runs yet. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const lab = await createLab({
    nodes: ['node1', 'node2', ...(options.others ?? [])],
    links: ['eth0', 'eth1'],
  });
  const media = options.media ?? ['bcast eth0', 'mcast eth1 239.0.0.1 694 1 0'];
  const haCf = [
    'logfile /var/log/ha-log',
    'debugfile /var/log/ha-debug',
    `keepalive ${options.keepalive ?? '200ms'}`,
    `deadtime ${options.deadtime ?? '2'}`,
    `initdead ${options.initdead ?? '10'}`,
    `auto_failback ${options.autoFailback ?? 'on'}`,
    ...media,
    'node node1 node2',
  ];
  for (const name of ['node1', 'node2']) {
    const node = lab.node(name);
    await node.write('/etc/ha.d/ha.cf', `${haCf.join('\n')}\n`);
    await node.write('/etc/ha.d/haresources', `${(options.haresources ?? [`node1 ${GROUP}`]).join('\n')}\n`);
    await node.write(
      '/etc/ha.d/authkeys',
      options.authkeys?.[name] ?? 'auth 1\n1 sha1 a-secret-of-the-lab\n',
      0o600,
    );
    if (options.settings !== undefined) await node.write('/etc/ha.d/heartbeat.ini', options.settings);
  }
  const node1 = lab.node('node1');
  const node2 = lab.node('node2');
  const cluster: Cluster = {
    lab,
    node1,
    node2,
    async start(...nodes) {
      const started = nodes.length > 0 ? nodes : [node1, node2];
      await Promise.all(started.map((node) => node.run([HEARTBEAT])));
    },
    heartbeat: (node, ...args) => node.exec([HEARTBEAT, ...args]),
    async status(node) {
      const { code, stdout } = await node.exec([HEARTBEAT, 'status', '--json']);
      if (code !== 0) return undefined;
      const parsed = JSON.parse(stdout) as { status?: StatusSnapshot } & StatusSnapshot;
      return parsed.status ?? parsed;
    },
    async owns(node, keys, withinMs = 20_000) {
      await lab.until(
        async () => {
          const groups = (await cluster.status(node))?.groups ?? [];
          const meant = groups.filter((group) => keys === undefined || keys.includes(group.key));
          return (
            meant.length > 0 && meant.every((group) => group.owner === node.name && group.state === 'running')
          );
        },
        { withinMs, what: `${node.name} to own and run ${keys?.join(', ') ?? 'every group'}`, everyMs: 100 },
      );
    },
    async quiet() {
      await lab.until(
        async () => {
          const found = await Promise.all([node1, node2].map((node) => cluster.status(node)));
          return found.every((status) => status !== undefined && status.resources !== 'transition');
        },
        { withinMs: 20_000, what: 'both nodes to be quiet' },
      );
    },
  };
  return cluster;
}

/** Runs a story and takes the lab down whatever happens; on a failure the nodes' logs are shown. */
export async function withCluster(
  options: ClusterOptions,
  story: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = await createCluster(options);
  try {
    await story(cluster);
  } catch (error) {
    for (const node of [cluster.node1, cluster.node2]) {
      const text = await node.log().catch(() => 'no log');
      console.error(`--- log of ${node.name}\n${text}`);
    }
    throw error;
  } finally {
    await cluster.lab.destroy();
  }
}
