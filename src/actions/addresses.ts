/**
 * Floating addresses, set and removed through the kernel in the turn in which they are asked for: no child process, no
 * waiting. All addresses of a call go out in one netlink batch.
 *
 * Two traps of the kernel are avoided:
 * - Removing the primary IPv4 address of a subnet also removes its secondaries. When the node's own address came after
 *   the floating one, it would go too, and with the last address all routes. So `promote_secondaries` is switched on for
 *   the interface with every change (and left on: a lifetime may end when this program cannot act).
 * - An IPv6 address brings a route for its prefix, which may get the lifetime of the address. Where another
 *   address of the interface has brought that route already, a floating one leaves it alone.
 */
import type { AddressSpec } from '../config/types.js';
import { invariant } from '../errors/assert.js';
import { inSameNetwork } from '../system/ip-address.js';
import { ERRNO, type SystemResult } from '../system/libc.js';
import { RouteSocket } from '../system/netlink.js';
import {
  deleteAddressMessage,
  linkUpMessage,
  promoteSecondariesMessage,
  setAddressMessage,
} from '../system/netlink-messages.js';
import { ADDRESS_FLAG, type NetworkInterface } from '../system/network-types.js';
import { type Announcement, AnnouncementSocket, announceAddresses } from './addresses-announce.js';
import {
  AddressIndex,
  type AddressPlace,
  type ConfiguredAddress,
  placeAddress,
} from './addresses-resolve.js';

export type AddressResult =
  /** `notes`: sentences for the log about what is odd but done. */
  | { readonly ok: true; readonly notes: readonly string[] }
  /** Whole sentences about everything that failed. */
  | { readonly ok: false; readonly detail: string };

export type RenewResult =
  /** `missing`: not there (any more), and left so: an address whose time has run out is not given back behind the core. */
  | { readonly ok: true; readonly missing: readonly AddressSpec[] }
  | { readonly ok: false; readonly detail: string };

export interface AddressKeeper {
  /**
   * Sets all addresses and announces them. One that is there already gets the new lifetime. Nothing is touched when one
   * of them has no place on this machine. `lifetimeS`: whole seconds until the kernel removes them; undefined: they stay.
   */
  start(addresses: readonly AddressSpec[], lifetimeS: number | undefined): AddressResult;
  /** Removes all addresses at once, with whatever prefix they have. One that is absent counts as removed. */
  stop(addresses: readonly AddressSpec[]): AddressResult;
  /** One gratuitous ARP in each form, or one unsolicited neighbour advertisement, for each address that is there. */
  announce(addresses: readonly AddressSpec[]): Announcement;
  /** A new lifetime, counted from now, for those that are there; undefined: they stay. */
  renew(addresses: readonly AddressSpec[], lifetimeS: number | undefined): RenewResult;
  /** Those that are configured now, in the given order. Throws nothing; empty when the kernel cannot be asked. */
  present(addresses: readonly AddressSpec[]): AddressSpec[];
  /** Opens the sockets and goes once through what a takeover needs, without changing anything. Never throws. */
  prepare(): void;
  /** Gives back the sockets. Addresses stay. */
  close(): void;
}

/** For the network namespace in which it is first used. Needs CAP_NET_ADMIN and CAP_NET_RAW. */
export function createAddressKeeper(): AddressKeeper {
  return new KernelAddressKeeper();
}

/** An address for documentation (TEST-NET-1, RFC 5737). */
const NOBODYS: AddressSpec = { family: 4, address: '192.0.2.1' };

interface Change {
  readonly message: Uint8Array;
  /** "10.0.0.10/24 on eth0"; absent: of the interface, and its failure is only a note. */
  readonly address?: string;
  readonly device: string;
}

class KernelAddressKeeper implements AddressKeeper {
  #route: RouteSocket | undefined;
  readonly #announcements = new AnnouncementSocket();

