/**
 * The instances' ears and mouths: one raw socket hears for all instances of a family on an interface, each instance
 * has one to speak with. Sockets follow their interfaces as they come, go and get other addresses.
 */
import type { VrrpConfig, VrrpInstance } from '../config/vrrp-types.js';
import { bootTimeMs } from '../system/clock.js';
import type { NetworkInterface } from '../system/network-types.js';
import {
  openVrrpReceiver,
  openVrrpSender,
  type RawPacket,
  type VrrpReceiver,
  type VrrpSender,
} from '../system/vrrp-socket.js';
import type { AdvertEnvelope } from '../wire/vrrp/advert.js';
import { decodeAdvert, judgeAuthentication, openIpv4Packet } from '../wire/vrrp/decode.js';
import { encodeAdvert } from '../wire/vrrp/encode.js';
import type { HeardAdvert } from '../wire/vrrp/heard.js';
import { ipv4Packet } from '../wire/vrrp/packet.js';
import type { InterfaceSubscription, InterfaceWatch } from './interface-watch.js';
import { sourceAddress } from './vrrp-interface.js';

export interface VrrpPortHandlers {
  onAdvert(instance: string, heard: HeardAdvert): void;
  /** An advert of a virtual router that none of the instances on this interface is. Often. */
  onStranger(device: string, source: string, virtualRouterId: number): void;
  /** A whole sentence; the port goes on and tries again. */
  onProblem(sentence: string): void;
}

interface Speaker {
  config: VrrpInstance;
  /** Identification of the last IPv4 packet; keepalived counts from 1. */
  packetId: number;
  /** The last packet that came in on one of two interfaces: its copy on the other is none of its own. */
  last: { readonly device: string; readonly bytes: string; readonly atMs: number } | undefined;
  socket: { readonly sender: VrrpSender; readonly source: string; readonly index: number } | undefined;
}

interface Ear {
  readonly key: string;
  readonly device: string;
  readonly family: 4 | 6;
  readonly groups: readonly string[];
  receiver: VrrpReceiver | undefined;
  index: number;
  readonly subscription: InterfaceSubscription;
}

export class VrrpPort {
  readonly #interfaces: InterfaceWatch;
  readonly #handlers: VrrpPortHandlers;
  readonly #speakers = new Map<string, Speaker>();
  readonly #ears = new Map<string, Ear>();
  /** Addresses that come and go with a role: none of them is a node's own. */
  #floating: ReadonlySet<string> = new Set();
  /** Instances that a reload took away: they may have a last word in this turn. */
  #leaving: string[] = [];

  constructor(interfaces: InterfaceWatch, handlers: VrrpPortHandlers) {
    this.#interfaces = interfaces;
    this.#handlers = handlers;
  }

