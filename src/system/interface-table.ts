/** The interfaces of a network namespace, kept up to date from netlink messages. Pure. */
import type { AddressMessage, LinkMessage } from './netlink-decode.js';
import type { InterfaceAddress, LinkState, NetworkInterface } from './network-types.js';

interface Entry {
  link: LinkState;
  addresses: Map<string, InterfaceAddress>;
}

export class InterfaceTable {
  readonly #entries = new Map<number, Entry>();

  /** Forgets everything. */
  reset(): void {
    this.#entries.clear();
  }

  /** Names of the interfaces that are another now: none when nothing changed; two when one was renamed. */
  applyLink(message: LinkMessage): string[] {
    const { link, removed } = message;
    const known = this.#entries.get(link.index);
    if (removed) {
      this.#entries.delete(link.index);
      return known === undefined ? [] : [known.link.name];
    }
    if (known === undefined) {
      this.#entries.set(link.index, { link, addresses: new Map() });
      return [link.name];
    }
    const before = known.link;
    known.link = link;
    if (JSON.stringify(before) === JSON.stringify(link)) return [];
    return before.name === link.name ? [link.name] : [before.name, link.name];
  }

  /** Name of the interface whose addresses are others now; undefined when nothing but a lifetime changed. */
  applyAddress(message: AddressMessage): string | undefined {
    const entry = this.#entries.get(message.interfaceIndex);
    if (entry === undefined) return undefined;
    const { address } = message;
    const key = `${address.address}/${address.prefixLength}`;
    const known = entry.addresses.get(key);
    if (message.removed) {
      entry.addresses.delete(key);
      return known === undefined ? undefined : entry.link.name;
    }
    entry.addresses.set(key, address);
    return known !== undefined && sameAddress(known, address) ? undefined : entry.link.name;
  }

  find(name: string): NetworkInterface | undefined {
    for (const entry of this.#entries.values()) if (entry.link.name === name) return whole(entry);
    return undefined;
  }

  byIndex(index: number): NetworkInterface | undefined {
    const entry = this.#entries.get(index);
    return entry === undefined ? undefined : whole(entry);
  }

  all(): NetworkInterface[] {
    return [...this.#entries.values()].map(whole);
  }
}

function whole(entry: Entry): NetworkInterface {
  return { ...entry.link, addresses: [...entry.addresses.values()] };
}

function sameAddress(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.broadcast === b.broadcast && a.label === b.label && a.flags === b.flags && a.scope === b.scope;
}
