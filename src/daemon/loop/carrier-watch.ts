/** Tells the core which groups have an address on an interface without a carrier. */
import type { AddressSpec, ClusterConfig } from '../../config/types.js';
import type { Carrier } from '../../core/input.js';
import type { InterfaceSubscription, InterfaceWatch } from '../../links/interface-watch.js';
import { inSameNetwork } from '../../system/ip-address.js';

export interface CarrierWatchParts {
  readonly config: ClusterConfig;
  readonly interfaces: InterfaceWatch;
  /** Called at the start when something is lost, and after every change. */
  readonly onChange: (lost: readonly Carrier[]) => void;
}

export interface CarrierWatch {
  /** Idempotent. */
  close(): void;
}

/**
 * The interface of an address: the one that haresources names, or the one whose own network (not the floating address
 * itself) contains it when the daemon starts. Addresses without either are not watched.
 */
function deviceOf(spec: AddressSpec, interfaces: InterfaceWatch): string | undefined {
  if (spec.device !== undefined) return spec.device;
  return interfaces
    .all()
    .find((network) =>
      network.addresses.some(
        (own) =>
          own.family === spec.family &&
          own.address !== spec.address &&
          own.prefixLength > 0 &&
          inSameNetwork(own.address, spec.address, own.prefixLength),
      ),
    )?.name;
}

/** Watches the interfaces of all groups. */
export function watchCarriers({ config, interfaces, onChange }: CarrierWatchParts): CarrierWatch {
  const places = config.groups.flatMap(({ key, resources }) =>
    resources.flatMap(({ address }) => {
      const device = address === undefined ? undefined : deviceOf(address, interfaces);
      return device === undefined ? [] : [{ group: key, device }];
    }),
  );
  const isLost = (device: string): boolean => {
    const network = interfaces.find(device);
    return network === undefined || !(network.carrier || network.loopback);
  };
  let told = '[]';
  const look = (): void => {
    // Without an answer of the kernel nothing is known, which is no loss.
    if (interfaces.all().length === 0) return;
    const lost = new Map<string, Carrier>();
    for (const place of places)
      if (isLost(place.device) && !lost.has(place.group)) lost.set(place.group, place);
    const list = [...lost.values()];
    const text = JSON.stringify(list);
    if (text === told) return;
    told = text;
    onChange(list);
  };
  const devices = new Set(places.map(({ device }) => device));
  const subscriptions: InterfaceSubscription[] = [...devices].map((device) =>
    interfaces.subscribe(device, look),
  );
  look();
  return {
    close() {
      for (const subscription of subscriptions) subscription.cancel();
    },
  };
}
