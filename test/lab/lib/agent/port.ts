import type { Impairment } from '../protocol.js';
import { computeChecksumsInSoftware, setBridgePort, setInterfaceUp } from './kernel.js';
import { Relay } from './relay.js';
import { run } from './run.js';

/** The name of the bridge of a link. */
export function bridgeOf(linkIndex: number): string {
  return `br${linkIndex}`;
}

/**
 * One machine's port on one switch (bridge). Its settings stay over the machine's power cycles.
 *
 *   machine eth0 ==veth== p1l0 --- bridge                          (normally)
 *   machine eth0 ==veth== p1l0 --(relay)-- r1l0 ==veth== s1l0 --- bridge   (with a relay)
 */
export class SwitchPort {
  readonly linkIndex: number;
  /** The machine's interface seen from the switch. */
  readonly name: string;
  readonly #near: string;
  /** What is plugged into the bridge while a relay works. */
  readonly relayName: string;
  #plugged = true;
  #silent = false;
  #impairments: readonly Impairment[] = [];
  #lossByRelay: readonly Impairment[] = [];
  #relay: Relay | null = null;
  #hasRelayPair = false;
  #attached = false;

  constructor(machineIndex: number, linkIndex: number) {
    this.linkIndex = linkIndex;
    this.name = `p${machineIndex}l${linkIndex}`;
    this.#near = `r${machineIndex}l${linkIndex}`;
    this.relayName = `s${machineIndex}l${linkIndex}`;
  }

  /** Whether the machine has power, so that the interface exists. */
  get attached(): boolean {
    return this.#attached;
  }

  /** The machine's interface has been made: plug it in as the settings say. */
  async attach(): Promise<void> {
    this.#attached = true;
    await this.#apply();
    setInterfaceUp(this.name, this.#plugged);
  }

  /** The machine has gone. */
  detach(): void {
    this.#attached = false;
    this.#relay?.close();
    this.#relay = null;
  }

  /** Pulls the cable or plugs it in: the machine sees its carrier go and come. */
  setPlugged(plugged: boolean): void {
    this.#plugged = plugged;
    if (this.#attached) setInterfaceUp(this.name, plugged);
  }

  /** Nothing passes, but the machine sees its carrier. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    if (this.#attached) this.#plugIntoBridge();
  }

  async setImpairments(impairments: readonly Impairment[]): Promise<void> {
    this.#impairments = impairments;
    if (this.#attached) await this.#apply();
  }

  /** Loss where the kernel has no filter rules for it. */
  async setLossByRelay(losses: readonly Impairment[]): Promise<void> {
    if (losses.length === 0 && this.#lossByRelay.length === 0) return;
    this.#lossByRelay = losses;
    if (this.#attached) await this.#apply();
  }

  async #apply(): Promise<void> {
    this.#relay?.close();
    this.#relay = null;
    const impairments = [...this.#impairments, ...this.#lossByRelay];
    if (impairments.length > 0) {
      if (!this.#hasRelayPair) await this.#makeRelayPair();
      this.#relay = new Relay(this.name, this.#near, impairments);
    }
    this.#plugIntoBridge();
  }

  async #makeRelayPair(): Promise<void> {
    const commands = [
      `link add ${this.#near} type veth peer name ${this.relayName}`,
      `link set ${this.#near} up`,
      `link set ${this.relayName} up`,
    ];
    await run('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
    computeChecksumsInSoftware(this.#near);
    this.#hasRelayPair = true;
  }

  #plugIntoBridge(): void {
    const bridge = bridgeOf(this.linkIndex);
    const viaRelay = this.#relay !== null;
    setBridgePort(bridge, this.name, !viaRelay && !this.#silent);
    if (this.#hasRelayPair) setBridgePort(bridge, this.relayName, viaRelay && !this.#silent);
  }
}
