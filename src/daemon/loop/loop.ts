/** The loop: packets, timers and the runner's messages go into the core, one at a time; its effects go out. */
import { type AddressKeeper, createAddressKeeper } from '../../actions/addresses.js';
import type { VrrpConfig } from '../../config/vrrp-types.js';
import { restoreState } from '../../core/checkpoint.js';
import type { InputEvent } from '../../core/input.js';
import { snapshot } from '../../core/snapshot.js';
import { createState, type Identity, type State } from '../../core/state.js';
import { step } from '../../core/step.js';
import { createLink } from '../../links/create.js';
import { createInterfaceWatch, type InterfaceWatch } from '../../links/interface-watch.js';
import type { Link } from '../../links/link.js';
import { bootTimeMs } from '../../system/clock.js';
import { setOrdinary } from '../../system/scheduler.js';
import { createVerifier } from '../../wire/auth.js';
import type { Decoded } from '../../wire/packet.js';
import type { Boot, LoopSnapshot, ToLoop } from '../mailbox.js';
import { type AddressAlarm, createAddressAlarm } from './address-alarm.js';
import { type CarrierWatch, watchCarriers } from './carrier-watch.js';
import { MessageEncoder } from './encoder.js';
import { Executor } from './executor.js';
import { createGuard, type LoopGuard } from './guard.js';
import { keyFor } from './key-choice.js';
import { createLoopLog, type LoopLog } from './loop-log.js';
import { Pacer } from './pacer.js';
import { PacketReader } from './packet-reader.js';
import { LoopRecorder } from './recorder.js';
import { rejection } from './rejection.js';
import type { RunnerChannel } from './runner-channel.js';
import { LoopVrrp } from './vrrp.js';
import { LoopWitnesses } from './witnesses.js';

const LOG_FLUSH_MS = 60_000;
interface LinkNotes {
  up: boolean;
  reason: string;
  rejectedPackets: number;
  /** Something with the right signature has been heard since the loop began. */
  authentic: boolean;
}

export class Loop {
  readonly #boot: Boot;
  readonly #runner: RunnerChannel;
  readonly #log: LoopLog;
  readonly #encoder: MessageEncoder;
  readonly #executor: Executor;
  readonly #pacer: Pacer;
  readonly #interfaces: InterfaceWatch;
  readonly #addresses: AddressKeeper;
  readonly #guard: LoopGuard;
  readonly #recorder: LoopRecorder;
  readonly #links: readonly Link[];
  readonly #vrrp: LoopVrrp;
  readonly #witnesses: LoopWitnesses;
  readonly #alarm: AddressAlarm;
  #carriers: CarrierWatch | undefined;
  readonly #reader = new PacketReader();
  readonly #notes = new Map<Link, LinkNotes>();
  readonly #state: State;
  readonly #queue: InputEvent[] = [];
  readonly #logTimer: NodeJS.Timeout;
  #verifier: ReturnType<typeof createVerifier>;
  #busy = false;
  #ended = false;