  start(addresses: readonly AddressSpec[], lifetimeS: number | undefined): AddressResult {
    checkLifetime(lifetimeS);
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return cannotAsk(interfaces.message);
    const index = new AddressIndex(interfaces.value);
    const places: AddressPlace[] = [];
    const refusals: string[] = [];
    for (const spec of addresses) {
      const result = placeAddress(spec, index, (address) => this.#routeTo(address));
      if (result.ok) places.push(result.place);
      else refusals.push(result.detail);
    }
    if (refusals.length > 0) return { ok: false, detail: refusals.join(' ') };

    const changes = [...preparations(places), ...places.map((place) => setting(place, lifetimeS))];
    const result = this.#apply(changes, 'cannot set');
    if (!result.ok) return result;
    const { problems } = announceAddresses(
      places.map(({ spec, network }) => ({ spec, network })),
      this.#announcements,
    );
    return { ok: true, notes: [...result.notes, ...problems] };
  }

  stop(addresses: readonly AddressSpec[]): AddressResult {
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return cannotAsk(interfaces.message);
    const entries = new AddressIndex(interfaces.value).configured(addresses);
    if (entries.length === 0) return { ok: true, notes: [] };
    const changes = [...promotions(entries.map(({ network }) => network)), ...entries.map(removal)];
    return this.#apply(changes, 'cannot remove');
  }

  announce(addresses: readonly AddressSpec[]): Announcement {
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return { frames: 0, problems: [cannotAsk(interfaces.message).detail] };
    return announceAddresses(new AddressIndex(interfaces.value).configured(addresses), this.#announcements);
  }

  renew(addresses: readonly AddressSpec[], lifetimeS: number | undefined): RenewResult {
    checkLifetime(lifetimeS);
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return cannotAsk(interfaces.message);
    // 0 s left: the kernel is about to remove it.
    const entries = new AddressIndex(interfaces.value)
      .configured(addresses)
      .filter(({ entry }) => entry.validS > 0);
    const result = this.#apply(
      entries.map((configured) => renewal(configured, lifetimeS)),
      'cannot renew',
    );
    if (!result.ok) return result;
    const there = new Set(entries.map(({ spec }) => spec));
    return { ok: true, missing: addresses.filter((spec) => !there.has(spec)) };
  }

  present(addresses: readonly AddressSpec[]): AddressSpec[] {
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return [];
    const there = new Set(new AddressIndex(interfaces.value).configured(addresses).map(({ spec }) => spec));
    return addresses.filter((spec) => there.has(spec));
  }

  prepare(): void {
    const interfaces = this.#interfaces();
    if (!interfaces.ok) return;
    const owned = new AddressIndex(interfaces.value).configured([NOBODYS]).length > 0;
    const loopback = interfaces.value.find((network) => network.loopback);
    // It is removed where it is not: the kernel says so, and that is all.
    const place = { address: NOBODYS.address, prefixLength: 32 };
    if (loopback !== undefined && !owned)
      this.#apply(
        [
          {
            message: deleteAddressMessage({ interfaceIndex: loopback.index, ...place }),
            device: loopback.name,
            address: NOBODYS.address,
          },
        ],
        'cannot remove',
      );
    setAddressMessage({ interfaceIndex: 1, ...place, lifetimeS: 1 });
    this.#announcements.prepare(NOBODYS);
  }

  close(): void {
    this.#route?.close();
    this.#route = undefined;
    this.#announcements.close();
  }

  /** Asks a second time over a new socket, should the first one have gone bad. */
  #interfaces(): SystemResult<NetworkInterface[]> {
    const first = this.#socket();
    if (!first.ok) return first;
    const answer = first.value.interfaces();
    if (answer.ok) return answer;
    first.value.close();
    this.#route = undefined;
    const second = this.#socket();
    return second.ok ? second.value.interfaces() : second;
  }

  #routeTo(address: string): ReturnType<RouteSocket['route']> {
    const socket = this.#socket();
    return socket.ok ? socket.value.route(address) : socket;
  }

  #socket(): SystemResult<RouteSocket> {
    if (this.#route !== undefined) return { ok: true, value: this.#route };
    const opened = RouteSocket.open();
    if (opened.ok) this.#route = opened.value;
    return opened;
  }

  #apply(changes: readonly Change[], verb: string): AddressResult {
    if (changes.length === 0) return { ok: true, notes: [] };
    const socket = this.#socket();
    if (!socket.ok) return cannotAsk(socket.message);
    const outcomes = socket.value.execute(changes.map(({ message }) => message));
    if (!outcomes.ok) return { ok: false, detail: `The kernel ${verb} addresses: ${outcomes.message}.` };
    const failures: string[] = [];
    const notes: string[] = [];
    for (const [i, error] of outcomes.value.entries()) {
      const change = changes[i];
      if (error === undefined || change === undefined) continue;
      const cause = error.message.replace(/^netlink: /, '');
      if (change.address === undefined) notes.push(`Interface ${change.device}: ${cause}.`);
      else if (verb !== 'cannot remove' || error.errno !== ERRNO.EADDRNOTAVAIL) {
        failures.push(`The kernel ${verb} ${change.address} on ${change.device}: ${cause} (${error.code}).`);
      }
    }
    return failures.length > 0 ? { ok: false, detail: failures.join(' ') } : { ok: true, notes };
  }
}