  /** Opens what the configuration asks for and is not there yet. Instances that are no more stay until `prune`. */
  configure(config: VrrpConfig): void {
    const { instances } = config;
    this.#floating = new Set(
      instances.flatMap((one) => [...one.addresses, ...one.excludedAddresses].map(({ address }) => address)),
    );
    this.#leaving = [...this.#speakers.keys()].filter((name) => !instances.some((one) => one.name === name));
    for (const instance of instances) this.#speak(instance);
    const wanted = earsOf(instances);
    for (const ear of [...this.#ears.values()]) if (!wanted.has(ear.key)) this.#closeEar(ear);
    for (const [key, { device, family, groups }] of wanted) {
      if (this.#ears.has(key)) continue;
      const subscription = this.#interfaces.subscribe(device, () => this.#openEar(key));
      this.#ears.set(key, { key, device, family, groups, receiver: undefined, index: 0, subscription });
      this.#openEar(key);
    }
  }

  /** The instances that a reload took away have said their last. */
  prune(): void {
    for (const name of this.#leaving) {
      this.#speakers.get(name)?.socket?.sender.close();
      this.#speakers.delete(name);
    }
    this.#leaving = [];
  }

  /** Sends one advert to the group or to each peer. */
  send(instance: string, priority: number): void {
    const speaker = this.#speakers.get(instance);
    if (speaker === undefined) return;
    const { config } = speaker;
    const socket = this.#socketOf(speaker);
    if (socket === undefined) return;
    const { transport } = config;
    const destinations =
      transport.kind === 'multicast' ? [transport.group] : transport.peers.map(({ address }) => address);
    for (const destination of destinations) {
      const payload = encodeAdvert({
        ...config,
        intervalMs: config.advertIntervalMs,
        priority,
        addresses: config.addresses.map(({ address }) => address),
        source: socket.source,
        destination,
        ...(config.authentication.kind === 'none' || config.version === 3
          ? {}
          : { password: config.authentication.password }),
      });
      const errno = socket.sender.send(
        this.#packet(speaker, payload, socket.source, destination),
        destination,
      );
      if (errno === 0) continue;
      this.#handlers.onProblem(
        `(${config.name}) an advert to ${destination} could not be sent (errno ${errno}).`,
      );
      this.#closeSocket(speaker);
      return;
    }
  }

  hasUnread(): boolean {
    for (const { receiver } of this.#ears.values()) if (receiver?.hasUnread() === true) return true;
    return false;
  }

  /** Idempotent; afterwards no handler is called. */
  close(): void {
    for (const ear of [...this.#ears.values()]) this.#closeEar(ear);
    for (const speaker of this.#speakers.values()) this.#closeSocket(speaker);
    this.#speakers.clear();
  }

  #speak(config: VrrpInstance): void {
    const known = this.#speakers.get(config.name);
    if (known === undefined) {
      this.#speakers.set(config.name, { config, packetId: 0, last: undefined, socket: undefined });
      return;
    }
    known.config = config;
    this.#closeSocket(known);
  }

  #packet(speaker: Speaker, payload: Uint8Array, source: string, destination: string): Uint8Array {
    const { config } = speaker;
    if (config.family === 6) return payload;
    speaker.packetId = (speaker.packetId % 0xffff) + 1;
    const ttl = config.transport.kind === 'unicast' ? config.transport.ttl : 255;
    return ipv4Packet(payload, { source, destination, id: speaker.packetId, ttl });
  }

  /** The socket to speak with; opened anew when the interface or its address is another now. */
  #socketOf(speaker: Speaker): NonNullable<Speaker['socket']> | undefined {
    const { config } = speaker;
    const base = this.#interfaces.find(config.interface);
    const device =
      config.vmac === undefined || config.vmac.sendFromBase ? config.interface : config.vmac.device;
    const network = device === config.interface ? base : this.#interfaces.find(device);
    const source = base === undefined ? undefined : this.#sourceOf(config, base);
    if (network === undefined || source === undefined) {
      this.#handlers.onProblem(
        `(${config.name}) there is no interface ${device} with an address to send from.`,
      );
      return undefined;
    }
    const open = speaker.socket;
    if (open !== undefined && open.source === source && open.index === network.index) return open;
    this.#closeSocket(speaker);
    const { family, transport } = config;
    const sender = openVrrpSender({
      family,
      device,
      interfaceIndex: network.index,
      source,
      hopLimit: transport.kind === 'unicast' ? transport.ttl : 255,
    });
    if (!sender.ok) {
      this.#handlers.onProblem(`(${config.name}) no socket to send adverts on ${device}: ${sender.message}.`);
      return undefined;
    }
    speaker.socket = { sender: sender.value, source, index: network.index };
    return speaker.socket;
  }

  #sourceOf(config: VrrpInstance, network: NetworkInterface): string | undefined {
    return config.transport.source ?? sourceAddress(network, config.family, this.#floating);
  }

  #closeSocket(speaker: Speaker): void {
    speaker.socket?.sender.close();
    speaker.socket = undefined;
  }

