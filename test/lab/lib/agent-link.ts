import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { HubEvent } from './protocol.js';

type Call = { args: unknown; result: unknown };
type Table<Calls> = { [Op in keyof Calls]: Call };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The test's end of the conversation with a helper process (see protocol.ts). */
export class AgentLink<Calls extends Table<Calls>> {
  /** Resolves when the process has said that it is ready; rejects when it ends before. */
  readonly ready: Promise<HubEvent & { event: 'ready' }>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #errors = '';
  #over = false;

  constructor(child: ChildProcess, onEvent: (event: HubEvent) => void) {
    this.#child = child;
    let settleReady: Waiting = { resolve: () => {}, reject: () => {} };
    this.ready = new Promise((resolve, reject) => {
      settleReady = { resolve: (value) => resolve(value as HubEvent & { event: 'ready' }), reject };
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    child.stdin?.on('error', () => {});
    if (child.stdout === null) throw new Error('a helper process needs its standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as HubEvent | { id: number; value?: unknown; error?: string };
      if ('event' in said) {
        if (said.event === 'ready') settleReady.resolve(said);
        onEvent(said);
        return;
      }
      const waiting = this.#waiting.get(said.id);
      this.#waiting.delete(said.id);
      if (said.error === undefined) waiting?.resolve(said.value);
      else waiting?.reject(new Error(said.error));
    });
    this.ended = new Promise((resolve) => {
      const over = (why: string): void => {
        this.#over = true;
        const error = new Error(`a helper process of the lab ended (${why}): ${this.#errors.trim()}`);
        settleReady.reject(error);
        for (const waiting of this.#waiting.values()) waiting.reject(error);
        this.#waiting.clear();
        resolve();
      };
      child.on('error', (error) => over(error.message));
      child.on('close', (code, signal) => over(signal ?? `exit ${code}`));
    });
    this.ready.catch(() => {});
  }

  /** Calls a function of the process. Rejects with its error, or when the process has ended. */
  call<Op extends keyof Calls>(op: Op, args: Calls[Op]['args']): Promise<Calls[Op]['result']> {
    if (this.#over) return Promise.reject(new Error(`the lab is gone: ${this.#errors.trim()}`));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Calls[Op]['result']), reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, op, args })}\n`);
    });
  }

  /** Closes the process's standard input, on which it ends. Kills it when it does not. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await this.ended;
    clearTimeout(killer);
  }
}
