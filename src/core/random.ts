/** Deterministic 32-bit numbers (xorshift) for retransmission delays and ack triggers: same seed, same run. */
export class Random {
  private word: number;

  /** @param seed 32 bit; 0 is replaced, for xorshift would stay at 0. */
  constructor(seed: number) {
    this.word = seed | 0 || 0x9e3779b9;
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    this.word ^= this.word << 13;
    this.word ^= this.word >>> 17;
    this.word ^= this.word << 5;
    return low + ((this.word >>> 0) % (high - low + 1));
  }
}
