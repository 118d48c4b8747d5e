/**
 * What is really active where, as the world sees it and whatever the nodes think: the checkers judge by this. A
 * resource counts as active from the beginning of its start until the end of its stop.
 */
export interface OwnerChange {
  readonly atMs: number;
  readonly group: string;
  /** Nodes on which anything of the group is active, in order of their names. */
  readonly owners: readonly string[];
}

/** A time in which more than one node had something of a group. `untilMs` is null while it lasts. */
export interface Overlap {
  readonly group: string;
  readonly owners: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export class Ledger {
  readonly #active = new Map<string, Map<string, Set<string>>>();
  readonly changes: OwnerChange[] = [];
  /** Told of every resource that became active, or ceased to be. */
  onSet: (group: string) => void = () => {};

  /** Notes that a resource of a group is active, or not, on a node. */
  set(atMs: number, group: string, node: string, resource: string, active: boolean): void {
    let nodes = this.#active.get(group);
    if (nodes === undefined) {
      nodes = new Map();
      this.#active.set(group, nodes);
    }
    let resources = nodes.get(node);
    if (resources === undefined) {
      resources = new Set();
      nodes.set(node, resources);
    }
    const before = resources.size > 0;
    if (active) resources.add(resource);
    else resources.delete(resource);
    if (before !== resources.size > 0) this.changes.push({ atMs, group, owners: this.owners(group) });
    this.onSet(group);
  }

  /** Nodes that have anything of the group now. */
  owners(group: string): string[] {
    return [...(this.#active.get(group) ?? [])]
      .filter(([, resources]) => resources.size > 0)
      .map(([node]) => node)
      .sort();
  }

  /** Nodes that had anything of the group at that moment. */
  ownersAt(group: string, atMs: number): readonly string[] {
    return this.changes.findLast((change) => change.group === group && change.atMs <= atMs)?.owners ?? [];
  }

  isActive(group: string, node: string, resource: string): boolean {
    return this.#active.get(group)?.get(node)?.has(resource) ?? false;
  }

  /** Every time of more than one owner, in order of its beginning. */
  overlaps(): Overlap[] {
    const open = new Map<string, OwnerChange>();
    const found: Overlap[] = [];
    for (const change of this.changes) {
      const before = open.get(change.group);
      if (change.owners.length > 1 && before === undefined) open.set(change.group, change);
      if (change.owners.length < 2 && before !== undefined) {
        open.delete(change.group);
        found.push({
          group: change.group,
          owners: before.owners,
          fromMs: before.atMs,
          untilMs: change.atMs,
        });
      }
    }
    for (const { group, owners, atMs } of open.values())
      found.push({ group, owners, fromMs: atMs, untilMs: null });
    return found.sort((left, right) => left.fromMs - right.fromMs);
  }

  /** When the group's owners last changed; undefined: never had one. */
  lastChange(group: string): OwnerChange | undefined {
    return this.changes.findLast((change) => change.group === group);
  }
}
