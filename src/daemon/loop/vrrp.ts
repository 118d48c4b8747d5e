/** VRRP's hands in the loop process: carries out the core's VRRP effects and tells the core what happens outside. */
import {
  createVrrpAddressKeeper,
  type PlacedAddress,
  type VrrpAddressKeeper,
} from '../../actions/vrrp-addresses.js';
import type { VrrpAddress, VrrpConfig, VrrpInstance } from '../../config/vrrp-types.js';
import type { VrrpBelongings, VrrpEffect } from '../../core/vrrp/effect.js';
import type { VrrpInputEvent } from '../../core/vrrp/input.js';
import { unreachable } from '../../errors/assert.js';
import type { InterfaceSubscription, InterfaceWatch } from '../../links/interface-watch.js';
import { interfaceState } from '../../links/vrrp-interface.js';
import { VrrpPort } from '../../links/vrrp-port.js';
import type { ToRunner } from '../mailbox.js';
import type { LoopLog } from './loop-log.js';
import { AddressWatch } from './vrrp-address-watch.js';

export interface LoopVrrpParts {
  readonly interfaces: InterfaceWatch;
  readonly log: LoopLog;
  readonly feed: (event: VrrpInputEvent) => void;
  readonly tell: (message: ToRunner) => void;
}

export class LoopVrrp {
  readonly #parts: LoopVrrpParts;
  readonly #port: VrrpPort;
  readonly #keeper: VrrpAddressKeeper;
  readonly #watch: AddressWatch;
  readonly #instances = new Map<string, VrrpInstance>();
  readonly #subscriptions = new Map<string, InterfaceSubscription>();
  readonly #said = new Map<string, string>();
  #config: VrrpConfig | undefined;
  #floating: ReadonlySet<string> = new Set();