  constructor(boot: Boot, runner: RunnerChannel) {
    this.#boot = boot;
    this.#runner = runner;
    this.#log = createLoopLog(runner, bootTimeMs);
    this.#encoder = new MessageEncoder(boot.authKeys);
    this.#verifier = createVerifier(boot.authKeys);
    this.#interfaces = createInterfaceWatch();
    this.#addresses = createAddressKeeper();
    const dependencies = { interfaces: this.#interfaces };
    this.#links = boot.config.media
      .map((medium) => createLink(medium, dependencies))
      .filter((link) => link !== undefined);
    this.#guard = createGuard(boot.config, this.#log);
    this.#state = stateOf(boot);
    this.#recorder = new LoopRecorder(runner, boot.config.settings.recorderEnabled ?? true);
    this.#vrrp = new LoopVrrp({
      interfaces: this.#interfaces,
      log: this.#log,
      feed: (event) => this.#input(event),
      tell: (message) => runner.send(message),
    });
    this.#witnesses = new LoopWitnesses({
      config: boot.config,
      encoder: this.#encoder,
      verifier: () => this.#verifier,
      onAnswer: (witness) => this.#input({ kind: 'pong', witness }),
      onProblem: (sentence) => this.#log.write('error', 'witness-socket', sentence),
    });
    this.#alarm = createAddressAlarm({
      config: boot.config,
      interfaces: this.#interfaces,
      nowMs: bootTimeMs,
      onAlarm: (sentence) => {
        this.#log.write('crit', 'address-conflict', sentence);
        runner.event('address-conflict', sentence);
      },
    });
    this.#executor = new Executor({
      config: boot.config,
      links: this.#links,
      encoder: this.#encoder,
      addresses: this.#addresses,
      runner,
      guard: this.#guard,
      log: this.#log,
      vrrp: this.#vrrp,
      witnesses: this.#witnesses,
      feed: (event) => this.#queue.push(event),
      onExit: (code, reason) => this.#end(code, reason),
    });
    this.#pacer = new Pacer({
      nextDueMs: () => this.#state.timers.nextDueMs(),
      hasUnread: () =>
        this.#vrrp.hasUnread() || this.#witnesses.hasUnread() || this.#links.some((link) => link.hasUnread()),
      onTick: () => this.#input({ kind: 'tick' }),
    });
    this.#logTimer = setInterval(() => this.#log.flush(), LOG_FLUSH_MS);
  }

  /** Opens the links and runs the first turn. */
  start(): void {
    if (this.#guard.refusal !== undefined) {
      this.#end(1, this.#guard.refusal);
      return;
    }
    // First of all: the runner keeps back the outcome of an operation for a loop that is not ready.
    this.#runner.ready(this.#guard.timeoutMs);
    if (this.#guard.event !== undefined) this.#input(this.#guard.event);
    for (const link of this.#links) {
      this.#notes.set(link, { up: false, reason: 'not open yet', rejectedPackets: 0, authentic: false });
      link.open({
        onPacket: (bytes, from) => this.#packet(bytes, from),
        onHealth: (health, from) => {
          const reason = health.up ? '' : health.reason;
          const notes = this.#notes.get(from);
          if (notes !== undefined) Object.assign(notes, { up: health.up, reason });
          this.#input({ kind: 'linkHealth', link: from.description, up: health.up, reason });
        },
        onNotice: (code, sentence) => this.#log.write('warn', code, sentence),
      });
    }
    if (this.#boot.config.vrrp !== undefined) this.#vrrp.configure(this.#boot.config.vrrp);
    this.#input(this.#boot.checkpoint === undefined ? { kind: 'boot' } : { kind: 'tick' });
    this.#carriers = watchCarriers({
      config: this.#boot.config,
      interfaces: this.#interfaces,
      onChange: (lost) => this.#input({ kind: 'carriers', lost }),
    });
    setImmediate(() => {
      if (!this.#ended) this.#addresses.prepare();
    });
  }

  /** A message of the runner, other than `boot`. */
  receive(message: ToLoop): void {
    switch (message.kind) {
      case 'operationDone':
      case 'fenceDone':
      case 'fencingReadiness':
      case 'command':
      case 'loadAverage':
      case 'vrrpCheckDone':
      case 'fileDigests':
      case 'failbackWindow':
      case 'diskTimes':
      case 'diskRead':
      case 'diskFailed':
        this.#input(message);
        return;
      case 'authKeys':
        this.#encoder.rekey(message.authKeys);
        this.#verifier = createVerifier(message.authKeys);
        this.#runner.rekey(message.authKeys);
        return;
      case 'vrrpConfig':
        this.#reconfigure(message.config);
        return;
      case 'snapshot':
        this.#runner.send({ kind: 'snapshot', requestId: message.requestId, snapshot: this.#snapshot() });
        return;
      case 'disarmWatchdog':
        this.#guard.disarm();
        this.#runner.send({ kind: 'disarmed' });
        return;
      case 'ping':
        this.#runner.send({ kind: 'alive' });
        return;
      default:
        return;
    }
  }

  #reconfigure(config: VrrpConfig): void {
    this.#runner.reconfigure(config);
    this.#vrrp.configure(config);
    this.#input({ kind: 'vrrpConfig', config });
    this.#vrrp.prune();
  }

  #packet(bytes: Uint8Array, link: Link): void {
    // A broadcast comes back to its sender, which has nothing to learn from it. (A serial line must not do that.)
    if (link.format === 'netstring' && this.#encoder.isLatest(bytes)) return;
    const decoded = this.#reader.read(bytes, this.#verifier);
    const notes = this.#notes.get(link);
    if (decoded.ok) {
      if (notes !== undefined) notes.authentic = true;
      this.#input({ kind: 'packet', link: link.name, message: decoded.message });
      this.#chooseKey(decoded);
      return;
    }
    if (notes !== undefined) notes.rejectedPackets += 1;
    this.#log.write('warn', ...rejection(decoded.reason, link, notes?.authentic ?? false));
  }

  /** An original is spoken to with the key that it uses itself: it knows no other (heartbeat-protocol.md 4.4). */
  #chooseKey(decoded: Decoded): void {
    const index = keyFor(this.#state, decoded);
    if (index === null || !this.#encoder.follow(index)) return;
    const which = index === undefined ? 'the active key' : `key ${index}, which it uses`;
    this.#log.write('info', 'key-followed', `Packets are signed with ${which}.`);
  }

  /** The one caller of the core. Outcomes that are known at once are fed in the same turn, in their order. */
  #input(event: InputEvent): void {
    this.#queue.push(event);
    if (this.#busy || this.#ended) return;
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined && !this.#ended; next = this.#queue.shift()) {
      const moment = { nowMs: bootTimeMs(), wallS: Math.floor(Date.now() / 1000) };
      const input = { ...next, ...moment };
      this.#recorder.before(this.#state, input);
      const effects = step(this.#state, input);
      this.#recorder.after(effects);
      this.#executor.run(effects);
    }
    this.#busy = false;
    this.#executor.flush();
    this.#recorder.settle();
    this.#pacer.arm();
  }

  #snapshot(): LoopSnapshot {
    return {
      status: snapshot(this.#state, bootTimeMs()),
      lateness: this.#pacer.lateness.snapshot(bootTimeMs()),
      links: this.#links.map((link) => ({
        description: link.description,
        up: this.#notes.get(link)?.up ?? false,
        reason: this.#notes.get(link)?.reason ?? '',
        sentPackets: link.counters.sentPackets,
        sendErrors: link.counters.sendErrors,
        thinnedPackets: link.counters.thinnedPackets ?? 0,
        receivedPackets: link.counters.receivedPackets,
        rejectedPackets: (this.#notes.get(link)?.rejectedPackets ?? 0) + link.counters.droppedPackets,
      })),
    };
  }

  #end(code: number, reason: string): void {
    this.#ended = true;
    // What is to be taken down now must not keep the processor from those who go on serving.
    setOrdinary();
    this.#pacer.stop();
    clearInterval(this.#logTimer);
    for (const link of this.#links) link.close();
    this.#vrrp.close(code === 0);
    this.#witnesses.close();
    this.#alarm.close();
    this.#carriers?.close();
    this.#interfaces.close();
    this.#addresses.close();
    this.#guard.disarm();
    this.#runner.end(code, reason);
  }
}

function stateOf(boot: Boot): State {
  const identity: Identity = {
    program: boot.program,
    generation: boot.generation,
    uuid: boot.uuid,
    nonce: boot.nonce,
    seed: boot.seed,
    peerGenerations: boot.peerGenerations,
    ...(boot.maintenanceEpoch === undefined ? {} : { maintenanceEpoch: boot.maintenanceEpoch }),
    fencingRecord: boot.fencingRecord ?? {},
  };
  if (boot.checkpoint === undefined) return createState(boot.config, identity);
  return restoreState(boot.config, identity, boot.checkpoint, bootTimeMs());
}
