import { readdirSync, readFileSync } from 'node:fs';
import type { Privilege } from './ability.js';
import type { AgentLink } from './agent-link.js';
import {
  type CommandOptions,
  type CommandResult,
  type LabProcess,
  nsenterArguments,
  runEntered,
  startEntered,
} from './enter.js';
import { type EndReason, type HubCalls, ipv4Of, ipv6Of, type MachinePlan, macOf } from './protocol.js';

/** One process of a node. `pid` is as the node sees it. */
export interface NodeProcess {
  readonly pid: number;
  /** State letter of proc(5): R, S, D, T (stopped), Z, ... */
  readonly state: string;
  readonly command: string;
}

/** One address of a node, from `ip -j addr`. */
export interface NodeAddress {
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly label: string;
  readonly scope: string;
  /** Seconds, or 2^32-1 for ever. */
  readonly validLifetimeS: number;
}

/** What ended a node's life, and when (CLOCK_MONOTONIC). */
export interface NodeEnd {
  readonly reason: EndReason;
  readonly atMs: number;
}

/** The place of a lab, as its nodes need it. */
export interface NodePlace {
  readonly hub: AgentLink<HubCalls>;
  readonly hubPid: number;
  readonly privilege: Privilege;
  readonly folder: string;
  readonly links: readonly string[];
}

const ANY_NUMBER = /^\d+$/;

/**
 * A machine of the lab: a node of the cluster or a client host. It has its own network, processes, host name, /dev,
 * /run, /tmp (gone with the power) and its own /etc, /var, /root (kept: its disk). The host's programs and the
 * checkout are visible and read-only.
 */
export class LabNode {
  readonly name: string;
  readonly index: number;
  readonly #place: NodePlace;
  readonly #listeners: ((end: NodeEnd) => void)[] = [];
  #pid: number | null = null;

  constructor(plan: MachinePlan, place: NodePlace) {
    this.name = plan.name;
    this.index = plan.index;
    this.#place = place;
  }

  /** Whether it has power. */
  get isOn(): boolean {
    return this.#pid !== null;
  }

