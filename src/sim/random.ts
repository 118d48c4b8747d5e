/** The simulator's own dice (mulberry32): one seed, one run. Apart from the core's, which it must not disturb. */
export class Dice {
  #word: number;

  /** @param seed any whole number; its low 32 bits count. */
  constructor(seed: number) {
    this.#word = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#word = (this.#word + 0x6d2b79f5) >>> 0;
    let mixed = this.#word;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with this probability (0..1). Throws no dice when it is certain. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    return probability >= 1 || this.next() < probability;
  }

  /** One of the items, which must not be empty. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.between(0, items.length - 1)] ?? items[0];
  }
}
