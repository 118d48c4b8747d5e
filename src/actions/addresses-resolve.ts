/** Where a floating address belongs on this machine, from what the kernel says about interfaces and routes. Pure. */
import type { AddressSpec } from '../config/types.js';
import {
  addressBytes,
  broadcastAddress,
  canonicalAddress,
  inSameNetwork,
  startAlike,
} from '../system/ip-address.js';
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

interface OwnNetwork {
  readonly network: NetworkInterface;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

/** The machine's addresses, arranged for questions about many floating ones. */
export class AddressIndex {
  readonly interfaces: readonly NetworkInterface[];
  readonly #byAddress = new Map<string, { network: NetworkInterface; entry: InterfaceAddress }[]>();
  /** The different networks of each interface: hundreds of addresses are usually of a few. */
  readonly #networks: OwnNetwork[] = [];

  constructor(interfaces: readonly NetworkInterface[]) {
    this.interfaces = interfaces;
    for (const network of interfaces) {
      const own: OwnNetwork[] = [];
      for (const entry of network.addresses) {
        const known = this.#byAddress.get(entry.address);
        if (known === undefined) this.#byAddress.set(entry.address, [{ network, entry }]);
        else known.push({ network, entry });
        const bytes = addressBytes(entry.address);
        const { prefixLength } = entry;
        if (bytes === undefined) continue;
        const same = (other: OwnNetwork) =>
          other.prefixLength === prefixLength && startAlike(other.bytes, bytes, prefixLength);
        if (!own.some(same)) own.push({ network, bytes, prefixLength });
      }
      this.#networks.push(...own);
    }
  }

  /**
   * Every entry of these addresses, on the interface that the spec names or on any but the loopback one (where LVS real
   * servers keep the same address on purpose). The prefix length does not matter.
   */
  configured(addresses: readonly AddressSpec[]): ConfiguredAddress[] {
    return addresses.flatMap((spec) =>
      (this.#byAddress.get(canonicalAddress(spec.address) ?? '') ?? [])
        .filter(({ network }) =>
          spec.device === undefined ? !network.loopback || isLoopback(spec) : network.name === spec.device,
        )
        .map(({ network, entry }) => ({ spec, network, entry })),
    );
  }

  /** Of the interfaces' own networks the smallest one that contains the address; one that is up comes first. */
  longestNetwork(bytes: Uint8Array, device?: string): OwnNetwork | undefined {
    let best: OwnNetwork | undefined;
    for (const own of this.#networks) {
      if (device !== undefined && own.network.name !== device) continue;
      if (!startAlike(own.bytes, bytes, own.prefixLength)) continue;
      const better =
        best === undefined ||
        (own.network.up && !best.network.up) ||
        (own.network.up === best.network.up && own.prefixLength > best.prefixLength);
      if (better) best = own;
    }
    return best;
  }
}

/**
 * The interface: the one named; else the one that has the address already; else the one whose own network contains it
 * (the longest prefix wins); else the one that the route to it uses. The prefix: the one written; else that of the same
 * network; else that of the on-link route; else a host's (/32, /128).
 */
export function placeAddress(
  spec: AddressSpec,
  index: AddressIndex,
  routeTo: (address: string) => SystemResult<Route>,
): PlaceResult {
  const bytes = addressBytes(spec.address);
  if (bytes === undefined || bytes.length !== (spec.family === 4 ? 4 : 16)) {
    return refuse(`${spec.address} is not an IPv${spec.family} address.`);
  }
  if (!isHostAddress(bytes)) return refuse(`${spec.address} can belong to no single host.`);
  const hostLength = bytes.length * 8;
  if (spec.prefixLength !== undefined && (spec.prefixLength < 1 || spec.prefixLength > hostLength)) {
    return refuse(`${spec.address}/${spec.prefixLength}: the prefix length must be 1 to ${hostLength}.`);
  }
  if (spec.label !== undefined && spec.label.length > MAX_LABEL_LENGTH) {
    return refuse(`${spec.address}: the label ${spec.label} is longer than ${MAX_LABEL_LENGTH} characters.`);
  }
  if (spec.device !== undefined) return placeOnDevice(spec, bytes, spec.device, index);

  const [present] = index.configured([spec]);
  if (present !== undefined) return accept(spec, bytes, present.network, index, hostLength);
  const own = index.longestNetwork(bytes);
  if (own !== undefined) return accept(spec, bytes, own.network, index, hostLength);

  const route = routeTo(spec.address);
  const network = route.ok
    ? index.interfaces.find((candidate) => candidate.index === route.value.interfaceIndex)
    : undefined;
  if (!route.ok || network === undefined || route.value.type !== RTN_UNICAST || network.loopback) {
    return refuse(
      `${spec.address}: no interface of this machine has a network that contains it, and no route leads to it; ` +
        `name the interface, as in ${spec.address}/${spec.family === 4 ? 24 : 64}/eth0.`,
    );
  }
  const onLink = route.value.onLink && route.value.prefixLength > 0;
  return accept(spec, bytes, network, index, onLink ? route.value.prefixLength : hostLength);
}

function placeOnDevice(
  spec: AddressSpec,
  bytes: Uint8Array,
  device: string,
  index: AddressIndex,
): PlaceResult {
  const network = index.interfaces.find(({ name }) => name === device);
  if (network !== undefined) return accept(spec, bytes, network, index, bytes.length * 8);
  const names = index.interfaces.map(({ name }) => name).join(', ');
  return refuse(`${spec.address}: there is no interface ${device} on this machine (there are: ${names}).`);
}

function accept(
  spec: AddressSpec,
  bytes: Uint8Array,
  network: NetworkInterface,
  index: AddressIndex,
  otherwise: number,
): PlaceResult {
  const [present] = index.configured([{ ...spec, device: network.name }]);
  const prefixLength =
    spec.prefixLength ??
    present?.entry.prefixLength ??
    index.longestNetwork(bytes, network.name)?.prefixLength ??
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

/** Neither "this network" (0.0.0.0/8, ::) nor multicast or reserved (224.0.0.0/3, ff00::/8). The kernel takes them. */
function isHostAddress(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  if (bytes.length === 4) return first > 0 && first < 224;
  return first !== 0xff && bytes.some((byte) => byte !== 0);
}

function isLoopback(spec: AddressSpec): boolean {
  return spec.family === 4
    ? inSameNetwork(spec.address, '127.0.0.0', 8)
    : inSameNetwork(spec.address, '::1', 128);
}

function refuse(detail: string): PlaceResult {
  return { ok: false, detail };
}
