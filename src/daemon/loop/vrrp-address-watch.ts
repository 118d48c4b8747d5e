/** Notices when an address that an instance holds is removed by somebody else. */
import type { PlacedAddress } from '../../actions/vrrp-addresses.js';
import type { InterfaceSubscription, InterfaceWatch } from '../../links/interface-watch.js';

interface Expected {
  readonly instance: string;
  readonly address: string;
  readonly device: string;
  /** It was seen there since it was set: from then on its absence counts. */
  seen: boolean;
}

export class AddressWatch {
  readonly #interfaces: InterfaceWatch;
  readonly #onLost: (instance: string, addresses: readonly string[]) => void;
  readonly #expected = new Map<string, Expected>();
  readonly #subscriptions = new Map<string, InterfaceSubscription>();

  constructor(interfaces: InterfaceWatch, onLost: (instance: string, addresses: readonly string[]) => void) {
    this.#interfaces = interfaces;
    this.#onLost = onLost;
  }

  /** These are about to be set. */
  expect(instance: string, placed: readonly PlacedAddress[]): void {
    for (const { spec, device } of placed) {
      const key = keyOf(instance, spec.address, device);
      const known = this.#interfaces.find(device)?.addresses;
      const seen = known?.some(({ address }) => address === spec.address) ?? false;
      this.#expected.set(key, { instance, address: spec.address, device, seen });
      if (this.#subscriptions.has(device)) continue;
      this.#subscriptions.set(
        device,
        this.#interfaces.subscribe(device, () => this.#look(device)),
      );
    }
  }

  /** These are about to be removed by ourselves. */
  forget(instance: string, placed: readonly PlacedAddress[]): void {
    for (const { spec, device } of placed) this.#expected.delete(keyOf(instance, spec.address, device));
  }

  /** Idempotent. */
  close(): void {
    for (const subscription of this.#subscriptions.values()) subscription.cancel();
    this.#subscriptions.clear();
    this.#expected.clear();
  }

  #look(device: string): void {
    const there = new Set(this.#interfaces.find(device)?.addresses.map(({ address }) => address));
    const lost = new Map<string, string[]>();
    for (const expected of this.#expected.values()) {
      if (expected.device !== device) continue;
      if (there.has(expected.address)) {
        expected.seen = true;
        continue;
      }
      if (!expected.seen) continue;
      expected.seen = false;
      const addresses = lost.get(expected.instance) ?? [];
      addresses.push(expected.address);
      lost.set(expected.instance, addresses);
    }
    for (const [instance, addresses] of lost) this.#onLost(instance, addresses);
  }
}

function keyOf(instance: string, address: string, device: string): string {
  return `${instance} ${address} ${device}`;
}
