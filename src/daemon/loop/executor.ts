/** Carries out the core's effects: one case per kind. What takes time goes to the runner; its outcome comes back as input. */
import type { AddressKeeper } from '../../actions/addresses.js';
import type { AddressSpec, ClusterConfig } from '../../config/types.js';
import type { Checkpoint } from '../../core/checkpoint.js';
import type { Effect, LogLevel, Operation } from '../../core/effect.js';
import type { InputEvent, OperationResult } from '../../core/input.js';
import { addressLifetimeS } from '../../core/resources/lifetime.js';
import type { VrrpEffect } from '../../core/vrrp/effect.js';
import { unreachable } from '../../errors/assert.js';
import type { Link } from '../../links/link.js';
import { trafficOf } from '../../links/traffic.js';
import type { MessageEncoder } from './encoder.js';
import type { LoopGuard } from './guard.js';
import type { LoopLog } from './loop-log.js';
import type { RunnerChannel } from './runner-channel.js';
import type { LoopWitnesses } from './witnesses.js';

export interface ExecutorParts {
  readonly config: ClusterConfig;
  readonly links: readonly Link[];
  readonly encoder: MessageEncoder;
  readonly addresses: AddressKeeper;
  readonly runner: RunnerChannel;
  readonly guard: LoopGuard;
  readonly log: LoopLog;
  readonly vrrp: { run(effect: VrrpEffect): void };
  readonly witnesses: LoopWitnesses;
  /** Queues an outcome that is known at once. */
  readonly feed: (event: InputEvent) => void;
  /** The daemon's end. */
  readonly onExit: (code: number, reason: string) => void;
}

/** What people read. It waits until the network and the kernel have been served. */
type Telling = Extract<Effect, { readonly kind: 'log' | 'event' | 'reply' }>;

export class Executor {
  readonly #parts: ExecutorParts;
  #checkpoint: Checkpoint | undefined;
  #tellings: Telling[] = [];

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Does everything in the given order, but for what `flush` does. Never throws, never waits. */
  run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#one(effect);
  }

  /**
   * The end of a turn: says what was kept back meanwhile (log lines, events and replies, in their order), and hands over
   * the newest checkpoint, the only one that counts.
   */
  flush(): void {
    this.#tell();
    this.#handOverCheckpoint();
  }

  #tell(): void {
    if (this.#tellings.length === 0) return;
    const tellings = this.#tellings;
    this.#tellings = [];
    const { runner, log } = this.#parts;
    for (const telling of tellings) {
      if (telling.kind === 'log') log.write(telling.level, telling.code, telling.text);
      else if (telling.kind === 'event') runner.event(telling.code, telling.text, telling.about);
      else runner.send(telling);
    }
  }

  #note(level: LogLevel, code: string, text: string): void {
    this.#tellings.push({ kind: 'log', level, code, text });
  }

  #handOverCheckpoint(): void {
    if (this.#checkpoint === undefined) return;
    this.#parts.runner.checkpoint(this.#checkpoint);
    this.#checkpoint = undefined;
  }

  #one(effect: Effect): void {
    const { runner, addresses } = this.#parts;
    switch (effect.kind) {
      case 'send':
        for (const link of this.#parts.links) {
          if (effect.link === undefined || effect.link === link.name) {
            const bytes = this.#parts.encoder.encode(effect.message, link.format);
            // Only serial lines, which carry the classic format, are so slow that the kind of a message matters.
            if (link.format === 'classic') link.send(bytes, trafficOf(effect.message));
            else link.send(bytes);
          }
        }
        return;
      case 'communicationUp':
        runner.send(effect);
        return;
      case 'ping':
        this.#parts.witnesses.ask(effect.witness, effect.info);
        return;
      case 'operation':
        this.#operate(effect.operation);
        return;
      case 'cancelOperation':
        runner.cancelOperation(effect.operationId);
        return;
      case 'announce':
        for (const problem of addresses.announce(effect.addresses).problems)
          this.#note('warn', 'announce', problem);
        return;
      case 'dropAddresses':
        this.#drop(effect.addresses);
        return;
      case 'renewAddresses':
        this.#renew(effect.addresses, effect.lifetimeS);
        return;
      case 'log':
      case 'event':
      case 'reply':
        this.#tellings.push(effect);
        return;
      case 'checkpoint':
        this.#checkpoint = effect.checkpoint;
        return;
      case 'fence':
        // The runner must know of the attempt before it begins it, so that a new loop process asks for its end.
        this.#handOverCheckpoint();
        runner.fence(effect.command);
        return;
      case 'clientMessage':
      case 'cancelFence':
      case 'fencingRecord':
        runner.send(effect);
        return;
      case 'exit':
        this.flush();
        this.#parts.onExit(effect.code, effect.reason);
        return;
      case 'feedWatchdog':
        this.#parts.guard.feed();
        return;
      case 'restartSelf':
        this.#tell();
        runner.send({ kind: 'restartSelf', reason: effect.reason });
        return;
      case 'rebootSelf':
        this.#tell();
        runner.send({ kind: 'rebootSelf', reason: effect.reason });
        return;
      case 'advert':
      case 'vrrpSet':
      case 'vrrpRemove':
      case 'vrrpAnnounce':
      case 'vrrpNotify':
      case 'vrrpCheck':
        this.#parts.vrrp.run(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #operate(operation: Operation): void {
    if (operation.target.kind === 'script') {
      // The runner must know of the step before it begins it, so that a new loop process waits for its end.
      this.#handOverCheckpoint();
      this.#parts.runner.operation(operation);
      return;
    }
    const result = this.#operateAddresses(operation.verb, operation.target.addresses);
    this.#parts.feed({ kind: 'operationDone', operationId: operation.id, result });
  }

  #operateAddresses(verb: Operation['verb'], specs: readonly AddressSpec[]): OperationResult {
    const { addresses, config } = this.#parts;
    if (verb === 'monitor') {
      const there = new Set(addresses.present(specs));
      const gone = specs.filter((spec) => !there.has(spec)).map((spec) => spec.address);
      return gone.length === 0 ? { ok: true } : { ok: false, detail: `${gone.join(', ')} is not set here` };
    }
    const outcome =
      verb === 'start' ? addresses.start(specs, addressLifetimeS(config)) : addresses.stop(specs);
    if (!outcome.ok) return { ok: false, detail: outcome.detail };
    for (const note of outcome.notes) this.#note('warn', 'address-note', note);
    return { ok: true };
  }

  #drop(specs: readonly AddressSpec[]): void {
    const outcome = this.#parts.addresses.stop(specs);
    if (!outcome.ok) this.#note('error', 'address-drop', outcome.detail);
  }

  /** The core says that these are ours: one that is gone (removed by hand, lifetime over) is set again. */
  #renew(specs: readonly AddressSpec[], lifetimeS: number | undefined): void {
    const { addresses } = this.#parts;
    const outcome = addresses.renew(specs, lifetimeS);
    if (!outcome.ok) {
      this.#note('error', 'address-renew', outcome.detail);
      return;
    }
    if (outcome.missing.length === 0) return;
    const names = outcome.missing.map((spec) => spec.address).join(', ');
    this.#note('warn', 'address-missing', `${names} had vanished from this node, which owns it: set again.`);
    const again = addresses.start(outcome.missing, lifetimeS);
    if (!again.ok) this.#note('error', 'address-renew', again.detail);
  }
}
