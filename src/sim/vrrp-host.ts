/** VRRP's surroundings on a virtual machine: real packets on the virtual network, addresses in the ledger. */
import type { VrrpConfig } from '../config/vrrp-types.js';
import type { InputEvent } from '../core/input.js';
import type { VrrpBelongings, VrrpEffect } from '../core/vrrp/effect.js';
import { VRRP_PROTOCOL } from '../wire/vrrp/checksum.js';
import { decodeAdvert, judgeAuthentication, openIpv4Packet } from '../wire/vrrp/decode.js';
import { encodeAdvert } from '../wire/vrrp/encode.js';
import { ipv4Packet } from '../wire/vrrp/packet.js';
import type { Packet } from './network.js';

export interface VrrpHostParts {
  readonly config: VrrpConfig;
  /** The machine's own address on every link. */
  readonly address: string;
  /** Interfaces are called as the links. */
  readonly links: readonly string[];
  readonly send: (link: string, packet: Packet) => void;
  readonly setActive: (instance: string, address: string, active: boolean) => void;
}

export class VrrpHost {
  readonly #parts: VrrpHostParts;
  #packetId = 0;

  constructor(parts: VrrpHostParts) {
    this.#parts = parts;
  }

  /** What the core is told before its first turn. */
  beginning(): InputEvent[] {
    const state = { up: true, address4: this.#parts.address, address6: null };
    return this.#parts.links.map((name) => ({ kind: 'vrrpInterface', name, state }));
  }

  carryOut(effect: VrrpEffect): void {
    if (effect.kind === 'advert') this.#advertise(effect.instance, effect.priority);
    else if (effect.kind === 'vrrpSet') this.#set(effect.instance, effect.belongings, true);
    else if (effect.kind === 'vrrpRemove') this.#set(effect.instance, effect.belongings, false);
  }

  /** The power is gone. */
  loseEverything(): void {
    for (const { name, addresses } of this.#parts.config.instances) {
      for (const { address } of addresses) this.#parts.setActive(name, address, false);
    }
  }

  /** True: it was an advert, whoever it was for. */
  static isAdvert({ bytes }: Packet): boolean {
    return bytes[0] === 0x45 && bytes[9] === VRRP_PROTOCOL;
  }

  /** The input that an advert becomes; undefined when it concerns no instance here. */
  read(link: string, { bytes }: Packet): InputEvent | undefined {
    const opened = openIpv4Packet(bytes);
    if (!opened.ok) return undefined;
    const { source, ttl } = opened.envelope;
    const decoded = decodeAdvert(opened.payload, opened.envelope, 4);
    const virtualRouterId = decoded.ok ? decoded.advert.virtualRouterId : decoded.virtualRouterId;
    const instance = this.#parts.config.instances.find(
      (one) => one.interface === link && one.virtualRouterId === virtualRouterId,
    );
    if (instance === undefined) return undefined;
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
        multicast: true,
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
    if (instance === undefined || instance.transport.kind !== 'multicast') return;
    const ends = { source: this.#parts.address, destination: instance.transport.group };
    const { authentication } = instance;
    const payload = encodeAdvert({
      ...instance,
      ...ends,
      priority,
      intervalMs: instance.advertIntervalMs,
      addresses: instance.addresses.map(({ address }) => address),
      ...(authentication.kind === 'none' ? {} : { password: authentication.password }),
    });
    this.#packetId = (this.#packetId % 0xffff) + 1;
    const bytes = ipv4Packet(payload, { ...ends, id: this.#packetId, ttl: 255 });
    this.#parts.send(instance.interface, { bytes });
  }

  #set(instance: string, { addresses }: VrrpBelongings, active: boolean): void {
    for (const { address } of addresses) this.#parts.setActive(instance, address, active);
  }
}
