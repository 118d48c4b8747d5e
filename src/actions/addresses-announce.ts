/** Tells the segment where an address lives now: gratuitous ARP and unsolicited neighbour advertisements. */
import type { AddressSpec } from '../config/types.js';
import type { SystemResult } from '../system/libc.js';
import { systemError } from '../system/libc.js';
import type { NetworkInterface } from '../system/network-types.js';
import { openPacketSender, type PacketSender } from '../system/packet.js';
import { gratuitousArp } from '../wire/arp.js';
import { unsolicitedNeighbourAdvertisement } from '../wire/neighbour.js';

/** ARPHRD_ETHER */
const ETHERNET = 1;

export interface Announcement {
  /** Frames that the kernel took. */
  readonly frames: number;
  /** One sentence for each interface on which some were refused. */
  readonly problems: readonly string[];
}

/** A packet socket, opened when it is first needed. */
export class AnnouncementSocket {
  #sender: PacketSender | undefined;

  get(): SystemResult<PacketSender> {
    if (this.#sender !== undefined) return { ok: true, value: this.#sender };
    const opened = openPacketSender();
    if (opened.ok) this.#sender = opened.value;
    return opened;
  }

  /** Opens the socket and makes the frames of an address, which nobody gets. */
  prepare(spec: AddressSpec): void {
    if (this.get().ok) framesOf(spec, '00:00:00:00:00:00');
  }

  close(): void {
    this.#sender?.close();
    this.#sender = undefined;
  }
}

/**
 * Sends everything at once. IPv4 in both forms, because some hosts and switches learn only from one of them. Interfaces
 * without neighbours to tell (loopback, tunnels) are passed over.
 */
export function announceAddresses(
  places: readonly { readonly spec: AddressSpec; readonly network: NetworkInterface }[],
  socket: AnnouncementSocket,
): Announcement {
  const audible = places.filter(
    ({ network }) => network.hardwareType === ETHERNET && !network.noArp && network.mac !== '',
  );
  if (audible.length === 0) return { frames: 0, problems: [] };
  const sender = socket.get();
  if (!sender.ok) return { frames: 0, problems: [`Addresses cannot be announced: ${sender.message}.`] };
  let frames = 0;
  const problems = new Map<string, string>();
  for (const { spec, network } of audible) {
    for (const frame of framesOf(spec, network.mac)) {
      const errno = sender.value.send(network.index, frame);
      if (errno === 0) frames++;
      else
        problems.set(
          network.name,
          systemError(errno, `Addresses cannot be announced on ${network.name}`).message,
        );
    }
  }
  return { frames, problems: [...problems.values()].map((problem) => `${problem}.`) };
}

function framesOf(spec: AddressSpec, mac: string): Uint8Array[] {
  if (spec.family === 6) return [unsolicitedNeighbourAdvertisement(mac, spec.address)];
  return [gratuitousArp(mac, spec.address, 'request'), gratuitousArp(mac, spec.address, 'reply')];
}
