/**
 * Virtual fencing devices: the power switches that one node has for the other, each as good or as bad as told. They
 * stand outside the nodes: an attempt goes on when the node that asked for it loses its power.
 */
import type { FenceCommand, FenceResult } from '../core/fencing/types.js';
import type { EventQueue } from './event-queue.js';

export interface DeviceBehaviour {
  /**
   * works: resets and says so. fails: says that it failed, and did nothing. hangs: does nothing until the deadline.
   * lies: says OK and did nothing. wrongNode: says OK and reset the node that asked. silent: resets, and says that it failed.
   */
  readonly kind: 'works' | 'fails' | 'hangs' | 'lies' | 'wrongNode' | 'silent';
  readonly durationMs: number;
}

/** Everything that a device did to a node. */
export interface Shot {
  readonly atMs: number;
  readonly by: string;
  readonly target: string;
}

export interface FencingParts {
  readonly queue: EventQueue;
  readonly nowMs: () => number;
  /** Takes the power of the node away and gives it back after a while. */
  readonly reset: (node: string) => void;
  /** `run`: nobody else but the run that asked hears of it. */
  readonly report: (to: string, run: string, commandId: number, result: FenceResult) => void;
}

const WORKS: DeviceBehaviour = { kind: 'works', durationMs: 500 };

interface Attempt {
  readonly command: FenceCommand;
  cancelled: boolean;
  result: FenceResult | undefined;
}

export class VirtualFencing {
  /** Resets that really happened. */
  readonly shots: Shot[] = [];
  /** Attempts that were begun. */
  readonly attempts: Shot[] = [];
  readonly #parts: FencingParts;
  readonly #behaviours = new Map<string, DeviceBehaviour>();
  readonly #attempts = new Map<string, Attempt>();

  constructor(parts: FencingParts) {
    this.#parts = parts;
  }

  /** How the device number `device` behaves for `node` from now on. */
  behave(node: string, device: number, behaviour: Partial<DeviceBehaviour>): void {
    this.#behaviours.set(`${node} ${device}`, { ...WORKS, ...behaviour });
  }

  /** Every device works well again. */
  behaveWell(): void {
    this.#behaviours.clear();
  }

  begin(by: string, run: string, command: FenceCommand): void {
    const key = `${by} ${run} ${command.id}`;
    const known = this.#attempts.get(key);
    if (known !== undefined) {
      if (known.result !== undefined) this.#parts.report(by, run, command.id, known.result);
      return;
    }
    const attempt: Attempt = { command, cancelled: false, result: undefined };
    this.#attempts.set(key, attempt);
    this.attempts.push({ atMs: this.#parts.nowMs(), by, target: command.node });
    const behaviour = this.#behaviours.get(`${by} ${command.device}`) ?? WORKS;
    const isLate = behaviour.kind === 'hangs' || behaviour.durationMs > command.deadlineMs;
    const durationMs = isLate ? command.deadlineMs : behaviour.durationMs;
    this.#parts.queue.after(durationMs, () => {
      if (attempt.cancelled) return;
      attempt.result = isLate
        ? { ok: false, detail: 'the device did not answer in time.', certain: false }
        : this.#act(by, command, behaviour);
      this.#parts.report(by, run, command.id, attempt.result);
    });
  }

  cancel(by: string, run: string, commandId: number): void {
    const attempt = this.#attempts.get(`${by} ${run} ${commandId}`);
    if (attempt !== undefined) attempt.cancelled = true;
  }

  #act(by: string, command: FenceCommand, { kind }: DeviceBehaviour): FenceResult {
    const target = kind === 'wrongNode' ? by : command.node;
    if (kind === 'works' || kind === 'wrongNode' || kind === 'silent') {
      this.shots.push({ atMs: this.#parts.nowMs(), by, target });
      this.#parts.reset(target);
    }
    if (kind !== 'fails' && kind !== 'silent') return { ok: true };
    return { ok: false, detail: 'the device says that it failed.', certain: true };
  }
}
