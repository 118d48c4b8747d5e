/** One core with VRRP instances and nothing else, driven by hand. */
import { plainVrrpAddress, vrrpConfig, vrrpInstance } from '../../../../../src/config/vrrp-defaults.js';
import { vrrpOnlyConfig } from '../../../../../src/config/vrrp-only.js';
import type { VrrpConfig, VrrpInstance } from '../../../../../src/config/vrrp-types.js';
import { makeCheckpoint, restoreState } from '../../../../../src/core/checkpoint.js';
import type { Effect } from '../../../../../src/core/effect.js';
import type { InputEvent } from '../../../../../src/core/input.js';
import { snapshot } from '../../../../../src/core/snapshot.js';
import type { VrrpInstanceSnapshot } from '../../../../../src/core/snapshot-types.js';
import { createState, type Identity, type State } from '../../../../../src/core/state.js';
import { step } from '../../../../../src/core/step.js';
import type { HeardAdvert } from '../../../../../src/core/vrrp/input.js';

export const OWN = '10.77.0.1';
export const PEER = '10.77.0.2';
export const VIP = '10.77.0.100';

const identity: Identity = {
  program: '4.0.0',
  generation: 1,
  uuid: '1'.repeat(32),
  nonce: '1'.repeat(16),
  seed: 1,
  peerGenerations: {},
};

/** VI_1 on eth0, virtual router 51, priority 100, one second, one address. */
export function instance(given: Partial<VrrpInstance> = {}): VrrpInstance {
  return vrrpInstance({
    name: 'VI_1',
    interface: 'eth0',
    virtualRouterId: 51,
    addresses: [plainVrrpAddress(VIP, 'eth0', 24)],
    ...given,
  });
}

export class Bench {
  nowMs = 1_000_000;
  state: State;
  /** Effects of the last input. */
  last: Effect[] = [];
  readonly all: { readonly atMs: number; readonly effect: Effect }[] = [];
  readonly #config: VrrpConfig;

  constructor(config: VrrpConfig | VrrpInstance) {
    this.#config = 'instances' in config ? config : vrrpConfig({ instances: [config] });
    this.state = createState(vrrpOnlyConfig(this.#config, 'node1'), identity);
  }

  input(event: InputEvent): Effect[] {
    this.last = step(this.state, { ...event, nowMs: this.nowMs, wallS: Math.floor(this.nowMs / 1000) });
    for (const effect of this.last) this.all.push({ atMs: this.nowMs, effect });
    return this.last;
  }

  /** Interfaces eth0 (with addresses) and eth1 are up, then the first turn. */
  boot(): this {
    this.interface('eth0', true);
    this.interface('eth1', true);
    this.input({ kind: 'boot' });
    return this;
  }

  interface(name: string, up: boolean, address4: string | null = OWN): void {
    this.input({ kind: 'vrrpInterface', name, state: { up, address4, address6: 'fe80::1' } });
  }

  /** Lets time pass; every timer fires when it is due. Returns what was done meanwhile. */
  pass(ms: number): Effect[] {
    const untilMs = this.nowMs + ms;
    const from = this.all.length;
    for (let due = this.state.timers.nextDueMs(); due !== undefined && due <= untilMs; ) {
      this.nowMs = Math.max(this.nowMs, due);
      this.input({ kind: 'tick' });
      due = this.state.timers.nextDueMs();
    }
    this.nowMs = untilMs;
    return this.all.slice(from).map(({ effect }) => effect);
  }

  /** An advert of the peer that fits the instance, but for what is given. */
  hear(given: Partial<Extract<HeardAdvert, { ok: true }>> = {}, name = 'VI_1'): Effect[] {
    const config = this.#config.instances.find((one) => one.name === name);
    return this.input({
      kind: 'advert',
      instance: name,
      heard: {
        ok: true,
        source: PEER,
        multicast: true,
        ttl: 255,
        version: config?.version ?? 2,
        virtualRouterId: config?.virtualRouterId ?? 51,
        priority: 100,
        intervalMs: config?.advertIntervalMs ?? 1000,
        addresses: config?.addresses.map(({ address }) => address) ?? [],
        authentication: 'right',
        ...given,
      },
    });
  }

  /** Boots and waits until the instance is master. */
  master(): this {
    this.boot();
    this.pass(4 * 1000 + 5);
    return this;
  }

  see(name = 'VI_1'): VrrpInstanceSnapshot {
    const found = snapshot(this.state, this.nowMs).vrrp?.instances.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  }

  /** The loop process dies and another goes on. */
  restart(): void {
    const checkpoint = JSON.parse(JSON.stringify(makeCheckpoint(this.state)));
    this.state = restoreState(vrrpOnlyConfig(this.#config, 'node1'), identity, checkpoint, this.nowMs);
  }
}

/** Kinds of effects with what is essential of each, without log and checkpoint. */
export function brief(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'advert':
        return [`advert ${effect.priority}`];
      case 'vrrpSet':
        return [`set ${effect.belongings.addresses.map(({ address }) => address).join(' ')}`];
      case 'vrrpRemove':
        return [`remove ${effect.belongings.addresses.map(({ address }) => address).join(' ')}`];
      case 'vrrpAnnounce':
        return [`announce x${effect.repeat}`];
      case 'vrrpNotify':
        return [`notify ${effect.state}`];
      case 'vrrpCheck':
        return [`check ${effect.name}`];
      case 'exit':
        return ['exit'];
      default:
        return [];
    }
  });
}
