/**
 * The one table of the core's timers. A timer is a name and a due time; whoever handles its firing arms it again if
 * it is periodic. The daemon sleeps until `nextDueMs`.
 */
export class Timers {
  private readonly due = new Map<string, number>();
  /** The earliest due time; null: to be looked for, undefined: none is armed. */
  private earliestMs: number | null | undefined;

  /** Arms or re-arms. */
  set(name: string, dueMs: number): void {
    const before = this.due.get(name);
    this.due.set(name, dueMs);
    if (this.earliestMs === null) return;
    if (this.earliestMs === undefined || dueMs <= this.earliestMs) this.earliestMs = dueMs;
    else if (before === this.earliestMs) this.earliestMs = null;
  }

  /** Arms only if it would fire earlier than it does now. */
  advance(name: string, dueMs: number): void {
    const present = this.due.get(name);
    if (present === undefined || dueMs < present) this.set(name, dueMs);
  }

  stop(name: string): void {
    if (this.due.get(name) === this.earliestMs) this.earliestMs = null;
    this.due.delete(name);
  }

  /** How many are armed. */
  get count(): number {
    return this.due.size;
  }

  /** Stops every timer whose name begins so. */
  stopAll(prefix: string): void {
    for (const name of [...this.due.keys()]) if (name.startsWith(prefix)) this.stop(name);
  }

  /** When it is due; undefined when it is not armed. */
  dueMs(name: string): number | undefined {
    return this.due.get(name);
  }

  has(name: string): boolean {
    return this.due.has(name);
  }

  /** The earliest due time, or undefined when none is armed. */
  nextDueMs(): number | undefined {
    if (this.earliestMs !== null) return this.earliestMs;
    let earliest: number | undefined;
    for (const dueMs of this.due.values()) {
      if (earliest === undefined || dueMs < earliest) earliest = dueMs;
    }
    this.earliestMs = earliest;
    return earliest;
  }

  /** Takes the earliest timer that is due out of the table (ties: by name), or returns undefined. */
  takeDue(nowMs: number): string | undefined {
    const earliestMs = this.nextDueMs();
    if (earliestMs === undefined || earliestMs > nowMs) return undefined;
    let taken: string | undefined;
    let takenDueMs = Number.POSITIVE_INFINITY;
    for (const [name, dueMs] of this.due) {
      if (dueMs > nowMs || dueMs > takenDueMs) continue;
      if (dueMs === takenDueMs && taken !== undefined && name > taken) continue;
      taken = name;
      takenDueMs = dueMs;
    }
    if (taken !== undefined) this.stop(taken);
    return taken;
  }
}
