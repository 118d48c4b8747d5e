/** Virtual time: what happens when, earliest first; events of the same moment in the order they were planned. */
interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

function earlier(left: Planned, right: Planned): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

export class EventQueue {
  readonly #heap: Planned[] = [];
  #planned = 0;
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plans `run` for that moment, or for now when it is past. */
  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.#nowMs), order: this.#planned++, run };
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !earlier(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** Runs the earliest event if it is due by `untilMs`; false when there is none, and time stands at `untilMs`. */
  runNext(untilMs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#removeFirst();
    this.#nowMs = first.atMs;
    first.run();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = heap[childIndex];
      if (left === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && earlier(right, left)) childIndex += 1;
      const child = heap[childIndex];
      if (child === undefined || !earlier(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}
