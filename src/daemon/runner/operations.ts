/**
 * The operations under way in the runner. Several run at once, but never two on the same resource. They outlive the
 * loop process: a restarted loop that asks for the same operation again gets the one that already runs, or its
 * result.
 */
import type { Operation } from '../../core/effect.js';
import type { OperationResult } from '../../core/input.js';
import type { ToLoop } from '../mailbox.js';

export interface OperationRunner {
  /** Carries out one operation; must not reject. */
  run(
    operation: Operation,
    cancel: AbortSignal,
    onStarted: (processGroup: number) => void,
  ): Promise<OperationResult>;
  /** Hands a message to the loop; false when there is none at the moment. */
  tell(message: ToLoop): boolean;
}

export interface Operations {
  start(operation: Operation): void;
  cancel(operationId: number): void;
  /** A loop is there (again): it is told what ended while nobody listened. */
  tellUnheard(): void;
  /** Cancels everything and forgets all results; resolves when nothing runs. For a run that begins anew. */
  reset(): Promise<void>;
  readonly running: number;
}

interface Running {
  readonly operation: Operation;
  readonly abort: AbortController;
}

/** Results kept for a loop that died before it could hear them. */
const MAX_UNHEARD = 64;

/** Makes the table of operations. */
export function createOperations(runner: OperationRunner): Operations {
  const running = new Map<number, Running>();
  const tails = new Map<string, Promise<void>>();
  const unheard = new Map<number, { readonly operation: Operation; readonly result: OperationResult }>();

  const report = (operation: Operation, result: OperationResult): void => {
    if (runner.tell({ kind: 'operationDone', operationId: operation.id, result })) return;
    unheard.set(operation.id, { operation, result });
    const oldest = unheard.keys().next();
    if (unheard.size > MAX_UNHEARD && oldest.done !== true) unheard.delete(oldest.value);
  };

  const carryOut = async (entry: Running): Promise<void> => {
    const { operation, abort } = entry;
    const isWanted = (): boolean => running.get(operation.id) === entry;
    const result: OperationResult = abort.signal.aborted
      ? { ok: false, detail: 'cancelled before it began' }
      : await runner.run(operation, abort.signal, (processGroup) => {
          if (isWanted()) runner.tell({ kind: 'operationStarted', operationId: operation.id, processGroup });
        });
    if (!isWanted()) return;
    running.delete(operation.id);
    report(operation, result);
  };

  const begin = (operation: Operation): void => {
    const entry: Running = { operation, abort: new AbortController() };
    running.set(operation.id, entry);
    const resource = resourceKey(operation);
    const ended = (tails.get(resource) ?? Promise.resolve()).then(() => carryOut(entry));
    tails.set(resource, ended);
    void ended.then(() => {
      if (tails.get(resource) === ended) tails.delete(resource);
    });
  };

  return {
    start(operation) {
      const current = running.get(operation.id);
      if (current !== undefined) {
        if (same(current.operation, operation)) return;
        // The number went to another operation after a restart of the loop: nobody waits for the old one.
        current.abort.abort();
      }
      const known = unheard.get(operation.id);
      unheard.delete(operation.id);
      if (known !== undefined && same(known.operation, operation)) report(operation, known.result);
      else begin(operation);
    },
    cancel(operationId) {
      running.get(operationId)?.abort.abort();
    },
    tellUnheard() {
      for (const { operation, result } of [...unheard.values()]) {
        unheard.delete(operation.id);
        report(operation, result);
      }
    },
    async reset() {
      for (const { abort } of running.values()) abort.abort();
      while (tails.size > 0) await Promise.all(tails.values());
      unheard.clear();
    },
    get running() {
      return running.size;
    },
  };
}

function resourceKey(operation: Operation): string {
  const { target } = operation;
  return `${operation.groupLine}\0${target.kind === 'script' ? target.resource.word : 'addresses'}`;
}

function same(a: Operation, b: Operation): boolean {
  return a.verb === b.verb && a.group === b.group && resourceKey(a) === resourceKey(b);
}