  /** Process id of its init as seen from the test. Throws without power. */
  get pid(): number {
    if (this.#pid === null) throw new Error(`${this.name} has no power`);
    return this.#pid;
  }

  /** Its hardware address on a link. */
  mac(link: string): string {
    return macOf(this.index, this.#linkIndex(link));
  }

  /** Its own IPv4 address on a link, 10.77.0.N for the first link, 10.78.0.N for the second. */
  ipv4(link: string): string {
    return ipv4Of(this.index, this.#linkIndex(link));
  }

  /** Its own IPv6 address on a link, fd77::N for the first link, fd78::N for the second. */
  ipv6(link: string): string {
    return ipv6Of(this.index, this.#linkIndex(link));
  }

  /** Switches the power on. Its disk is as it was, its network as the lab made it first. */
  async powerOn(): Promise<void> {
    const { testPid } = await this.#place.hub.call('powerOn', { machine: this.name });
    this.#pid = testPid;
  }

  /**
   * Takes the power away: its switch ports go down and all its processes are killed at once, at the moment returned
   * (CLOCK_MONOTONIC). Returns when everything has ended.
   */
  async powerOff(): Promise<{ atMs: number }> {
    return this.#place.hub.call('powerOff', { machine: this.name });
  }

  /** Runs a command to its end. Needs power. A non-zero exit is a result, not an error. */
  exec(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return runEntered(nsenterArguments(this.pid, this.#place.privilege, 'all'), command, options);
  }

  /** Runs a command and throws with what it said unless it exits 0. Returns its standard output. */
  async run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
    const result = await this.exec(command, options);
    if (result.code === 0) return result.stdout;
    const said = `${result.stdout}${result.stderr}`.trim();
    throw new Error(`${this.name}: ${command.join(' ')} gave ${result.code}: ${said}`);
  }

  /** Starts a command that goes on. Needs power. */
  spawn(command: readonly string[], options: CommandOptions = {}): LabProcess {
    return startEntered(nsenterArguments(this.pid, this.#place.privilege, 'all'), command, options);
  }

  /** Writes a file, its folders made as needed; works without power too (on its disk). */
  async write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && umask 077 && cat > "$1" && chmod "$2" "$1"';
    await this.#onDisk(path, (seen) => ['sh', '-c', script, 'sh', seen, mode.toString(8)], content);
  }

  /** Reads a file; works without power too (from its disk). Throws when there is none. */
  read(path: string): Promise<string> {
    return this.#onDisk(path, (seen) => ['cat', seen]);
  }

  /** Gives a file of its disk to other machines under the same path: one file for all, as a disk that they share. */
  async share(path: string, others: readonly LabNode[]): Promise<void> {
    const { hubPid, privilege, folder } = this.#place;
    const script = 'from=$1; shift; for to; do mkdir -p "$(dirname "$to")" && ln -f "$from" "$to"; done';
    const places = [this, ...others].map(({ name }) => `${folder}/machines/${name}${path}`);
    const nsenter = nsenterArguments(hubPid, privilege, 'mount');
    const result = await runEntered(nsenter, ['sh', '-ec', script, 'sh', ...places], {});
    if (result.code !== 0) throw new Error(`${path} cannot be shared: ${result.stderr.trim()}`);
  }

  /** The log of the daemon, /var/log/ha-log; empty when there is none yet. */
  async log(): Promise<string> {
    return this.read('/var/log/ha-log').catch(() => '');
  }

  /** Stops every process of the node (SIGSTOP, all at once); its kernel goes on answering ARP and ping. */
  async pause(): Promise<void> {
    await this.run(['sh', '-c', 'kill -s STOP -- -1']);
  }

  /** Lets every process of the node go on. */
  async resume(): Promise<void> {
    await this.run(['sh', '-c', 'kill -s CONT -- -1']);
  }

  /** Its processes, without its init. Empty without power. */
  procs(): NodeProcess[] {
    if (this.#pid === null) return [];
    const folder = `/proc/${this.#pid}/root/proc`;
    const found: NodeProcess[] = [];
    let initsChild = '';
    for (const entry of readdirSync(folder).filter((name) => ANY_NUMBER.test(name))) {
      try {
        const stat = readFileSync(`${folder}/${entry}/stat`, 'utf8');
        const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const words = readFileSync(`${folder}/${entry}/cmdline`, 'utf8').split('\0').join(' ').trim();
        const command = words || stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        if (parent === '1' && command === 'sleep infinity' && initsChild === '') initsChild = entry;
        else if (entry !== '1') found.push({ pid: Number(entry), state, command });
      } catch {
        // It ended while we looked.
      }
    }
    return found;
  }

  /** Its addresses, those of `lo` left out. */
  async addresses(): Promise<NodeAddress[]> {
    interface Shown {
      ifname: string;
      addr_info: {
        local: string;
        prefixlen: number;
        label?: string;
        scope: string;
        valid_life_time: number;
      }[];
    }
    const shown = JSON.parse(await this.run(['ip', '-j', 'addr', 'show'])) as Shown[];
    return shown
      .filter((device) => device.ifname !== 'lo')
      .flatMap((device) =>
        device.addr_info.map((info) => ({
          device: device.ifname,
          address: info.local,
          prefixLength: info.prefixlen,
          label: info.label ?? '',
          scope: info.scope,
          validLifetimeS: info.valid_life_time,
        })),
      );
  }

  /** Calls `listener` each time that the node loses its power or its init ends by itself. */
  onEnd(listener: (end: NodeEnd) => void): void {
    this.#listeners.push(listener);
  }

  /** Told by the lab: the node's namespaces have ended. */
  noteEnd(end: NodeEnd): void {
    this.#pid = null;
    for (const listener of this.#listeners) listener(end);
  }

  #linkIndex(link: string): number {
    const index = this.#place.links.indexOf(link);
    if (index < 0) throw new Error(`the lab has no link ${link}`);
    return index;
  }

  async #onDisk(
    path: string,
    command: (seen: string) => string[],
    input: string | Buffer = '',
  ): Promise<string> {
    if (!path.startsWith('/')) throw new Error(`${path}: give the whole path`);
    const { hubPid, privilege, folder } = this.#place;
    const on = this.#pid !== null;
    const seen = on ? path : `${folder}/machines/${this.name}${path}`;
    const nsenter = nsenterArguments(on ? this.pid : hubPid, privilege, on ? 'all' : 'mount');
    const result = await runEntered(nsenter, command(seen), { input });
    if (result.code !== 0) throw new Error(`${this.name}: ${path}: ${result.stderr.trim()}`);
    return result.stdout;
  }
}