/** What an interface needs first: to be up, and to keep its other addresses when one goes. */
function preparations(places: readonly AddressPlace[]): Change[] {
  const networks = [...new Set(places.map(({ network }) => network))];
  const ups = networks
    .filter(({ up }) => !up)
    .map(({ index, name }) => ({ message: linkUpMessage(index), device: name }));
  const four = places.filter(({ spec }) => spec.family === 4).map(({ network }) => network);
  return [...ups, ...promotions(four)];
}

function promotions(networks: readonly NetworkInterface[]): Change[] {
  return [...new Set(networks)]
    .filter((network) => !network.promoteSecondaries && !network.loopback)
    .map(({ index, name }) => ({ message: promoteSecondariesMessage(index), device: name }));
}

function setting(place: AddressPlace, lifetimeS: number | undefined): Change {
  const { spec, network, prefixLength, broadcast, existing } = place;
  return {
    address: `${spec.address}/${prefixLength}`,
    device: network.name,
    message: setAddressMessage({
      interfaceIndex: network.index,
      address: spec.address,
      prefixLength,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(spec.label === undefined ? {} : { label: spec.label }),
      ...(spec.family === 6 ? { flags: ADDRESS_FLAG.noDad | prefixRouteFlag(place) } : {}),
      ...(existing === undefined ? {} : { scope: existing.scope }),
      ...(lifetimeS === undefined ? {} : { lifetimeS }),
    }),
  };
}

/** noPrefixRoute where another address of the interface already brings the route to that prefix. */
function prefixRouteFlag({ spec, network, prefixLength, existing }: AddressPlace): number {
  if (existing !== undefined) return existing.flags & ADDRESS_FLAG.noPrefixRoute;
  const shared = network.addresses.some(
    (other) =>
      other.family === 6 &&
      other.prefixLength === prefixLength &&
      (other.flags & ADDRESS_FLAG.noPrefixRoute) === 0 &&
      inSameNetwork(other.address, spec.address, prefixLength),
  );
  return shared ? ADDRESS_FLAG.noPrefixRoute : 0;
}

function removal({ network, entry }: ConfiguredAddress): Change {
  const { address, prefixLength } = entry;
  return {
    address: `${address}/${prefixLength}`,
    device: network.name,
    message: deleteAddressMessage({ interfaceIndex: network.index, address, prefixLength }),
  };
}

function renewal({ network, entry }: ConfiguredAddress, lifetimeS: number | undefined): Change {
  const { address, prefixLength, broadcast, label, scope } = entry;
  const keep = entry.flags & (ADDRESS_FLAG.noDad | ADDRESS_FLAG.noPrefixRoute);
  return {
    address: `${address}/${prefixLength}`,
    device: network.name,
    message: setAddressMessage({
      interfaceIndex: network.index,
      address,
      prefixLength,
      scope,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(label === undefined ? {} : { label }),
      ...(entry.family === 6 ? { flags: keep } : {}),
      ...(lifetimeS === undefined ? {} : { lifetimeS }),
    }),
  };
}

function checkLifetime(lifetimeS: number | undefined): void {
  if (lifetimeS === undefined) return;
  invariant(
    Number.isInteger(lifetimeS) && lifetimeS >= 1 && lifetimeS < 0xffff_ffff,
    `not a lifetime in seconds: ${lifetimeS}`,
  );
}

function cannotAsk(message: string): { ok: false; detail: string } {
  return { ok: false, detail: `The kernel cannot be asked for its interfaces: ${message}.` };
}
