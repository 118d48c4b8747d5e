/**
 * The one table of the core's timers. A timer is a name and a due time; whoever handles its firing arms it again if
 * it is periodic. The daemon sleeps until `nextDueMs`.
 */
export class Timers {
  private readonly due = new Map<string, number>();

  /** Arms or re-arms. */
  set(name: string, dueMs: number): void {
    this.due.set(name, dueMs);
  }

  /** Arms only if it would fire earlier than it does now. */
  advance(name: string, dueMs: number): void {
    const present = this.due.get(name);
    if (present === undefined || dueMs < present) this.due.set(name, dueMs);
  }

  stop(name: string): void {
    this.due.delete(name);
  }

  /** Stops every timer whose name begins so. */
  stopAll(prefix: string): void {
    for (const name of [...this.due.keys()]) if (name.startsWith(prefix)) this.due.delete(name);
  }

  has(name: string): boolean {
    return this.due.has(name);
  }

  /** The earliest due time, or undefined when none is armed. */
  nextDueMs(): number | undefined {
    let earliest: number | undefined;
    for (const dueMs of this.due.values()) {
      if (earliest === undefined || dueMs < earliest) earliest = dueMs;
    }
    return earliest;
  }

  /** Takes the earliest timer that is due out of the table (ties: by name), or returns undefined. */
  takeDue(nowMs: number): string | undefined {
    let taken: string | undefined;
    let takenDueMs = Number.POSITIVE_INFINITY;
    for (const [name, dueMs] of this.due) {
      if (dueMs > nowMs || dueMs > takenDueMs) continue;
      if (dueMs === takenDueMs && taken !== undefined && name > taken) continue;
      taken = name;
      takenDueMs = dueMs;
    }
    if (taken !== undefined) this.due.delete(taken);
    return taken;
  }
}
