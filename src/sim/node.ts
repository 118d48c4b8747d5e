/**
 * One virtual machine: the real core with the real codec and signatures, a kernel, a runner with scripts, a disk, and
 * a socket buffer that fills while nothing runs. The one caller of the core's `step` in the simulator is here.
 */
import type { AuthKeys, ClusterConfig } from '../config/types.js';
import type { Checkpoint } from '../core/checkpoint.js';
import { restoreState } from '../core/checkpoint.js';
import type { Effect, Operation } from '../core/effect.js';
import type { FencingRecord } from '../core/fencing/types.js';
import { watchdogTimeoutS } from '../core/guard/budget.js';
import type { Command, InputEvent, OperationResult } from '../core/input.js';
import { addressLifetimeS } from '../core/resources/lifetime.js';
import { createState, type Identity, type State } from '../core/state.js';
import type { Message } from '../wire/message.js';
import { NodeClock } from './clock.js';
import { NodeCodec } from './codec.js';
import { VirtualKernel } from './kernel.js';
import type { Packet } from './network.js';
import { type NodeParts, ofAnotherBoot } from './node-parts.js';
import { VirtualRunner } from './runner.js';
import { stamped, takeTurn } from './turn.js';
import { VrrpHost } from './vrrp-host.js';
import { VirtualWatchdog } from './watchdog.js';

/** Packets that the sockets of a node hold while it reads none; further ones are lost. */
const SOCKET_BUFFER_PACKETS = 200;

export class SimNode {
  readonly name: string;
  readonly config: ClusterConfig;
  readonly runner: VirtualRunner;
  readonly kernel: VirtualKernel;
  readonly clock: NodeClock;
  /** Armed only where the configuration names a watchdog. */
  readonly watchdog: VirtualWatchdog;
  /** What power loss leaves. */
  readonly disk: {
    generation: number;
    peerGenerations: Record<string, number>;
    maintenanceEpoch: number;
    fencingRecord: FencingRecord;
  } = { generation: 0, peerGenerations: {}, maintenanceEpoch: 0, fencingRecord: {} };
  /** Words of resources that ended by themselves and were not started again since. */
  readonly crashed = new Set<string>();
  /** Links whose cable is pulled. */
  readonly #unplugged = new Set<string>();
  readonly replies = new Map<number, { readonly ok: boolean; readonly text: string }>();
  /** Greatest delay between a timer's due time and its turn. */
  maxTurnDelayMs = 0;
  powered = false;
  paused = false;
  /** The whole machine is suspended: nothing of it runs or is heard, its kernel's timers stand. */
  asleep = false;
  /** The core, while the loop process runs. */
  state: State | undefined;
  exitCode: number | undefined;
  /** False: a reboot that the core asks for does not come. */
  rebootWorks = true;
  /** Packets that were no heartbeat message, or not signed with our keys. */
  rejectedPackets = 0;

  readonly #parts: NodeParts;
  readonly #inbox: { readonly link: string; readonly packet: Packet }[] = [];
  readonly #results: InputEvent[] = [];
  readonly #turn: InputEvent[] = [];
  readonly #groupOf = new Map<string, string>();
  readonly #vrrp: VrrpHost | undefined;
  readonly #codec: NodeCodec;
  /** What was active when the machine was suspended. */
  #sleeping: { readonly group: string; readonly resource: string }[] = [];
  #startsOnWaking = false;
  #busy = false;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #identity: Identity | undefined;
  #checkpoint: Checkpoint | undefined;
  #commands = 0;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.name = parts.config.self;
    const feed = (event: InputEvent): void => this.#fromRunner(event);
    this.#vrrp = VrrpHost.of(parts, feed, (word) => this.runner.behaviourOf('monitor', word));
    this.#codec = new NodeCodec(parts.authKeys, parts.original ?? false);
    this.clock = new NodeClock(parts.queue);
    for (const group of parts.config.groups) {
      for (const { address } of group.resources) {
        if (address !== undefined) this.#groupOf.set(address.address, group.key);
      }
    }
    this.kernel = new VirtualKernel(parts.queue, parts.dice, (address, active) => {
      parts.setActive(this.#groupOf.get(address) ?? address, address, active);
    });
    this.watchdog = new VirtualWatchdog(parts.queue, () => this.powerOff());
    this.runner = new VirtualRunner({
      queue: parts.queue,
      setActive: parts.setActive,
      isActive: parts.isActive,
      report: (operationId, result) => this.#fromRunner({ kind: 'operationDone', operationId, result }),
    });
  }

