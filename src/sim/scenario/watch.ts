/**
 * What was seen of the services while a scenario was played, by whoever can see it: the simulator's ledger, or the lab's
 * observer. Everything that is judged or drawn is made from this.
 */
export interface Sight {
  readonly atMs: number;
  /** Nodes on which anything of the group is active. */
  readonly owners: readonly string[];
  /** Nodes on which the whole group runs, its starts ended. */
  readonly serving: readonly string[];
}

export interface Interval {
  readonly group: string;
  readonly fromMs: number;
  /** null: to the end. */
  readonly untilMs: number | null;
}

export interface TwoOwners extends Interval {
  readonly owners: readonly string[];
}

export interface Line {
  readonly atMs: number;
  readonly node: string;
  readonly code: string;
  readonly text: string;
  /** An event is what a person wants to read; the other lines are for the log. */
  readonly isEvent: boolean;
}

const same = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((one, index) => one === right[index]);

export class Watch {
  readonly groups: readonly string[];
  readonly lines: Line[] = [];
  readonly #sights = new Map<string, Sight[]>();

  constructor(groups: readonly string[]) {
    this.groups = groups;
    for (const group of groups) this.#sights.set(group, []);
  }

  /** Notes how a group stands; true when that is new. Lists in order of the nodes' names. */
  see(atMs: number, group: string, owners: readonly string[], serving: readonly string[]): boolean {
    const sights = this.#sights.get(group);
    if (sights === undefined) return false;
    const last = sights.at(-1) ?? { owners: [], serving: [] };
    if (same(last.owners, owners) && same(last.serving, serving)) return false;
    sights.push({ atMs, owners, serving });
    return true;
  }

  sights(group: string): readonly Sight[] {
    return this.#sights.get(group) ?? [];
  }

  now(group: string): Sight {
    return this.sights(group).at(-1) ?? { atMs: 0, owners: [], serving: [] };
  }

  /** Times without service after the first that was there. */
  outages(group: string): Interval[] {
    const found: Interval[] = [];
    let since: number | undefined;
    let served = false;
    for (const { atMs, serving } of this.sights(group)) {
      if (serving.length > 0) {
        if (since !== undefined && atMs > since) found.push({ group, fromMs: since, untilMs: atMs });
        since = undefined;
        served = true;
      } else if (served) since ??= atMs;
    }
    if (since !== undefined) found.push({ group, fromMs: since, untilMs: null });
    return found;
  }

  /** Times in which more than one node had something of the group. */
  twoOwners(group: string): TwoOwners[] {
    const found: TwoOwners[] = [];
    let open: Sight | undefined;
    for (const sight of this.sights(group)) {
      if (sight.owners.length > 1) open ??= sight;
      else if (open !== undefined) {
        if (sight.atMs > open.atMs)
          found.push({ group, fromMs: open.atMs, untilMs: sight.atMs, owners: open.owners });
        open = undefined;
      }
    }
    if (open !== undefined) found.push({ group, fromMs: open.atMs, untilMs: null, owners: open.owners });
    return found;
  }

  /** Owners one after the other, as a person tells it: "node1", "nobody", "node1 and node2". */
  course(group: string): string[] {
    const course: string[] = [];
    for (const { owners } of this.sights(group)) {
      const name = owners.join(' and ') || 'nobody';
      if (course.at(-1) !== name) course.push(name);
    }
    return course;
  }
}
