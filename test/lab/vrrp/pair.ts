/** Two nodes with VRRP daemons in a lab: ours, the real keepalived, or one of each. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VrrpInstanceSnapshot } from '../../../src/core/snapshot-types.js';
import { repositoryRoot } from '../../support/root.js';
import { createLab, type Lab, type LabNode } from '../lib/index.js';

export type Program = 'ours' | 'keepalived';

export const VIP = '10.77.0.100';

const OURS = join(repositoryRoot(), 'bin', 'keepalived');
const REAL = '/usr/sbin/keepalived';
const CONFIG = '/etc/keepalived/keepalived.conf';

/** Undefined when the real program is here. */
export function realKeepalivedMissing(): string | undefined {
  return existsSync(REAL) ? undefined : 'keepalived is not installed (package keepalived)';
}

/** For tests that look at the wire with it: the reason to skip them, or false. */
export function tcpdumpMissing(): string | false {
  const there = ['/usr/bin/tcpdump', '/usr/sbin/tcpdump'].some((path) => existsSync(path));
  return there ? false : 'tcpdump is not installed (package tcpdump)';
}

/** For tests that set packet filters with it: the reason to skip them, or false. */
export function nftMissing(): string | false {
  const tried = spawnSync('unshare', ['-rn', 'nft', 'add table ip probe'], { stdio: 'ignore' });
  return tried.status === 0
    ? false
    : 'nft (package nftables) or the packet filter of the kernel is not there';
}

export interface InstanceText {
  readonly state?: string;
  readonly priority?: number;
  readonly advertInt?: string;
  /** Further lines of the block. */
  readonly more?: readonly string[];
  readonly name?: string;
  readonly vrid?: number;
  readonly addresses?: readonly string[];
  readonly password?: string | null;
}

/** The text of one vrrp_instance on eth0. */
export function instanceText(given: InstanceText = {}): string {
  const password = given.password === undefined ? '1234' : given.password;
  return [
    `vrrp_instance ${given.name ?? 'VI_1'} {`,
    `    state ${given.state ?? 'BACKUP'}`,
    '    interface eth0',
    `    virtual_router_id ${given.vrid ?? 51}`,
    `    priority ${given.priority ?? 100}`,
    `    advert_int ${given.advertInt ?? '1'}`,
    ...(password === null
      ? []
      : ['    authentication {', '        auth_type PASS', `        auth_pass ${password}`, '    }']),
    '    virtual_ipaddress {',
    ...(given.addresses ?? [`${VIP}/24`]).map((address) => `        ${address}`),
    '    }',
    ...(given.more ?? []).map((line) => `    ${line}`),
    '}',
  ].join('\n');
}

export interface VrrpPair {
  readonly lab: Lab;
  readonly node1: LabNode;
  readonly node2: LabNode;
  /** Writes the configuration. */
  configure(node: LabNode, text: string): Promise<void>;
  start(node: LabNode, program: Program): Promise<void>;
  /** SIGTERM to the daemon, and waits for its end. */
  stop(node: LabNode, program: Program): Promise<void>;
  reload(node: LabNode, program: Program): Promise<void>;
  holds(node: LabNode, address?: string): Promise<boolean>;
  /** Waits until the node has the address. */
  gets(node: LabNode, address?: string, withinMs?: number): Promise<void>;
  /** What our daemon says of an instance; undefined while none answers. */
  see(node: LabNode, instance?: string): Promise<VrrpInstanceSnapshot | undefined>;
}

const LOG = '/var/log/keepalived.log';

/** `realtime`: who asks and who answers runs in real time, for measurements. */
export async function createPair(
  links: readonly string[] = ['eth0', 'eth1'],
  realtime = false,
): Promise<VrrpPair> {
  const lab = await createLab({ nodes: ['node1', 'node2'], links, realtime });
  const node1 = lab.node('node1');
  const node2 = lab.node('node2');
  const pidFile = (program: Program): string =>
    program === 'ours' ? '/run/keepalived.pid' : '/run/keepalived.pid';
  const signal = async (node: LabNode, program: Program, name: string): Promise<void> => {
    await node.exec(['sh', '-c', `kill -${name} $(cat ${pidFile(program)})`]);
  };
  const pair: VrrpPair = {
    lab,
    node1,
    node2,
    async configure(node, text) {
      await node.write(CONFIG, `${text}\n`);
    },
    async start(node, program) {
      const command =
        program === 'ours'
          ? `KEEPALIVED_STATE_DIR=/var/lib/keepalived ${OURS} -n -l -D`
          : `${REAL} -n -l -D -f ${CONFIG}`;
      await node.run(['sh', '-c', `(${command} >>${LOG} 2>&1 </dev/null &)`]);
    },
    async stop(node, program) {
      await signal(node, program, 'TERM');
      await lab.until(async () => (await node.exec(['test', '-e', pidFile(program)])).code !== 0, {
        withinMs: 15_000,
        what: `the end of ${program} on ${node.name}`,
      });
    },
    reload: (node, program) => signal(node, program, 'HUP'),
    async holds(node, address = VIP) {
      const { stdout } = await node.exec(['ip', '-o', 'addr', 'show']);
      return stdout.includes(` ${address}/`);
    },
    async gets(node, address = VIP, withinMs = 20_000) {
      await lab.until(() => pair.holds(node, address), {
        withinMs,
        what: `${node.name} to hold ${address}`,
        everyMs: 50,
      });
    },
    async see(node, instance = 'VI_1') {
      const { code, stdout } = await node.exec([
        join(repositoryRoot(), 'bin', 'heartbeat'),
        'status',
        '--json',
        '--run-dir=/run/keepalived',
      ]);
      if (code !== 0) return undefined;
      const parsed = JSON.parse(stdout);
      const status = parsed.status ?? parsed;
      return status.vrrp?.instances.find((one: { name: string }) => one.name === instance);
    },
  };
  return pair;
}

/** Runs a story and takes the lab down whatever happens; on a failure the nodes' logs are shown. */
export async function withPair(
  story: (pair: VrrpPair) => Promise<void>,
  links?: readonly string[],
): Promise<void> {
  const pair = await createPair(links);
  try {
    await story(pair);
  } catch (error) {
    for (const node of [pair.node1, pair.node2]) {
      const { stdout } = await node.exec(['cat', LOG]);
      console.error(`--- log of ${node.name}\n${stdout}`);
    }
    throw error;
  } finally {
    await pair.lab.destroy();
  }
}
