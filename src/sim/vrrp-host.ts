/** VRRP's surroundings on a virtual machine: real packets on the virtual network, addresses in the ledger. */
import type { VrrpConfig, VrrpInstance } from '../config/vrrp-types.js';
import type { InputEvent } from '../core/input.js';
import type { VrrpBelongings, VrrpEffect } from '../core/vrrp/effect.js';
import { VRRP_PROTOCOL } from '../wire/vrrp/checksum.js';
import { decodeAdvert, judgeAuthentication, openIpv4Packet } from '../wire/vrrp/decode.js';
import { encodeAdvert } from '../wire/vrrp/encode.js';
import { ipv4Packet } from '../wire/vrrp/packet.js';
import type { EventQueue } from './event-queue.js';
import type { Packet } from './network.js';
import type { NodeParts } from './node-parts.js';
import type { ScriptBehaviour } from './runner.js';

export interface VrrpHostParts {
  readonly config: VrrpConfig;
  /** The machine's own address on every link. */
  readonly address: string;
  /** Interfaces are called as the links. */
  readonly links: readonly string[];
  readonly send: (link: string, packet: Packet) => void;
  readonly setActive: (instance: string, address: string, active: boolean) => void;
  readonly isActive: (instance: string, address: string) => boolean;
  readonly queue: EventQueue;
  /** How a check of this name behaves now. */
  readonly check: (name: string) => ScriptBehaviour;
  /** What the machine tells the loop. */
  readonly feed: (event: InputEvent) => void;
}

/** How long a check that hangs is waited for, where it has no timeout of its own. */
const HANG_MS = 1000;

export class VrrpHost {
  readonly #parts: VrrpHostParts;
  #packetId = 0;
  readonly #down = new Set<string>();

  /** That of a virtual node; undefined when its configuration has no instances. */
  static of(
    node: NodeParts,
    feed: VrrpHostParts['feed'],
    check: VrrpHostParts['check'],
  ): VrrpHost | undefined {
    const { vrrp: config } = node.config;
    if (config === undefined) return undefined;
    return new VrrpHost({ ...node, config, address: `10.77.0.${node.number}`, feed, check });
  }

  constructor(parts: VrrpHostParts) {
    this.#parts = parts;
  }

  /** What the core is told before its first turn. */
  beginning(): InputEvent[] {
    return this.#parts.links.map((name) => this.#interface(name));
  }

  /** A cable is pulled or put in again; `runs`: there is a loop that hears of it now. */
  setCarrier(link: string, present: boolean, runs: boolean): void {
    if (present) this.#down.delete(link);
    else this.#down.add(link);
    if (runs) this.#parts.feed(this.#interface(link));
  }

  carryOut(effect: VrrpEffect): void {
    if (effect.kind === 'advert') this.#advertise(effect.instance, effect.priority);
    else if (effect.kind === 'vrrpSet') this.#set(effect.instance, effect.belongings, true);
    else if (effect.kind === 'vrrpRemove') this.#set(effect.instance, effect.belongings, false);
    else if (effect.kind === 'vrrpCheck') this.#check(effect);
  }

  /** The power is gone. */
  loseEverything(): void {
    for (const { name, addresses, excludedAddresses } of this.#parts.config.instances) {
      for (const { address } of [...addresses, ...excludedAddresses])
        this.#parts.setActive(name, address, false);
    }
  }

  /** The machine sleeps: nobody reaches what it has. Returns that, for its waking. */
  loseSight(): { readonly group: string; readonly resource: string }[] {
    const { config, isActive, setActive } = this.#parts;
    const held = config.instances.flatMap(({ name: group, addresses, excludedAddresses }) =>
      [...addresses, ...excludedAddresses]
        .map(({ address: resource }) => ({ group, resource }))
        .filter(({ resource }) => isActive(group, resource)),
    );
    for (const { group, resource } of held) setActive(group, resource, false);
    return held;
  }

  /** True: it was an advert, whoever it was for. */
  static isAdvert({ bytes }: Packet): boolean {
    return bytes[0] === 0x45 && bytes[9] === VRRP_PROTOCOL;
  }

