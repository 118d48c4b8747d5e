/**
 * The loop's side of the channel to the runner. When the runner dies, this starts a new one and hands it what it needs:
 * the one child process that the loop ever makes.
 */
import type { AuthKeys } from '../../config/types.js';
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { Checkpoint } from '../../core/checkpoint.js';
import type { EventSubject, LogLevel, Operation } from '../../core/effect.js';
import type { FenceCommand } from '../../core/fencing/types.js';
import { type Channel, openChannel, openChannelOnFd } from '../channel.js';
import type { Boot, ToLoop, ToRunner } from '../mailbox.js';
import { compiledFile } from '../paths.js';

/** Log lines are dropped beyond this many unsent bytes: a stuck runner must not eat the loop's memory. */
const PENDING_MAX_BYTES = 4 * 1024 * 1024;
const RESPAWN_MS = 1000;

export class RunnerChannel {
  #channel: Channel<ToRunner>;
  readonly #onMessage: (message: ToLoop) => void;
  #boot: Boot | undefined;
  #checkpoint: Checkpoint | undefined;
  readonly #operations = new Map<number, { operation: Operation; processGroup?: number }>();
  readonly #generations = new Map<string, number>();
  #watchdogMs: number | null = null;
  #fence: FenceCommand | undefined;
  #ending = false;
  /** The runner has said that it leaves. */
  #leaving = false;
  #runners = 1;

  constructor(fd: number, onMessage: (message: ToLoop) => void) {
    this.#onMessage = onMessage;
    this.#channel = openChannelOnFd<ToLoop, ToRunner>(fd, this.#handlers());
  }

  #handlers(): { onMessage(message: ToLoop): void; onEnd(reason: string): void } {
    return {
      onMessage: (message) => this.#receive(message),
      onEnd: () => this.#runnerGone(),
    };
  }

  #receive(message: ToLoop): void {
    if (message.kind === 'runnerLeaves') this.#leaving = true;
    if (message.kind === 'boot') this.#boot = message.boot;
    if (message.kind === 'operationDone') this.#operations.delete(message.operationId);
    if (message.kind === 'fenceDone' && this.#fence?.id === message.commandId) this.#fence = undefined;
    if (message.kind === 'operationStarted') {
      const entry = this.#operations.get(message.operationId);
      if (entry !== undefined) entry.processGroup = message.processGroup;
    }
    this.#onMessage(message);
  }

  /** Keys that a reload brought, for the boot message of a later runner. */
  rekey(authKeys: AuthKeys): void {
    if (this.#boot !== undefined) this.#boot = { ...this.#boot, authKeys };
  }

  /** The VRRP configuration that a reload brought, for the boot message of a later runner. */
  reconfigure(vrrp: VrrpConfig): void {
    if (this.#boot !== undefined) this.#boot = { ...this.#boot, config: { ...this.#boot.config, vrrp } };
  }

  get pendingBytes(): number {
    return this.#channel.pendingBytes;
  }

  /** How many runners this loop has had. */
  get runners(): number {
    return this.#runners;
  }

  send(message: ToRunner): void {
    this.#channel.send(message);
  }

  /** This loop can be spoken to; `watchdogMs`: what its armed watchdog is set to, or null. */
  ready(watchdogMs: number | null): void {
    this.#watchdogMs = watchdogMs;
    this.send({ kind: 'ready', watchdogMs });
  }

  log(level: LogLevel, code: string, text: string): void {
    if (this.#channel.pendingBytes > PENDING_MAX_BYTES) return;
    this.send({ kind: 'log', level, code, text, wallMs: Date.now() });
  }

  event(code: string, text: string, about?: EventSubject): void {
    if (this.#channel.pendingBytes > PENDING_MAX_BYTES) return;
    this.send({ kind: 'event', code, text, ...(about === undefined ? {} : { about }), wallMs: Date.now() });
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    for (const { node, generation } of checkpoint.peers) {
      if (generation === 0 || this.#generations.get(node) === generation) continue;
      this.#generations.set(node, generation);
      this.send({ kind: 'peerGeneration', node, generation });
    }
    const epoch = checkpoint.maintenanceEpoch;
    if (this.#boot !== undefined && epoch !== (this.#boot.maintenanceEpoch ?? 0)) {
      this.#boot = { ...this.#boot, maintenanceEpoch: epoch };
      this.send({ kind: 'maintenance', epoch });
    }
    this.send({ kind: 'checkpoint', checkpoint });
  }

  operation(operation: Operation): void {
    this.#operations.set(operation.id, { operation });
    this.send({ kind: 'operation', operation });
  }

  fence(command: FenceCommand): void {
    this.#fence = command;
    this.send({ kind: 'fence', command });
  }

  cancelOperation(operationId: number): void {
    if (this.#operations.has(operationId)) this.send({ kind: 'cancelOperation', operationId });
  }

  /** Tells the runner that this process ends in good order, and closes. */
  end(code: number, reason: string): void {
    this.#ending = true;
    this.send({ kind: 'exit', code, reason });
    this.#channel.close();
  }

  #runnerGone(): void {
    if (this.#ending || this.#boot === undefined) {
      process.exit(0);
    }
    this.#startRunner().catch(() => setTimeout(() => this.#runnerGone(), RESPAWN_MS));
  }

  async #startRunner(): Promise<void> {
    const boot = this.#boot;
    if (boot === undefined) return;
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [compiledFile('daemon', 'runner', 'main.js'), '--adopt'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const stream = child.stdio[3];
    if (!stream) throw new Error('the new runner has no channel');
    child.on('error', () => undefined);
    child.unref();
    this.#runners += 1;
    const planned = this.#leaving;
    this.#leaving = false;
    this.#channel = openChannel<ToLoop, ToRunner>(stream as import('node:stream').Duplex, this.#handlers());
    this.send({
      kind: 'adopt',
      adopt: {
        boot,
        ...(this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint }),
        loopPid: process.pid,
        planned,
        operations: [...this.#operations.values()],
        ...(this.#fence === undefined ? {} : { fence: this.#fence }),
      },
    });
    if (!planned) this.log('crit', 'runner-died', 'the runner process died: a new one has taken its place.');
    this.ready(this.#watchdogMs);
  }
}
