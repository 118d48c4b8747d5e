/**
 * The addresses of VRRP instances: set, removed and announced in the turn in which they are asked for, all in one
 * netlink batch, without asking the kernel anything first (vrrp-lvs.md 4.2: the takeover itself must cost no time).
 */
import type { VrrpAddress, VrrpVmac } from '../config/vrrp-types.js';
import { ERRNO, type SystemResult } from '../system/libc.js';
import { RouteSocket } from '../system/netlink.js';
import {
  type AddressRequest,
  arpIgnoreMessage,
  deleteAddressMessage,
  deleteLinkMessage,
  newMacvlanMessage,
  promoteSecondariesMessage,
  setAddressMessage,
  virtualRouterLinkMessage,
} from '../system/netlink-messages.js';
import { ADDRESS_FLAG, type NetworkInterface } from '../system/network-types.js';
import { gratuitousArp } from '../wire/arp.js';
import { macBytes } from '../wire/ip-text.js';
import { unsolicitedNeighbourAdvertisement } from '../wire/neighbour.js';
import { AnnouncementSocket } from './addresses-announce.js';

/** arp_ignore: ARP is answered for the addresses of the interface itself. */
const OWN_ADDRESSES = 1;
/** ARPHRD_ETHER */
const ETHERNET = 1;
/** A host route's worth of prefix: such an IPv6 address is never chosen as a source by itself. */
const HOST_PREFIX_6 = 128;

/** An address with the interface that it belongs on now (that of the VMAC where there is one). */
export interface PlacedAddress {
  readonly spec: VrrpAddress;
  readonly device: string;
}

export interface VrrpAddressKeeper {
  /** Whole sentences about what could not be done; empty: everything is there. */
  set(addresses: readonly PlacedAddress[]): readonly string[];
  /** The same; what was absent counts as removed. */
  remove(addresses: readonly PlacedAddress[]): readonly string[];
  /** Gratuitous ARP or neighbour advertisements, `repeat` for each address. */
  announce(addresses: readonly PlacedAddress[], repeat: number): readonly string[];
  /** Makes the macvlan of a virtual router, or finds it there; its base answers ARP for its own addresses alone. */
  addVmac(vmac: VrrpVmac, base: NetworkInterface): readonly string[];
  /** Removes it. With the last one on its base, that answers ARP as it did before. */
  removeVmac(vmac: VrrpVmac): readonly string[];
  /** Gives back the sockets. Addresses stay. */
  close(): void;
}