  /** The input that an advert becomes; undefined when it concerns no instance here. */
  read(link: string, { bytes }: Packet): InputEvent | undefined {
    const opened = openIpv4Packet(bytes);
    if (!opened.ok) return undefined;
    const { source, destination, ttl } = opened.envelope;
    const decoded = decodeAdvert(opened.payload, opened.envelope, 4);
    const virtualRouterId = decoded.ok ? decoded.advert.virtualRouterId : decoded.virtualRouterId;
    const instance = this.#parts.config.instances.find(
      (one) => one.interface === link && one.virtualRouterId === virtualRouterId,
    );
    if (instance === undefined || !this.#isFor(instance, destination)) return undefined;
    const { name, authentication } = instance;
    if (!decoded.ok)
      return { kind: 'advert', instance: name, heard: { ok: false, source, reason: decoded.reason } };
    const { advert } = decoded;
    return {
      kind: 'advert',
      instance: name,
      heard: {
        ok: true,
        source,
        multicast: isMulticast(destination),
        ttl,
        version: advert.version,
        virtualRouterId: advert.virtualRouterId,
        priority: advert.priority,
        intervalMs: advert.intervalMs,
        addresses: advert.addresses,
        authentication: judgeAuthentication(
          advert,
          authentication.kind === 'none' ? undefined : authentication.password,
        ),
      },
    };
  }

  #advertise(name: string, priority: number): void {
    const instance = this.#parts.config.instances.find((one) => one.name === name);
    if (instance === undefined) return;
    const { transport } = instance;
    const to = transport.kind === 'multicast' ? [transport.group] : transport.peers.map((one) => one.address);
    for (const destination of to) this.#send(instance, priority, destination);
  }

  #send(instance: VrrpInstance, priority: number, destination: string): void {
    const { authentication, transport } = instance;
    const ends = { source: transport.source ?? this.#parts.address, destination };
    const payload = encodeAdvert({
      ...instance,
      ...ends,
      priority,
      intervalMs: instance.advertIntervalMs,
      addresses: instance.addresses.map(({ address }) => address),
      ...(authentication.kind === 'none' ? {} : { password: authentication.password }),
    });
    this.#packetId = (this.#packetId % 0xffff) + 1;
    const ttl = transport.kind === 'unicast' ? transport.ttl : 255;
    const bytes = ipv4Packet(payload, { ...ends, id: this.#packetId, ttl });
    this.#parts.send(instance.interface, { bytes });
  }

  #interface(name: string): InputEvent {
    const state = { up: !this.#down.has(name), address4: this.#parts.address, address6: null };
    return { kind: 'vrrpInterface', name, state };
  }

  /** Another group is not listened to; a packet to one machine is for that machine, where its address is known. */
  #isFor({ transport }: VrrpInstance, destination: string): boolean {
    if (isMulticast(destination)) return transport.kind === 'unicast' || transport.group === destination;
    return transport.source === undefined || transport.source === destination;
  }

  #check({ name, check }: Extract<VrrpEffect, { readonly kind: 'vrrpCheck' }>): void {
    const { queue, feed } = this.#parts;
    const { outcome, durationMs } = this.#parts.check(name.slice(name.indexOf('/') + 1));
    const hangs = outcome === 'hang';
    const limitMs = check.kind === 'script' ? check.script.timeoutMs : HANG_MS;
    const verdict = {
      kind: 'verdict',
      good: outcome === 'ok',
      detail: hangs ? 'deadline' : outcome,
    } as const;
    const result = check.kind === 'file' ? ({ kind: 'value', value: 0 } as const) : verdict;
    queue.after(hangs ? limitMs : durationMs, () => feed({ kind: 'vrrpCheckDone', name, result }));
  }

  #set(instance: string, { addresses }: VrrpBelongings, active: boolean): void {
    for (const { address } of addresses) this.#parts.setActive(instance, address, active);
  }
}

function isMulticast(address: string): boolean {
  return /^2(?:2[4-9]|3\d)\./.test(address);
}
