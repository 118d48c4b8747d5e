/** The virtual kernel of one node: its floating addresses and their lifetimes. */
import type { AddressSpec } from '../config/types.js';
import type { EventQueue } from './event-queue.js';
import type { Dice } from './random.js';

/** The kernel counts whole seconds and looks up to this much later. */
const EXPIRY_LATENESS_MAX_MS = 1000;

export class VirtualKernel {
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #setActive: (address: string, active: boolean) => void;
  /** Address -> when it expires. */
  readonly #expiresMs = new Map<string, number>();
  #frozenAtMs: number | undefined;

  constructor(queue: EventQueue, dice: Dice, setActive: (address: string, active: boolean) => void) {
    this.#queue = queue;
    this.#dice = dice;
    this.#setActive = setActive;
  }

  /** The machine sleeps: lifetimes are counted in ticks, which stand. */
  freeze(): void {
    this.#frozenAtMs = this.#queue.nowMs;
  }

  /** The machine goes on: every lifetime ends as much later as it slept. */
  thaw(): void {
    if (this.#frozenAtMs === undefined) return;
    const sleptMs = this.#queue.nowMs - this.#frozenAtMs;
    this.#frozenAtMs = undefined;
    for (const [address, expiresMs] of [...this.#expiresMs])
      this.#expiresMs.set(address, expiresMs + sleptMs);
    for (const [address, expiresMs] of this.#expiresMs)
      if (Number.isFinite(expiresMs)) this.#watch(address, expiresMs);
  }

  has(address: string): boolean {
    return this.#expiresMs.has(address);
  }

  /** Sets addresses, or gives them a new lifetime. */
  set(specs: readonly AddressSpec[], lifetimeS: number | undefined): void {
    for (const { address } of specs) {
      if (!this.#expiresMs.has(address)) this.#setActive(address, true);
      if (lifetimeS === undefined) {
        this.#expiresMs.set(address, Number.POSITIVE_INFINITY);
        continue;
      }
      const expiresMs =
        this.#queue.nowMs + lifetimeS * 1000 + Math.floor(this.#dice.next() * EXPIRY_LATENESS_MAX_MS);
      // One that was to stay for ever has nobody who looks after its end.
      const planned = Number.isFinite(this.#expiresMs.get(address));
      this.#expiresMs.set(address, expiresMs);
      if (!planned) this.#watch(address, expiresMs);
    }
  }

  remove(specs: readonly AddressSpec[]): void {
    for (const { address } of specs) this.#drop(address);
  }

  loseEverything(): void {
    this.#frozenAtMs = undefined;
    for (const address of [...this.#expiresMs.keys()]) this.#drop(address);
  }

  #drop(address: string): void {
    if (this.#expiresMs.delete(address)) this.#setActive(address, false);
  }

  #watch(address: string, atMs: number): void {
    this.#queue.at(atMs, () => {
      const expiresMs = this.#expiresMs.get(address);
      if (expiresMs === undefined || this.#frozenAtMs !== undefined) return;
      if (expiresMs <= this.#queue.nowMs) this.#drop(address);
      else if (Number.isFinite(expiresMs)) this.#watch(address, expiresMs);
    });
  }
}