  /** Starts the daemon of a machine that is off, or whose daemon has ended. */
  powerOn(): void {
    // What is to start on a machine that sleeps starts when it wakes.
    this.#startsOnWaking = this.asleep;
    if (this.state !== undefined || this.asleep) return;
    if (!this.powered) this.disk.fencingRecord = ofAnotherBoot(this.disk.fencingRecord);
    this.powered = true;
    this.paused = false;
    this.exitCode = undefined;
    this.disk.generation = Math.max(this.disk.generation + 1, 1);
    const { dice, seed } = this.#parts;
    const nonce = Array.from({ length: 16 }, () => dice.between(0, 15).toString(16)).join('');
    this.#identity = {
      program: '4.0.0',
      generation: this.disk.generation,
      uuid: this.config.nodes.indexOf(this.name).toString(16).padStart(32, '1'),
      nonce,
      seed: (seed ^ dice.between(0, 0x7fffffff)) >>> 0,
      peerGenerations: { ...this.disk.peerGenerations },
      maintenanceEpoch: this.disk.maintenanceEpoch,
      fencingRecord: this.disk.fencingRecord,
    };
    this.#checkpoint = undefined;
    this.state = createState(this.config, this.#identity);
    this.#armWatchdog();
    this.#tellInterfaces();
    this.#input({ kind: 'boot' });
    for (const link of this.#parts.links) this.#input({ kind: 'linkHealth', link, up: true, reason: '' });
    if (this.#unplugged.size > 0) this.#input(this.#carriers());
    this.#lived();
  }

  /** Everything at once: processes, addresses, scripts, what was in the sockets. */
  powerOff(): void {
    this.powered = false;
    this.paused = false;
    this.asleep = false;
    this.#startsOnWaking = false;
    this.#sleeping = [];
    this.watchdog.stop();
    this.#endLoop();
    this.#checkpoint = undefined;
    this.#results.length = 0;
    this.runner.loseEverything();
    this.kernel.loseEverything();
    this.#vrrp?.loseEverything();
    for (const group of this.config.groups) {
      for (const { word } of group.resources) this.#parts.setActive(group.key, word, false);
    }
    this.#lived();
  }

  #tellInterfaces(): void {
    for (const event of this.#vrrp?.beginning() ?? []) this.#input(event);
  }

  get links(): readonly string[] {
    return this.#parts.links;
  }

  /** The cables of links are pulled or put in again: the kernel sees it, and the loop tells the core. */
  setCarriers(links: readonly string[], present: boolean): void {
    for (const link of links) {
      if (present) this.#unplugged.delete(link);
      else this.#unplugged.add(link);
      this.#vrrp?.setCarrier(link, present, this.state !== undefined);
    }
    if (this.state !== undefined) this.#fromRunner(this.#carriers());
  }

  /** Addresses without a device are on the first link. */
  #carriers(): InputEvent {
    const lost = this.config.groups.flatMap(({ key, resources }) => {
      const devices = resources.flatMap(({ address }) =>
        address === undefined ? [] : [address.device ?? this.#parts.links[0] ?? ''],
      );
      const device = devices.find((name) => this.#unplugged.has(name));
      return device === undefined ? [] : [{ group: key, device }];
    });
    return { kind: 'carriers', lost };
  }

  /** kill -9 of every process of the daemon: resources stay, scripts that are being run end unheard of. */
  killDaemon(): void {
    this.watchdog.feed();
    this.#endLoop();
    this.#checkpoint = undefined;
    this.#results.length = 0;
    this.paused = false;
    this.runner.loseEverything();
    this.#lived();
  }

  /** kill -9 of the loop process; the runner starts a new one, which goes on from the checkpoint. */
  restartLoop(downMs: number): void {
    const identity = this.#identity;
    if (this.state === undefined || identity === undefined) return;
    const checkpoint = this.#checkpoint;
    this.watchdog.feed();
    this.#endLoop();
    this.#lived();
    this.#parts.queue.after(downMs, () => {
      if (!this.powered || this.state !== undefined || identity !== this.#identity) return;
      if (checkpoint === undefined) {
        this.state = createState(this.config, identity);
        this.#armWatchdog();
        this.#tellInterfaces();
        this.#input({ kind: 'boot' });
      } else {
        const kept = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
        this.state = restoreState(this.config, identity, kept, this.clock.nowMs);
        this.#armWatchdog();
        this.#tellInterfaces();
        this.#input({ kind: 'tick' });
      }
      for (const link of this.#parts.links) this.#input({ kind: 'linkHealth', link, up: true, reason: '' });
      if (this.#unplugged.size > 0) this.#input(this.#carriers());
      for (const result of this.#results.splice(0)) this.#input(result);
      this.#lived();
    });
  }

  /** A service or an address ends by itself, behind the back of everybody. */
  crash(word: string): void {
    for (const { key, resources } of this.config.groups) {
      for (const { word: known, address } of resources) {
        if (known !== word) continue;
        this.crashed.add(word);
        if (address === undefined) this.#parts.setActive(key, word, false);
        else this.kernel.remove([address]);
      }
    }
  }

  /** Somebody starts a service by hand, behind the back of everybody. */
  begin(word: string): void {
    for (const { key, resources } of this.config.groups) {
      if (resources.some((known) => known.word === word)) this.#parts.setActive(key, word, true);
    }
  }

  /** SIGSTOP of all processes: the kernel goes on, packets wait in the sockets. */
  pause(): void {
    if (!this.powered) return;
    this.paused = true;
    this.#lived();
  }

  /** The whole machine sleeps (suspend to memory): it is not there for anybody, and its kernel's timers stand. */
  suspend(): void {
    if (!this.powered || this.asleep) return;
    this.paused = true;
    this.asleep = true;
    this.kernel.freeze();
    this.runner.freeze();
    this.watchdog.hold();
    for (const { key, resources } of this.config.groups) {
      for (const { word, address } of resources) {
        const resource = address?.address ?? word;
        if (!this.#parts.isActive(key, resource)) continue;
        this.#sleeping.push({ group: key, resource });
        this.#parts.setActive(key, resource, false);
      }
    }
    this.#sleeping.push(...(this.#vrrp?.loseSight() ?? []));
    this.#lived();
  }

  /** The end of `suspend`: everything goes on where it stood; only the clocks have moved. */
  wake(): void {
    if (!this.asleep) return;
    this.asleep = false;
    for (const { group, resource } of this.#sleeping.splice(0)) this.#parts.setActive(group, resource, true);
    this.kernel.thaw();
    this.watchdog.feed();
    this.resume('timers');
    this.runner.thaw();
    if (this.#startsOnWaking) this.powerOn();
  }

  /** SIGCONT. `first`: what the loop gets to do first. */
  resume(first: 'packets' | 'timers'): void {
    if (!this.paused || this.asleep) return;
    this.paused = false;
    if (first === 'timers') this.#tickIfDue();
    for (const { link, packet } of this.#inbox.splice(0)) this.#receive(link, packet);
    for (const result of this.#results.splice(0)) this.#input(result);
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#tickIfDue();
    this.#arm();
    this.#lived();
  }

  /** Returns the number under which `replies` gets the answer. */
  command(command: Command): number {
    this.#commands += 1;
    this.#input({ kind: 'command', commandId: this.#commands, command });
    return this.#commands;
  }

  /** New keys, as after a reload of authkeys. */
  rekey(authKeys: AuthKeys): void {
    this.#codec.rekey(authKeys);
  }

  /** What the runner of that run tells: an attempt with a fencing device has ended. */
  tell(run: string, event: InputEvent): void {
    if (this.powered && run === this.#runName) this.#fromRunner(event);
  }

  deliver(link: string, packet: Packet): void {
    if (this.state === undefined || this.asleep) return;
    if (!this.paused) this.#receive(link, packet);
    else if (this.#inbox.length < SOCKET_BUFFER_PACKETS) this.#inbox.push({ link, packet });
  }

  #receive(link: string, packet: Packet): void {
    if (this.#vrrp !== undefined && VrrpHost.isAdvert(packet)) {
      const event = this.#vrrp.read(link, packet);
      if (event !== undefined) this.#input(event);
      return;
    }
    const { messages, rejected } = this.#codec.decode(link, packet);
    this.rejectedPackets += rejected;
    for (const message of messages) {
      this.#parts.heard?.(message);
      this.#input({ kind: 'packet', link, message });
    }
  }

  #fromRunner(event: InputEvent): void {
    if (this.paused || this.state === undefined) this.#results.push(event);
    else this.#input(event);
  }

  /** A witness answers at once, as far as the network to it works. */
  #ask(witness: string): void {
    if (this.#parts.reaches(this.name, witness)) this.#fromRunner({ kind: 'pong', witness });
  }

  /** The one caller of the core. */
  #input(first: InputEvent): void {
    this.#turn.push(first);
    if (this.#busy) return;
    this.#busy = true;
    for (let event = this.#turn.shift(); event !== undefined; event = this.#turn.shift()) {
      const { state } = this;
      if (state === undefined) break;
      const effects = takeTurn(state, stamped(event, this.clock.nowMs, this.clock.wallS));
      for (const effect of effects) {
        this.#parts.observe(this, effect, event);
        this.#carryOut(effect);
      }
    }
    this.#turn.length = 0;
    this.#busy = false;
    this.#arm();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect.message, effect.link);
        return;
      case 'ping':
        this.#ask(effect.witness);
        return;
      case 'operation':
        this.#operate(effect.operation);
        return;
      case 'cancelOperation':
        this.runner.cancel(effect.operationId);
        return;
      case 'dropAddresses':
        this.kernel.remove(effect.addresses);
        return;
      case 'renewAddresses':
        this.kernel.set(effect.addresses, effect.lifetimeS);
        return;
      case 'checkpoint':
        this.#checkpoint = effect.checkpoint;
        if (this.disk.maintenanceEpoch !== effect.checkpoint.maintenanceEpoch) {
          this.disk.maintenanceEpoch = effect.checkpoint.maintenanceEpoch;
          this.#lived();
        }
        for (const { node, generation } of effect.checkpoint.peers)
          this.disk.peerGenerations[node] = generation;
        return;
      case 'reply':
        this.replies.set(effect.commandId, { ok: effect.ok, text: effect.text });
        return;
      case 'fence':
        this.#parts.fencing.begin(this.name, this.#runName, effect.command);
        return;
      case 'cancelFence':
        this.#parts.fencing.cancel(this.name, this.#runName, effect.commandId);
        return;
      case 'fencingRecord':
        this.disk.fencingRecord = effect.record;
        return;
      case 'exit':
        this.exitCode = effect.code;
        this.watchdog.stop();
        this.#endLoop();
        this.#lived();
        return;
      case 'feedWatchdog':
        this.watchdog.feed();
        return;
      case 'restartSelf':
        this.#endLoop();
        this.#lived();
        this.#parts.queue.after(0, () => {
          if (this.powered) this.powerOn();
        });
        return;
      case 'rebootSelf':
        if (this.rebootWorks) this.powerOff();
        return;
      case 'advert':
      case 'vrrpSet':
      case 'vrrpRemove':
      case 'vrrpCheck':
        this.#vrrp?.carryOut(effect);
        return;
      default:
        return;
    }
  }

  #armWatchdog(): void {
    const device = this.config.watchdog;
    if (device === undefined) return;
    const timeoutMs = watchdogTimeoutS(this.config) * 1000;
    this.watchdog.arm(timeoutMs);
    this.#input({ kind: 'watchdog', device, timeoutMs, problem: '' });
  }

  get #runName(): string {
    return this.#identity?.nonce ?? '';
  }

  #send(message: Message, only: string | undefined): void {
    for (const link of this.#parts.links) {
      if (only === undefined || only === link) this.#parts.send(link, this.#codec.encode(message, link));
    }
  }

  #lived(): void {
    this.#parts.lifeChanged?.(this);
  }

  #operate(operation: Operation): void {
    const { target, verb, id } = operation;
    if (target.kind === 'script') {
      this.runner.begin(operation);
      return;
    }
    if (verb === 'monitor') {
      const gone = target.addresses.filter(({ address }) => !this.kernel.has(address));
      const detail = `${gone.map(({ address }) => address).join(', ')} is not set here`;
      const result: OperationResult = gone.length === 0 ? { ok: true } : { ok: false, detail };
      this.#turn.push({ kind: 'operationDone', operationId: id, result });
      return;
    }
    if (verb === 'start') this.kernel.set(target.addresses, addressLifetimeS(this.config));
    else this.kernel.remove(target.addresses);
    this.#turn.push({ kind: 'operationDone', operationId: id, result: { ok: true } });
  }

  #endLoop(): void {
    this.state = undefined;
    this.#inbox.length = 0;
    this.#turn.length = 0;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#codec.forgetSent();
  }

  #arm(): void {
    const dueMs = this.state?.timers.nextDueMs();
    if (dueMs === undefined || this.paused || dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    const delayMs = this.maxTurnDelayMs > 0 ? this.#parts.dice.next() * this.maxTurnDelayMs : 0;
    this.#parts.queue.at(this.clock.queueMs(dueMs) + delayMs, () => {
      if (this.#wakeAtMs !== dueMs || this.paused) return;
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#tickIfDue();
      this.#arm();
    });
  }

  #tickIfDue(): void {
    const dueMs = this.state?.timers.nextDueMs();
    if (dueMs !== undefined && dueMs <= this.clock.nowMs) this.#input({ kind: 'tick' });
  }
}
