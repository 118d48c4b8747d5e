/** One virtual machine: a QEMU process without acceleration, its console, and the agent that runs commands in it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { QmpMonitor } from './qmp.js';

export interface GuestOptions {
  /** Host name in the guest, and name of its files. */
  readonly name: string;
  readonly memoryMiB?: number;
  /** Network cards eth0, eth1, ...: the TCP port of a switch, the hardware address, and ADDRESS/PREFIX in the guest. */
  readonly cards?: readonly { readonly tcpPort: number; readonly mac: string; readonly address: string }[];
  /** TCP ports of cables, for ttyS1, ttyS2, ... in the guest. */
  readonly serialPorts?: readonly number[];
  /** Further arguments of QEMU, e.g. `-device i6300esb`. */
  readonly qemuArguments?: readonly string[];
}

export interface GuestPlace {
  readonly qemu: string;
  readonly kernel: string;
  readonly image: string;
  /** For sockets. */
  readonly folder: string;
}

export interface GuestEnd {
  /** performance.now() of this process. */
  readonly atMs: number;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Output {
  readonly code: number;
  readonly text: string;
}

interface Waiting {
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
}

const BOOT_LIMIT_MS = 240_000;
const COMMAND_LIMIT_MS = 240_000;
const CONSOLE_KEPT = 200_000;

export class Guest {
  readonly name: string;
  readonly monitor: QmpMonitor;
  /** Resolves when QEMU has ended: a reset ends it too (-no-reboot). */
  readonly ended: Promise<GuestEnd>;
  readonly #process: ChildProcess;
  readonly #agentPath: string;
  readonly #waiting = new Map<number, Waiting>();
  #agent: Socket | undefined;
  #console = '';
  #heard = '';
  #nextId = 1;
  #end: GuestEnd | undefined;

  /** Starts QEMU; `boot` waits for the guest. */
  constructor(place: GuestPlace, options: GuestOptions) {
    this.name = options.name;
    this.#agentPath = join(place.folder, `${options.name}.agent`);
    this.monitor = new QmpMonitor(join(place.folder, `${options.name}.qmp`));
    // The kernel ends QEMU when this process ends, however it ends.
    const command = [
      '--pdeathsig',
      'KILL',
      place.qemu,
      ...qemuArguments(place, options, this.#agentPath, this.monitor.path),
    ];
    this.#process = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#console = (this.#console + chunk.toString('latin1')).slice(-CONSOLE_KEPT);
      });
    }
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#console += error.message;
      });
      this.#process.once('exit', (code, signal) => {
        this.#end = { atMs: performance.now(), code, signal };
        this.monitor.close();
        this.#agent?.destroy();
        const gone = new Error(`${this.name} has ended`);
        for (const { reject } of this.#waiting.values()) reject(gone);
        this.#waiting.clear();
        resolve(this.#end);
      });
    });
  }

  /** Everything that the guest's kernel and init have said. */
  get console(): string {
    return this.#console;
  }

  /** Process id of QEMU. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isOn(): boolean {
    return this.#end === undefined;
  }

  /** Waits until the agent answers. Rejects with the console when it does not. */
  async boot(): Promise<void> {
    const untilMs = performance.now() + BOOT_LIMIT_MS;
    while (performance.now() < untilMs && this.isOn) {
      if (this.#agent === undefined) this.#connect();
      if (this.#console.includes('vm: up')) {
        const answer = await this.exec('echo ready', 10_000).catch(() => undefined);
        if (answer?.text.trim() === 'ready') return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${this.name} did not come up; its console:\n${this.#console}`);
  }

  /** Runs a script of the shell in the guest to its end, one at a time; background jobs go on. */
  exec(script: string, limitMs = COMMAND_LIMIT_MS): Promise<Output> {
    const agent = this.#agent;
    if (!this.isOn || agent === undefined)
      return Promise.reject(new Error(`${this.name} cannot be spoken to`));
    const id = this.#nextId++;
    return new Promise<Output>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.name} did not finish within ${limitMs} ms: ${script}`));
      }, limitMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      agent.write(`${id} ${Buffer.from(script).toString('base64')}\n`);
    });
  }

  /** As `exec`, and throws with what was said unless it exits 0. */
  async run(script: string, limitMs?: number): Promise<string> {
    const { code, text } = await this.exec(script, limitMs);
    if (code !== 0) throw new Error(`${this.name}: "${script}" gave ${code}: ${text.trim()}`);
    return text;
  }

  /** Asks again and again until the script exits 0; its output. */
  async until(script: string, limitMs: number, everyMs = 500): Promise<string> {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const { code, text } = await this.exec(script);
      if (code === 0) return text;
      if (performance.now() > untilMs)
        throw new Error(`${this.name}: "${script}" did not come true within ${limitMs} ms: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** Takes the power away: QEMU is killed. Returns the moment. */
  async powerOff(): Promise<GuestEnd> {
    this.#process.kill('SIGKILL');
    return this.ended;
  }

  #connect(): void {
    const socket = createConnection(this.#agentPath);
    socket.on('error', () => {
      if (this.#agent === socket) this.#agent = undefined;
    });
    socket.on('data', (chunk) => this.#hear(chunk.toString('latin1')));
    this.#agent = socket;
  }

  #hear(text: string): void {
    this.#heard += text;
    const lines = this.#heard.split('\n');
    this.#heard = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', code = '', output = ''] = line.split(' ');
      const waiting = this.#waiting.get(Number(id));
      this.#waiting.delete(Number(id));
      waiting?.resolve({ code: Number(code), text: Buffer.from(output, 'base64').toString('utf8') });
    }
  }
}

function qemuArguments(place: GuestPlace, options: GuestOptions, agent: string, qmp: string): string[] {
  const cards = options.cards ?? [];
  const words = [
    // An emulated timer may be late on a busy host: the kernel's check at boot would take it for broken.
    'console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check',
    `vm.name=${options.name}`,
    ...cards.map(({ address }, at) => `vm.net${at}=${address}`),
  ];
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'qemu64', '-smp', '1', '-m', String(options.memoryMiB ?? 768)],
    ...['-nodefaults', '-nographic', '-no-reboot', '-serial', 'stdio'],
    ...(options.serialPorts ?? []).flatMap((port) => ['-serial', `tcp:127.0.0.1:${port}`]),
    ...['-qmp', `unix:${qmp},server=on,wait=off`],
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=agent,path=${agent},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=agent'],
    ...cards.flatMap(({ tcpPort, mac }, at) => [
      ...['-netdev', `socket,id=net${at},connect=127.0.0.1:${tcpPort}`],
      ...['-device', `virtio-net-pci,netdev=net${at},mac=${mac},romfile=`],
    ]),
    ...(options.qemuArguments ?? []),
    ...['-kernel', place.kernel, '-initrd', place.image, '-append', words.join(' ')],
  ];
}