/** `find`: what is known of an interface now. Needs CAP_NET_ADMIN and CAP_NET_RAW. */
export function createVrrpAddressKeeper(
  find: (device: string) => NetworkInterface | undefined,
): VrrpAddressKeeper {
  const announcements = new AnnouncementSocket();
  let route: RouteSocket | undefined;
  /** Bases of macvlans made here, as they were before, by the macvlan's name. */
  const bases = new Map<
    string,
    { readonly index: number; readonly name: string; readonly arpIgnore: number }
  >();

  const socket = (): SystemResult<RouteSocket> => {
    if (route !== undefined) return { ok: true, value: route };
    const opened = RouteSocket.open();
    if (opened.ok) route = opened.value;
    return opened;
  };

  /** `names`: what each message is about; empty: its failure is of no matter. */
  const execute = (
    messages: readonly Uint8Array[],
    names: readonly string[],
    verb: string,
    harmless: number,
  ): string[] => {
    if (messages.length === 0) return [];
    const opened = socket();
    if (!opened.ok) return [`The kernel cannot be asked to ${verb} addresses: ${opened.message}.`];
    const outcomes = opened.value.execute(messages);
    if (!outcomes.ok) {
      opened.value.close();
      route = undefined;
      return [`The kernel did not ${verb} addresses: ${outcomes.message}.`];
    }
    return outcomes.value.flatMap((error, i) => {
      const name = names[i] ?? '';
      if (error === undefined || name === '' || error.errno === harmless) return [];
      return [
        `The kernel cannot ${verb} ${name}: ${error.message.replace(/^netlink: /, '')} (${error.code}).`,
      ];
    });
  };

  const change = (
    addresses: readonly PlacedAddress[],
    verb: 'set' | 'remove',
    message: (request: AddressRequest) => Uint8Array,
    harmless: number,
  ): string[] => {
    const problems: string[] = [];
    const messages: Uint8Array[] = [];
    const names: string[] = [];
    const promoted = new Set<number>();
    for (const { spec, device } of addresses) {
      const network = find(device);
      if (network === undefined) {
        if (verb === 'set')
          problems.push(`${spec.address}: there is no interface ${device} on this machine.`);
        continue;
      }
      // Removing the primary address of a subnet must not take the node's own addresses along.
      if (
        spec.family === 4 &&
        !network.promoteSecondaries &&
        !network.loopback &&
        !promoted.has(network.index)
      ) {
        promoted.add(network.index);
        messages.push(promoteSecondariesMessage(network.index));
        names.push('');
      }
      messages.push(message(requestOf(spec, network)));
      names.push(`${spec.address}/${spec.prefixLength} on ${device}`);
    }
    return [...problems, ...execute(messages, names, verb, harmless)];
  };

  return {
    set: (addresses) => change(addresses, 'set', setAddressMessage, ERRNO.EEXIST),
    remove: (addresses) => change(addresses, 'remove', deleteAddressMessage, ERRNO.EADDRNOTAVAIL),
    announce(addresses, repeat) {
      const frames = addresses.flatMap(({ spec, device }) => {
        const network = find(device);
        if (network === undefined || network.hardwareType !== ETHERNET || network.noArp || network.mac === '')
          return [];
        return [{ index: network.index, device, frame: frameOf(spec, network.mac) }];
      });
      if (frames.length === 0) return [];
      const sender = announcements.get();
      if (!sender.ok) return [`Addresses cannot be announced: ${sender.message}.`];
      const failed = new Map<string, number>();
      for (let i = 0; i < repeat; i++) {
        for (const { index, device, frame } of frames) {
          const errno = sender.value.send(index, frame);
          if (errno !== 0) failed.set(device, errno);
        }
      }
      return [...failed].map(
        ([device, errno]) => `Addresses cannot be announced on ${device} (errno ${errno}).`,
      );
    },
    addVmac({ device, mac }, base) {
      const bytes = macBytes(mac);
      if (bytes === undefined) return [`${mac} is no MAC address.`];
      const { index, name } = base;
      const known = [...bases.values()].find((one) => one.index === index);
      bases.set(device, known ?? { index, name, arpIgnore: base.arpIgnore ?? 0 });
      const messages = [
        newMacvlanMessage(device, base.index, bytes),
        virtualRouterLinkMessage(device),
        arpIgnoreMessage(base.index, OWN_ADDRESSES),
      ];
      return execute(messages, [device, device, base.name], 'set up', ERRNO.EEXIST);
    },
    removeVmac({ device }) {
      const network = find(device);
      const before = bases.get(device);
      bases.delete(device);
      const removed =
        network === undefined
          ? []
          : execute([deleteLinkMessage(network.index)], [device], 'remove', ERRNO.ENODEV);
      if (before === undefined || [...bases.values()].some(({ index }) => index === before.index))
        return removed;
      const { index, name, arpIgnore } = before;
      return [...removed, ...execute([arpIgnoreMessage(index, arpIgnore)], [name], 'restore', ERRNO.ENODEV)];
    },
    close() {
      route?.close();
      route = undefined;
      announcements.close();
    },
  };
}

function frameOf(spec: VrrpAddress, mac: string): Uint8Array {
  if (spec.family === 6) return unsolicitedNeighbourAdvertisement(mac, spec.address);
  return gratuitousArp(mac, spec.address, 'request-to-all');
}

function requestOf(spec: VrrpAddress, network: NetworkInterface): AddressRequest {
  const { address, prefixLength, scope, broadcast, label, peer } = spec;
  const preferredS =
    spec.preferredLifetimeS ?? (spec.family === 6 && prefixLength === HOST_PREFIX_6 ? 0 : undefined);
  const flags =
    (spec.family === 6 ? ADDRESS_FLAG.noDad : 0) |
    (spec.noPrefixRoute === true ? ADDRESS_FLAG.noPrefixRoute : 0);
  return {
    interfaceIndex: network.index,
    address,
    prefixLength,
    scope,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === undefined ? {} : { label }),
    ...(peer === undefined ? {} : { peer }),
    ...(flags === 0 ? {} : { flags }),
    ...(preferredS === undefined ? {} : { preferredS }),
  };
}
