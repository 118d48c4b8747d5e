/** Start and stop order within a group, judged from outside: what comes later in the line never runs without the earlier. */
import type { Operation } from '../core/effect.js';
import { stepsOf } from '../core/resources/state.js';
import type { Ledger } from './ledger.js';
import type { SimNode } from './node.js';

export class OrderCheck {
  readonly #ledger: Ledger;
  readonly violations: string[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Called for each operation before it begins. */
  see(atMs: number, node: SimNode, operation: Operation): void {
    if (operation.verb === 'monitor') return;
    const group = node.config.groups.find(({ key }) => key === operation.group);
    if (group === undefined) return;
    const steps = stepsOf(group).map((target) =>
      target.kind === 'script' ? [target.resource.word] : target.addresses.map(({ address }) => address),
    );
    const { target } = operation;
    const first = target.kind === 'script' ? target.resource.word : target.addresses[0]?.address;
    const index = steps.findIndex((names) => names[0] === first);
    const isActive = (name: string): boolean => this.#ledger.isActive(group.key, node.name, name);
    const report = (sentence: string): void => {
      this.violations.push(`${atMs.toFixed(3)} ${node.name} ${group.key}: ${sentence}`);
    };
    if (operation.verb === 'start') {
      const absent = steps
        .slice(0, index)
        .flat()
        // What ended by itself is absent until somebody notices: that is no fault of the order.
        .filter((name) => !isActive(name) && !node.crashed.has(name));
      for (const name of steps[index] ?? []) node.crashed.delete(name);
      if (absent.length > 0) report(`starts ${first} before ${absent.join(', ')}`);
    } else {
      const present = steps
        .slice(index + 1)
        .flat()
        .filter(isActive);
      if (present.length > 0) report(`stops ${first} before ${present.join(', ')}`);
    }
  }
}