  constructor(parts: LoopVrrpParts) {
    this.#parts = parts;
    const { interfaces, log, feed } = parts;
    this.#keeper = createVrrpAddressKeeper((device) => interfaces.find(device));
    this.#watch = new AddressWatch(interfaces, (instance, addresses) =>
      feed({ kind: 'vrrpLost', instance, addresses }),
    );
    this.#port = new VrrpPort(interfaces, {
      onAdvert: (instance, heard) => feed({ kind: 'advert', instance, heard }),
      onStranger: (device, source, virtualRouterId) => {
        if (this.#config?.global.logUnknownVrids !== true) return;
        const text = `${source} advertises virtual router ${virtualRouterId} on ${device}, which is none of ours.`;
        log.write('info', 'vrrp-stranger', text);
      },
      onProblem: (sentence) => log.write('warn', 'vrrp-socket', sentence),
    });
  }

  /** Opens sockets, and tells the core of every interface that matters. Before `boot`, and at a reload before its input. */
  configure(config: VrrpConfig): void {
    this.#config = config;
    this.#floating = new Set(
      config.instances.flatMap((one) =>
        [...one.addresses, ...one.excludedAddresses].map(({ address }) => address),
      ),
    );
    for (const instance of config.instances) this.#instances.set(instance.name, instance);
    this.#addVmacs(config);
    this.#port.configure(config);
    const wanted = interfacesOf(config);
    for (const [name, subscription] of this.#subscriptions) {
      if (wanted.has(name)) continue;
      subscription.cancel();
      this.#subscriptions.delete(name);
    }
    for (const name of wanted) {
      if (!this.#subscriptions.has(name)) {
        this.#subscriptions.set(
          name,
          this.#parts.interfaces.subscribe(name, () => this.#tellInterface(name)),
        );
      }
      this.#tellInterface(name);
    }
  }

  /** After the turn of a reload: what is configured no more has said its last. */
  prune(): void {
    this.#port.prune();
    this.#removeVmacs(this.#config);
    for (const name of [...this.#instances.keys()]) {
      if (this.#config?.instances.some((one) => one.name === name) !== true) this.#instances.delete(name);
    }
  }

  hasUnread(): boolean {
    return this.#port.hasUnread();
  }

  run(effect: VrrpEffect): void {
    switch (effect.kind) {
      case 'advert':
        this.#port.send(effect.instance, effect.priority);
        return;
      case 'vrrpSet':
        this.#set(effect.instance, effect.belongings);
        return;
      case 'vrrpRemove':
        this.#remove(effect.instance, effect.belongings);
        return;
      case 'vrrpAnnounce':
        this.#complain(this.#keeper.announce(this.#placed(effect.instance, effect.addresses), effect.repeat));
        return;
      case 'vrrpNotify':
      case 'vrrpCheck':
        this.#parts.tell(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  /** Idempotent. `inOrder`: everything is released, so that interfaces of our own making go too. */
  close(inOrder: boolean): void {
    if (inOrder) this.#removeVmacs(undefined);
    for (const subscription of this.#subscriptions.values()) subscription.cancel();
    this.#subscriptions.clear();
    this.#watch.close();
    this.#port.close();
    this.#keeper.close();
  }

  #set(instance: string, belongings: VrrpBelongings): void {
    const placed = this.#placed(instance, belongings.addresses);
    this.#watch.expect(instance, placed);
    this.#complain(this.#keeper.set(placed));
    this.#route('add', belongings);
  }

  #remove(instance: string, belongings: VrrpBelongings): void {
    const placed = this.#placed(instance, belongings.addresses);
    this.#watch.forget(instance, placed);
    this.#route('delete', belongings);
    this.#complain(this.#keeper.remove(placed));
  }

  /** Routes and rules are written in the words of ip(8), which the runner starts. */
  #route(verb: 'add' | 'delete', { routes, rules }: VrrpBelongings): void {
    if (routes.length + rules.length > 0) this.#parts.tell({ kind: 'vrrpRoutes', verb, routes, rules });
  }

  #placed(instance: string, addresses: readonly VrrpAddress[]): PlacedAddress[] {
    const vmac = this.#instances.get(instance)?.vmac;
    return addresses.map((spec) => ({
      spec,
      device: vmac !== undefined && spec.onInstanceInterface ? vmac.device : spec.device,
    }));
  }

  #complain(problems: readonly string[]): void {
    for (const problem of problems) this.#parts.log.write('error', 'vrrp-address', problem);
  }

  #addVmacs(config: VrrpConfig): void {
    const { interfaces } = this.#parts;
    let made = false;
    for (const { vmac, interface: device } of config.instances) {
      const base = interfaces.find(device);
      if (vmac === undefined || base === undefined || interfaces.find(vmac.device) !== undefined) continue;
      this.#complain(this.#keeper.addVmac(vmac, base));
      made = true;
    }
    if (made) interfaces.refresh();
  }

  /** Those that no instance of `config` has. */
  #removeVmacs(config: VrrpConfig | undefined): void {
    for (const { vmac } of this.#instances.values()) {
      const stays = config?.instances.some((one) => one.vmac?.device === vmac?.device) ?? false;
      if (vmac !== undefined && !stays) this.#complain(this.#keeper.removeVmac(vmac));
    }
  }

  #tellInterface(name: string): void {
    const state = interfaceState(this.#parts.interfaces.find(name), this.#floating);
    const text = JSON.stringify(state);
    if (this.#said.get(name) === text) return;
    this.#said.set(name, text);
    this.#parts.feed({ kind: 'vrrpInterface', name, state });
  }
}

function interfacesOf(config: VrrpConfig): Set<string> {
  const names = new Set<string>();
  const tracked = [...config.instances, ...config.syncGroups];
  for (const { tracking } of tracked) for (const { name } of tracking.interfaces) names.add(name);
  for (const instance of config.instances) {
    names.add(instance.interface);
    for (const { device } of [...instance.addresses, ...instance.excludedAddresses]) names.add(device);
  }
  return names;
}
