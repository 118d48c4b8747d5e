import type { AgentLink } from './agent-link.js';
import {
  type Announcement,
  type Answer,
  isWithin,
  type Overlap,
  overlapsIn,
  ownersIn,
  type Window,
} from './ownership.js';
import type { HubCalls } from './protocol.js';

/** The longest that an owner's last answer may be past for it to count as the owner now. */
const PRESENT_REQUESTS = 5;

/** An observer on a switch, which asks for addresses by ARP all the time (Lab.observe). */
export class Observation {
  readonly #hub: AgentLink<HubCalls>;
  readonly #observer: number;
  readonly #nodeOf: (mac: string) => string;
  readonly #answers: Answer[] = [];
  readonly #announcements: Announcement[] = [];
  #requests = 0;

  constructor(hub: AgentLink<HubCalls>, observer: number, nodeOf: (mac: string) => string) {
    this.#hub = hub;
    this.#observer = observer;
    this.#nodeOf = nodeOf;
  }

  /** Every answer so far, in order of time. */
  async answers(): Promise<readonly Answer[]> {
    await this.#fetch();
    return this.#answers;
  }

  /** Every gratuitous ARP so far (requests and replies whose sender and target address are the same). */
  async announcements(): Promise<readonly Announcement[]> {
    await this.#fetch();
    return this.#announcements;
  }

  /** The nodes that answered for an address in a window (default: since the start). */
  async owners(address: string, window: Window = {}): Promise<string[]> {
    return ownersIn(await this.answers(), address, window);
  }

  /** The nodes that answer for an address now: those that answered one of the last few questions. */
  async ownersNow(address: string): Promise<string[]> {
    const answers = await this.answers();
    const recent = answers.filter((answer) => answer.request >= this.#requests - PRESENT_REQUESTS);
    return ownersIn(recent, address, {});
  }

  /** The times in which two or more nodes answered the same question for an address: "two owners". */
  async overlaps(address: string, window: Window = {}): Promise<Overlap[]> {
    const answers = await this.answers();
    return overlapsIn(
      answers.filter((answer) => isWithin(answer.atMs, window)),
      address,
    );
  }

  /** How often each address was asked for so far. */
  async requests(): Promise<number> {
    await this.#fetch();
    return this.#requests;
  }

  /** Stops asking; what was recorded before the last call above stays readable. */
  async stop(): Promise<void> {
    await this.#fetch();
    await this.#hub.call('unobserve', { observer: this.#observer });
  }

  async #fetch(): Promise<void> {
    const seen = await this.#hub.call('observed', {
      observer: this.#observer,
      answersFrom: this.#answers.length,
      announcementsFrom: this.#announcements.length,
    });
    this.#requests = seen.requests;
    for (const answer of seen.answers) this.#answers.push({ ...answer, node: this.#nodeOf(answer.mac) });
    for (const heard of seen.announcements) {
      this.#announcements.push({ ...heard, node: this.#nodeOf(heard.mac) });
    }
  }
}
