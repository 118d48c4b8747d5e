/**
 * The virtual runner of one node: its scripts. They take time, fail or hang as told; what they leave active is real
 * (it stands in the ledger). They live on when the loop process dies, and end with the machine.
 */
import type { Operation } from '../core/effect.js';
import type { OperationResult } from '../core/input.js';
import type { EventQueue } from './event-queue.js';

/**
 * What a script does: it takes this long and then ends so. `hang`: only its deadline ends it; `killed`: a signal does;
 * `missing`: there is no such script (any more), so nothing runs and nothing changes.
 */
export interface ScriptBehaviour {
  readonly durationMs: number;
  readonly outcome: 'ok' | 'fail' | 'hang' | 'killed' | 'missing';
}

const DEFAULT: ScriptBehaviour = { durationMs: 20, outcome: 'ok' };
const KILL_MS = 2;

export interface RunnerParts {
  readonly queue: EventQueue;
  /** Notes that a script's resource is active, or not. */
  readonly setActive: (group: string, resource: string, active: boolean) => void;
  readonly isActive: (group: string, resource: string) => boolean;
  readonly report: (operationId: number, result: OperationResult) => void;
}

interface Running {
  readonly operation: Operation;
  readonly word: string;
  ended: boolean;
}

export class VirtualRunner {
  readonly #parts: RunnerParts;
  readonly #running = new Map<number, Running>();
  /** Ends that wait for the machine to go on; undefined: it does not sleep. */
  #held: (() => void)[] | undefined;
  readonly #behaviours = new Map<string, ScriptBehaviour>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** How `VERB WORD` ("start web") behaves from now on; verbs are start, stop and monitor. */
  behave(verb: 'start' | 'stop' | 'monitor', word: string, behaviour: Partial<ScriptBehaviour>): void {
    this.#behaviours.set(`${verb} ${word}`, { ...DEFAULT, ...behaviour });
  }

  /** As told, or as a script usually does. */
  behaviourOf(verb: 'start' | 'stop' | 'monitor', word: string): ScriptBehaviour {
    return this.#behaviours.get(`${verb} ${word}`) ?? DEFAULT;
  }

  /** Every script behaves well again. */
  behaveWell(): void {
    this.#behaviours.clear();
  }

  begin(operation: Operation): void {
    const { target, verb, group } = operation;
    if (target.kind !== 'script') return;
    const { word } = target.resource;
    const running: Running = { operation, word, ended: false };
    this.#running.set(operation.id, running);
    const active = this.#parts.isActive(group, word);
    if (verb === 'monitor') {
      this.#monitor(running, active);
      return;
    }
    if (verb === 'release' && !active) {
      this.#endAfter(running, 1, { ok: true });
      return;
    }
    const script = verb === 'start' ? 'start' : 'stop';
    const behaviour = this.#behaviours.get(`${script} ${word}`) ?? DEFAULT;
    if (behaviour.outcome === 'missing') {
      this.#endAfter(running, 1, { ok: false, detail: `there is no script ${word}`, neverRan: true });
      return;
    }
    if (script === 'start') {
      if (active) {
        this.#endAfter(running, 1, { ok: true, alreadyActive: true });
        return;
      }
      this.#parts.setActive(group, word, true);
    }
    if (behaviour.outcome === 'hang' || behaviour.durationMs > operation.deadlineMs) {
      this.#endAfter(running, operation.deadlineMs, { ok: false, detail: `${word} ${script}: deadline` });
    } else if (behaviour.outcome === 'killed') {
      const detail = `${word} ${script}: ended by SIGKILL`;
      this.#endAfter(running, behaviour.durationMs, { ok: false, detail });
    } else if (behaviour.outcome === 'fail') {
      this.#endAfter(running, behaviour.durationMs, { ok: false, detail: `${word} ${script}: exit code 1` });
    } else {
      this.#endAfter(running, behaviour.durationMs, { ok: true });
    }
  }

  /** Kills the script of an operation. */
  cancel(operationId: number): void {
    const running = this.#running.get(operationId);
    if (running !== undefined)
      this.#endAfter(running, KILL_MS, { ok: false, detail: `${running.word}: killed` });
  }

  /** The machine sleeps: nothing ends until `thaw`. */
  freeze(): void {
    this.#held = [];
  }

  /** The machine goes on: what would have ended meanwhile ends now. */
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const end of held) end();
  }

  /** The machine lost its power: nothing of it will be reported. */
  loseEverything(): void {
    this.#held = undefined;
    for (const running of this.#running.values()) running.ended = true;
    this.#running.clear();
  }

  /** A monitor fails when nothing is active, or as it was told to. */
  #monitor(running: Running, active: boolean): void {
    const { operation, word } = running;
    const behaviour = this.#behaviours.get(`monitor ${word}`) ?? DEFAULT;
    const hangs = behaviour.outcome === 'hang' || behaviour.durationMs > operation.deadlineMs;
    if (hangs)
      this.#endAfter(running, operation.deadlineMs, { ok: false, detail: `${word} monitor: deadline` });
    else if (!active || behaviour.outcome !== 'ok')
      this.#endAfter(running, behaviour.durationMs, { ok: false, detail: `${word} does not run` });
    else this.#endAfter(running, behaviour.durationMs, { ok: true });
  }

  #endAfter(running: Running, durationMs: number, result: OperationResult): void {
    const end = (): void => {
      if (running.ended) return;
      running.ended = true;
      const { id, verb, group } = running.operation;
      this.#running.delete(id);
      if (result.ok && verb !== 'start' && verb !== 'monitor')
        this.#parts.setActive(group, running.word, false);
      this.#parts.report(id, result);
    };
    this.#parts.queue.after(durationMs, () => {
      if (this.#held === undefined) end();
      else this.#held.push(end);
    });
  }
}
