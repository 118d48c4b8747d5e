import type { AgentLink } from './agent-link.js';
import { answeredIn, firstAnswerFrom, longestOutage, type Outage } from './client-log.js';
import type { Window } from './ownership.js';
import type { ClientCalls, ClientEntry } from './protocol.js';

/** A client that asks an address again and again from a client host (Lab.client). */
export class LabClient {
  readonly #agent: AgentLink<ClientCalls>;
  readonly #client: number;

  constructor(agent: AgentLink<ClientCalls>, client: number) {
    this.#agent = agent;
    this.#client = client;
  }

  /** Every question so far with its answer, in order of sending. */
  async log(): Promise<readonly ClientEntry[]> {
    return (await this.#agent.call('log', { client: this.#client })).entries;
  }

  /** The newest question that was answered. */
  async newest(): Promise<ClientEntry | null> {
    return (await this.#agent.call('newest', { client: this.#client })).entry;
  }

  /** The longest time without an answer. */
  async outage(window: Window = {}): Promise<Outage> {
    return longestOutage(await this.log(), window);
  }

  /** The first answer of a node at or after a moment. */
  async firstAnswerFrom(node: string, sinceMs = 0): Promise<ClientEntry | undefined> {
    return firstAnswerFrom(await this.log(), node, sinceMs);
  }

  /** How many of the questions sent in a window were answered. */
  async answered(window: Window = {}): Promise<{ answered: number; asked: number }> {
    return answeredIn(await this.log(), window);
  }

  /** Stops asking; the log stays. */
  async stop(): Promise<void> {
    await this.#agent.call('stop', { client: this.#client });
  }
}