  #openEar(key: string): void {
    const ear = this.#ears.get(key);
    if (ear === undefined) return;
    const network = this.#interfaces.find(ear.device);
    if (ear.receiver !== undefined && network?.index === ear.index) return;
    ear.receiver?.close();
    ear.receiver = undefined;
    if (network === undefined) return;
    const opened = openVrrpReceiver({ ...ear, interfaceIndex: network.index }, (packet) =>
      this.#hear(ear, packet),
    );
    ear.subscription.retry(!opened.ok);
    if (opened.ok) {
      ear.receiver = opened.value;
      ear.index = network.index;
    } else this.#handlers.onProblem(`Adverts on ${ear.device} cannot be heard: ${opened.message}.`);
  }

  #closeEar(ear: Ear): void {
    ear.subscription.cancel();
    ear.receiver?.close();
    this.#ears.delete(ear.key);
  }

  #hear(ear: Ear, packet: RawPacket): void {
    if (packet.family === 6) {
      const { source, destination, hopLimit: ttl, ageMs } = packet;
      this.#read(ear, packet.bytes, { source, destination, ttl }, ageMs);
      return;
    }
    const opened = openIpv4Packet(packet.bytes);
    if (opened.ok) this.#read(ear, opened.payload, opened.envelope, packet.ageMs);
  }

  #read(ear: Ear, payload: Uint8Array, envelope: AdvertEnvelope, ageMs: number): void {
    const { source } = envelope;
    const decoded = decodeAdvert(payload, envelope, ear.family);
    if (!decoded.ok) {
      const instance = this.#instanceOf(ear, decoded.virtualRouterId);
      if (instance !== undefined)
        this.#handlers.onAdvert(instance.name, { ok: false, source, reason: decoded.reason });
      return;
    }
    const { advert } = decoded;
    const { virtualRouterId, addresses } = advert;
    const instance = this.#instanceOf(ear, virtualRouterId) ?? this.#relatedTo(ear, addresses);
    if (instance === undefined) {
      this.#handlers.onStranger(ear.device, source, virtualRouterId);
      return;
    }
    if (this.#isCopy(instance, ear, payload)) return;
    const { authentication } = instance;
    this.#handlers.onAdvert(instance.name, {
      ok: true,
      source,
      multicast: isMulticast(envelope.destination),
      ttl: envelope.ttl,
      ageMs,
      version: advert.version,
      virtualRouterId,
      priority: advert.priority,
      intervalMs: advert.intervalMs,
      addresses,
      authentication: judgeAuthentication(
        advert,
        authentication.kind === 'none' ? undefined : authentication.password,
      ),
    });
  }

  /** With a VMAC the kernel gives some frames to both interfaces. */
  #isCopy(instance: VrrpInstance, { device }: Ear, payload: Uint8Array): boolean {
    const speaker = this.#speakers.get(instance.name);
    if (instance.vmac === undefined || speaker === undefined) return false;
    const { last } = speaker;
    const bytes = Buffer.from(payload).toString('latin1');
    const atMs = bootTimeMs();
    speaker.last = { device, bytes, atMs };
    if (last === undefined || last.device === device || last.bytes !== bytes) return false;
    return atMs - last.atMs < instance.advertIntervalMs / 2;
  }

  #instanceOf(ear: Ear, virtualRouterId: number | undefined): VrrpInstance | undefined {
    for (const { config } of this.#speakers.values()) {
      if (config.virtualRouterId === virtualRouterId && isAt(config, ear)) return config;
    }
    return undefined;
  }

  /** An instance whose addresses somebody advertises under another number: that is worth a sentence. */
  #relatedTo(ear: Ear, addresses: readonly string[]): VrrpInstance | undefined {
    for (const { config } of this.#speakers.values()) {
      if (isAt(config, ear) && config.addresses.some(({ address }) => addresses.includes(address)))
        return config;
    }
    return undefined;
  }
}

function isAt(config: VrrpInstance, ear: Ear): boolean {
  return earDevices(config).includes(ear.device) && config.family === ear.family;
}

/**
 * Where adverts for an instance come in. A frame from the MAC that the macvlan has too, which a neighbour with use_vmac
 * sends, is given to the macvlan alone by the kernel; one from any other MAC to both.
 */
function earDevices({ interface: device, vmac }: VrrpInstance): readonly string[] {
  return vmac === undefined ? [device] : [device, vmac.device];
}

function isMulticast(address: string): boolean {
  return address.startsWith('ff') || /^2(?:2[4-9]|3\d)\./.test(address);
}

function earsOf(
  instances: readonly VrrpInstance[],
): Map<string, { readonly device: string; readonly family: 4 | 6; readonly groups: readonly string[] }> {
  const found = new Map<string, { device: string; family: 4 | 6; groups: string[] }>();
  for (const instance of instances) {
    const { family, transport } = instance;
    for (const device of earDevices(instance)) {
      const place = `${family} ${device}`;
      const ear = found.get(place) ?? { device, family, groups: [] };
      found.set(place, ear);
      if (transport.kind === 'multicast' && !ear.groups.includes(transport.group))
        ear.groups.push(transport.group);
    }
  }
  return new Map([...found].map(([place, ear]) => [`${place} ${ear.groups.join(' ')}`, ear]));
}
