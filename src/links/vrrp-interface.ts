/** What VRRP has to know about an interface. Pure. */
import { isLinkLocal6 } from '../system/ip-address.js';
import { ADDRESS_FLAG, type NetworkInterface } from '../system/network-types.js';

/** The first address of the node itself: not one of the floating ones; for IPv6 link-local, and checked to be unique. */
export function sourceAddress(
  network: NetworkInterface,
  family: 4 | 6,
  floating: ReadonlySet<string>,
): string | undefined {
  const unusable = ADDRESS_FLAG.tentative | ADDRESS_FLAG.dadFailed;
  return network.addresses.find(
    ({ family: other, address, flags }) =>
      other === family &&
      !floating.has(address) &&
      (family === 4 || (isLinkLocal6(address) && (flags & unusable) === 0)),
  )?.address;
}

/** As the core wants it; undefined (no such interface) counts as down. */
export function interfaceState(
  network: NetworkInterface | undefined,
  floating: ReadonlySet<string>,
): {
  readonly up: boolean;
  readonly address4: string | null;
  readonly address6: string | null;
  readonly addresses: readonly string[];
} {
  if (network === undefined) return { up: false, address4: null, address6: null, addresses: [] };
  return {
    up: network.up && network.carrier,
    address4: sourceAddress(network, 4, floating) ?? null,
    address6: sourceAddress(network, 6, floating) ?? null,
    addresses: network.addresses
      .map(({ address }) => address)
      .filter((address) => !floating.has(address))
      .sort(),
  };
}
