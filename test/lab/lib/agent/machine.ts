import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nowMs } from '../clock.js';
import { ECHO_PORT, type EndReason, ipv4Of, ipv6Of, type MachinePlan, macOf } from '../protocol.js';
import { EchoSocket } from './echo-socket.js';
import { computeChecksumsInSoftware, inNetworkOf, setInterfaceUp } from './kernel.js';
import { SwitchPort } from './port.js';
import { run } from './run.js';

/** Folders and files of /etc that each machine has for itself; the rest of the host's /etc is seen by links. */
const OWN_IN_ETC = new Set([
  'ha.d',
  'heartbeat',
  'init.d',
  'rc.d',
  'hosts',
  'hostname',
  'mtab',
  'keepalived',
  'cron.d',
]);

/** A kernel without IPv6 has no such file. */
const HAS_IPV6 = existsSync('/proc/net/if_inet6');

/** Makes the disk of a machine: what stays when its power goes. */
function makeDisk(root: string, plan: MachinePlan, everyone: readonly MachinePlan[]): void {
  for (const folder of [
    ...['run', 'tmp', 'dev', 'proc', 'sys', 'root', 'etc/ha.d', 'etc/init.d', '.host/etc'],
    ...['var/lib/heartbeat', 'var/log', 'var/tmp', 'var/cache', 'var/spool'],
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('/proc/self/mounts', join(root, 'etc/mtab'));
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const isLink = lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    if (isLink) symlinkSync(readlinkSync(`/${name}`), join(root, name));
  }
  for (const entry of readdirSync('/etc', { withFileTypes: true })) {
    if (OWN_IN_ETC.has(entry.name)) continue;
    const target = join(root, 'etc', entry.name);
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join('/etc', entry.name)), target);
    else symlinkSync(`/.host/etc/${entry.name}`, target);
  }
  writeFileSync(join(root, 'etc/hostname'), `${plan.name}\n`);
  const hosts = everyone.map((other) => `${ipv4Of(other.index, 0)} ${other.name}`);
  writeFileSync(join(root, 'etc/hosts'), ['127.0.0.1 localhost', '::1 localhost', ...hosts, ''].join('\n'));
}

/** One machine of the lab: its disk, its ports on the switches and, while it has power, its namespaces. */
export class Machine {
  readonly plan: MachinePlan;
  readonly ports = new Map<string, SwitchPort>();
  /** Process id of its init as the hub sees it; null without power. */
  pid: number | null = null;
  readonly #lab: string;
  readonly #visible: string;
  readonly #onEnd: (reason: EndReason, atMs: number) => void;
  #ended: Promise<void> = Promise.resolve();
  #echo: EchoSocket | null = null;
  #poweringOff = false;
  #hadPower = false;

  constructor(
    plan: MachinePlan,
    everyone: readonly MachinePlan[],
    links: readonly string[],
    place: { lab: string; visible: string },
    onEnd: (reason: EndReason, atMs: number) => void,
  ) {
    this.plan = plan;
    this.#lab = place.lab;
    this.#visible = place.visible;
    this.#onEnd = onEnd;
    for (const link of plan.links) this.ports.set(link, new SwitchPort(plan.index, links.indexOf(link)));
    makeDisk(join(this.#lab, 'machines', plan.name), plan, everyone);
  }

  /** The port of a link, or an error that names both. */
  port(link: string): SwitchPort {
    const port = this.ports.get(link);
    if (port === undefined) throw new Error(`${this.plan.name} is not plugged into ${link}`);
    return port;
  }

  /** Starts the machine: new namespaces, its interfaces plugged in as they were left. */
  async powerOn(): Promise<{ testPid: number; hubPid: number }> {
    if (this.pid !== null) throw new Error(`${this.plan.name} is on`);
    this.#poweringOff = false;
    const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
    const script = process.env.LAB_MACHINE_INIT ?? '';
    const child = spawn('unshare', [...namespaces, '--propagation', 'private', 'sh', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        LAB: this.#lab,
        VISIBLE: this.#visible,
        MACHINE: this.plan.name,
        IP_BATCH: this.#addressCommands(),
      },
    });
    child.stdin.on('error', () => {});
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString()).slice(-2000);
    });
    this.#ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        this.#end(code, signal);
        resolve();
      });
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const place = /^place (\d+) (\d+)$/.exec((await lines.next()).value ?? '');
    if (place === null) throw new Error(`${this.plan.name} did not start: ${complaints.trim()}`);
    const hubPid = Number(place[1]);
    this.pid = hubPid;
    await this.#plugIn(hubPid);
    child.stdin.write('go\n');
    if ((await lines.next()).value !== 'up') {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      throw new Error(`${this.plan.name} did not come up: ${complaints.trim()}`);
    }
    this.#echo = new EchoSocket(hubPid, ECHO_PORT, (datagram) =>
      Buffer.concat([datagram.subarray(0, 1000), Buffer.from(` ${this.plan.name}`)]),
    );
    return { testPid: Number(place[2]), hubPid };
  }

  /** Takes the power away: all ports down and every process killed, at the moment that is returned. */
  async powerOff(): Promise<{ atMs: number }> {
    const pid = this.pid;
    if (pid === null) throw new Error(`${this.plan.name} is off`);
    this.#poweringOff = true;
    this.#portsDown();
    process.kill(pid, 'SIGKILL');
    const atMs = nowMs();
    await this.#ended;
    return { atMs };
  }

  #addressCommands(): string {
    const commands = ['link set lo up'];
    for (const [link, port] of this.ports) {
      commands.push(
        `addr add ${ipv4Of(this.plan.index, port.linkIndex)}/24 broadcast + dev ${link}`,
        `link set ${link} up`,
      );
      if (HAS_IPV6) commands.push(`addr add ${ipv6Of(this.plan.index, port.linkIndex)}/64 dev ${link} nodad`);
    }
    return commands.join('\n');
  }

  async #plugIn(pid: number): Promise<void> {
    const leftovers = [...this.ports.values()].map((port) => `link del ${port.name}\n`).join('');
    // The kernel may still be clearing the interfaces of the machine's last life.
    if (this.#hadPower) await run('ip', ['-force', '-batch', '-'], leftovers).catch(() => {});
    this.#hadPower = true;
    const commands: string[] = [];
    for (const [link, port] of this.ports) {
      const mac = macOf(this.plan.index, port.linkIndex);
      commands.push(`link add ${port.name} type veth peer name ${link} address ${mac} netns ${pid}`);
    }
    await run('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
    inNetworkOf(pid, () => {
      for (const link of this.ports.keys()) computeChecksumsInSoftware(link);
    });
    for (const port of this.ports.values()) await port.attach();
  }

  #portsDown(): void {
    for (const port of this.ports.values()) {
      if (!port.attached) continue;
      try {
        setInterfaceUp(port.name, false);
      } catch {
        // The interface went with the machine's network namespace.
      }
    }
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    this.#portsDown();
    const atMs = nowMs();
    this.#echo?.close();
    this.#echo = null;
    this.pid = null;
    for (const port of this.ports.values()) port.detach();
    let reason: EndReason = 'killed';
    if (this.#poweringOff) reason = 'power-off';
    else if (signal === 'SIGHUP' || code === 129) reason = 'reboot';
    else if (signal === 'SIGINT' || code === 130) reason = 'halt';
    this.#onEnd(reason, atMs);
  }
}
