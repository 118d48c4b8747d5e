/** The three programs that the bench runs side by side, behind the same handles. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { machineOf } from '../../interop/support/machines.js';
import { originalAbsent } from '../../interop/support/original-node.js';
import type { Lab, LabNode } from '../../lab/lib/index.js';
import { repositoryRoot } from '../../support/root.js';

export type ContenderName = 'ours' | 'original' | 'keepalived';

/** What a pair (or more) is set up as. All addresses belong to node1. */
export interface Setup {
  readonly keepaliveMs: number;
  /** keepalived has none: it waits three keepalives and a skew of up to one more. */
  readonly deadtimeMs: number;
  readonly initdeadMs: number;
  readonly autoFailback: boolean;
  readonly addresses: readonly string[];
  /** Default node1 and node2. */
  readonly nodes?: readonly string[];
  /** Further lines of haresources; keepalived has none. */
  readonly haresources?: readonly string[];
  /** Text of heartbeat.ini; only this program reads it. */
  readonly settings?: string;
}

/** A program on the nodes of a lab. */
export interface Contender {
  readonly name: ContenderName;
  /** Why it cannot be measured here; undefined when it can. */
  readonly absent: string | undefined;
  /** Writes the configuration; no daemon runs yet. */
  prepare(lab: Lab, setup: Setup): Promise<void>;
  start(node: LabNode): Promise<void>;
  /** An orderly end, to its end. */
  stop(node: LabNode): Promise<void>;
  /** Gives everything to the other node. For keepalived that is an orderly end, it has no other. */
  switchAway(node: LabNode): Promise<void>;
  /** SIGKILL to every process of the daemon. */
  kill(node: LabNode): Promise<void>;
  /** Processes of the daemon, as the node numbers them. */
  pids(node: LabNode): readonly number[];
}

const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');
const KEEPALIVED = '/usr/sbin/keepalived';
const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

function nodesOf(setup: Setup): readonly string[] {
  return setup.nodes ?? ['node1', 'node2'];
}

/** The text of ha.cf for a setup. */
export function haCf(setup: Setup): string {
  return [
    'logfile /var/log/ha-log',
    'use_logd off',
    `keepalive ${setup.keepaliveMs}ms`,
    `deadtime ${setup.deadtimeMs}ms`,
    `initdead ${setup.initdeadMs}ms`,
    `auto_failback ${setup.autoFailback ? 'on' : 'off'}`,
    'bcast eth0',
    'bcast eth1',
    `node ${nodesOf(setup).join(' ')}`,
    '',
  ].join('\n');
}

function heartbeat(kind: 'ours' | 'original'): Contender {
  const pattern = kind === 'ours' ? 'dist/src/daemon/' : 'heartbeat: ';
  const pids = (node: LabNode): number[] =>
    node
      .procs()
      .filter(({ command }) => command.includes(pattern) || command.startsWith('heartbeat: '))
      .map(({ pid }) => pid);
  return {
    name: kind,
    absent: kind === 'ours' ? undefined : originalAbsent(),
    async prepare(lab, setup) {
      const lines = [
        ...(setup.addresses.length === 0
          ? []
          : [`node1 ${setup.addresses.map((address) => `${address}/16/eth0`).join(' ')}`]),
        ...(setup.haresources ?? []),
      ];
      for (const name of nodesOf(setup)) {
        const machine = machineOf(kind, lab.node(name));
        await machine.prepare();
        await machine.node.write('/etc/ha.d/ha.cf', haCf(setup));
        await machine.node.write('/etc/ha.d/haresources', `${lines.join('\n')}\n`);
        await machine.node.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 bench\n', 0o600);
        if (kind === 'ours' && setup.settings !== undefined)
          await machine.node.write('/etc/ha.d/heartbeat.ini', setup.settings);
      }
    },
    start: (node) => machineOf(kind, node).start(),
    stop: (node) => machineOf(kind, node).stop(),
    switchAway: (node) => machineOf(kind, node).standby('all'),
    kill: (node) => machineOf(kind, node).killDaemon(),
    pids,
  };
}

function keepalivedConf(setup: Setup, name: string): string {
  const [first, ...rest] = setup.addresses.map((address) => `        ${address}/16`);
  return [
    'global_defs {',
    '    vrrp_version 3',
    '}',
    'vrrp_instance VI_1 {',
    '    state BACKUP',
    '    interface eth0',
    '    virtual_router_id 51',
    `    priority ${name === 'node1' ? 100 : 98}`,
    `    advert_int ${setup.keepaliveMs / 1000}`,
    ...(setup.autoFailback ? [] : ['    nopreempt']),
    '    virtual_ipaddress {',
    first,
    '    }',
    // An advert holds 20; the others travel without being named in it, as its manual asks for.
    ...(rest.length === 0 ? [] : ['    virtual_ipaddress_excluded {', ...rest, '    }']),
    '}',
    '',
  ].join('\n');
}

function keepalived(): Contender {
  const pids = (node: LabNode): number[] =>
    node
      .procs()
      .filter(({ command }) => command.startsWith(KEEPALIVED))
      .map(({ pid }) => pid);
  const stop = async (node: LabNode): Promise<void> => {
    const [main] = pids(node);
    if (main === undefined) return;
    await node.exec(['kill', '-TERM', String(main)]);
    while (pids(node).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return {
    name: 'keepalived',
    absent: existsSync(KEEPALIVED) ? undefined : 'keepalived is not installed (package keepalived)',
    async prepare(lab, setup) {
      for (const name of nodesOf(setup))
        await lab.node(name).write(KEEPALIVED_CONF, keepalivedConf(setup, name));
    },
    async start(node) {
      await node.run(['sh', '-c', `${KEEPALIVED} -f ${KEEPALIVED_CONF} -P >/var/log/keepalived.log 2>&1`]);
    },
    stop,
    switchAway: stop,
    async kill(node) {
      for (let left = pids(node); left.length > 0; left = pids(node))
        await node.exec(['kill', '-9', ...left.map(String)]);
      await node.exec(['rm', '-f', '/run/keepalived.pid', '/run/keepalived/keepalived.pid']);
    },
    pids,
  };
}

/** The contenders of these names, in this order. */
export function contendersOf(names: readonly ContenderName[]): Contender[] {
  return names.map((name) => (name === 'keepalived' ? keepalived() : heartbeat(name)));
}

/** How this program is started by hand. */
export { HEARTBEAT };
