/** Where a floating address belongs on this machine, from what the kernel says about interfaces and routes. Pure. */
import type { AddressSpec } from '../config/types.js';
import { addressBytes, broadcastAddress, canonicalAddress, inSameNetwork } from '../system/ip-address.js';
import type { SystemResult } from '../system/libc.js';
import type { InterfaceAddress, NetworkInterface, Route } from '../system/network-types.js';

const RTN_UNICAST = 1;
/** IFNAMSIZ - 1 */
const MAX_LABEL_LENGTH = 15;

export interface AddressPlace {
  readonly spec: AddressSpec;
  readonly network: NetworkInterface;
  readonly prefixLength: number;
  readonly broadcast?: string;
  /** The address as it is there already. */
  readonly existing?: InterfaceAddress;
}

export type PlaceResult =
  | { readonly ok: true; readonly place: AddressPlace }
  | { readonly ok: false; readonly detail: string };

/** Where an address is configured now. */
export interface ConfiguredAddress {
  readonly spec: AddressSpec;
  readonly network: NetworkInterface;
  readonly entry: InterfaceAddress;
}

/**
 * Every entry of these addresses, on the interface that the spec names or on any but the loopback one (where LVS real
 * servers keep the same address on purpose). The prefix length does not matter.
 */
export function configuredAddresses(
  addresses: readonly AddressSpec[],
  interfaces: readonly NetworkInterface[],
): ConfiguredAddress[] {
  const entries = new Map<string, { network: NetworkInterface; entry: InterfaceAddress }[]>();
  for (const network of interfaces) {
    for (const entry of network.addresses) {
      const known = entries.get(entry.address);
      if (known === undefined) entries.set(entry.address, [{ network, entry }]);
      else known.push({ network, entry });
    }
  }
  return addresses.flatMap((spec) =>
    (entries.get(canonicalAddress(spec.address) ?? '') ?? [])
      .filter(({ network }) =>
        spec.device === undefined ? !network.loopback || isLoopback(spec) : network.name === spec.device,
      )
      .map(({ network, entry }) => ({ spec, network, entry })),
  );
}

/**
 * The interface: the one named; else the one that has the address already; else the one whose own network contains it
 * (the longest prefix wins); else the one that the route to it uses. The prefix: the one written; else that of the same
 * network; else that of the on-link route; else a host's (/32, /128).
 */
export function placeAddress(
  spec: AddressSpec,
  interfaces: readonly NetworkInterface[],
  routeTo: (address: string) => SystemResult<Route>,
): PlaceResult {
  const bytes = addressBytes(spec.address);
  if (bytes === undefined || bytes.length !== (spec.family === 4 ? 4 : 16)) {
    return refuse(`${spec.address} is not an IPv${spec.family} address.`);
  }
  const hostLength = bytes.length * 8;
  if (spec.prefixLength !== undefined && (spec.prefixLength < 1 || spec.prefixLength > hostLength)) {
    return refuse(`${spec.address}/${spec.prefixLength}: the prefix length must be 1 to ${hostLength}.`);
  }
  if (spec.label !== undefined && spec.label.length > MAX_LABEL_LENGTH) {
    return refuse(`${spec.address}: the label ${spec.label} is longer than ${MAX_LABEL_LENGTH} characters.`);
  }
  if (spec.device !== undefined) return placeOnDevice(spec, spec.device, interfaces, hostLength);

  const [present] = configuredAddresses([spec], interfaces);
  if (present !== undefined) return accept(spec, present.network, hostLength);
  const own = longestNetwork(spec, interfaces);
  if (own !== undefined) return accept(spec, own.network, hostLength);

  const route = routeTo(spec.address);
  const network = route.ok ? interfaces.find(({ index }) => index === route.value.interfaceIndex) : undefined;
  if (!route.ok || network === undefined || route.value.type !== RTN_UNICAST || network.loopback) {
    return refuse(
      `${spec.address}: no interface of this machine has a network that contains it, and no route leads to it; ` +
        `name the interface, as in ${spec.address}/${spec.family === 4 ? 24 : 64}/eth0.`,
    );
  }
  const onLink = route.value.onLink && route.value.prefixLength > 0;
  return accept(spec, network, onLink ? route.value.prefixLength : hostLength);
}

function placeOnDevice(
  spec: AddressSpec,
  device: string,
  interfaces: readonly NetworkInterface[],
  hostLength: number,
): PlaceResult {
  const network = interfaces.find(({ name }) => name === device);
  if (network !== undefined) return accept(spec, network, hostLength);
  const names = interfaces.map(({ name }) => name).join(', ');
  return refuse(`${spec.address}: there is no interface ${device} on this machine (there are: ${names}).`);
}

function accept(spec: AddressSpec, network: NetworkInterface, otherwise: number): PlaceResult {
  const [present] = configuredAddresses([{ ...spec, device: network.name }], [network]);
  const prefixLength =
    spec.prefixLength ??
    present?.entry.prefixLength ??
    longestNetwork(spec, [network])?.prefixLength ??
    otherwise;
  const existing = present?.entry.prefixLength === prefixLength ? present.entry : undefined;
  const broadcast =
    spec.broadcast ?? (spec.family === 4 ? broadcastAddress(spec.address, prefixLength) : undefined);
  return {
    ok: true,
    place: {
      spec,
      network,
      prefixLength,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(existing === undefined ? {} : { existing }),
    },
  };
}

/** Of the interfaces' own networks the smallest one that contains the address; one that is up comes first. */
function longestNetwork(
  spec: AddressSpec,
  interfaces: readonly NetworkInterface[],
): { network: NetworkInterface; prefixLength: number } | undefined {
  let best: { network: NetworkInterface; prefixLength: number } | undefined;
  for (const network of interfaces) {
    for (const { family, address, prefixLength } of network.addresses) {
      if (family !== spec.family || !inSameNetwork(address, spec.address, prefixLength)) continue;
      const better =
        best === undefined ||
        (network.up && !best.network.up) ||
        (network.up === best.network.up && prefixLength > best.prefixLength);
      if (better) best = { network, prefixLength };
    }
  }
  return best;
}

function isLoopback(spec: AddressSpec): boolean {
  return spec.family === 4
    ? inSameNetwork(spec.address, '127.0.0.0', 8)
    : inSameNetwork(spec.address, '::1', 128);
}

function refuse(detail: string): PlaceResult {
  return { ok: false, detail };
}
