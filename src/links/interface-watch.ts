/**
 * What every UDP link of a process needs to know about the machine's interfaces: the present state, each change at
 * once (netlink events), and a slow look of its own in case an event was missed or a socket has to be tried again.
 */
import { InterfaceTable } from '../system/interface-table.js';
import { RouteSocket } from '../system/netlink.js';
import { type NetworkMonitor, openNetworkMonitor } from '../system/netlink-monitor.js';
import type { NetworkInterface } from '../system/network-types.js';

const RETRY_MS = 1000;

export interface InterfaceSubscription {
  /** While true, the listener is also called about once a second, after the kernel was asked anew. */
  retry(wanted: boolean): void;
  /** Idempotent; afterwards the listener is not called. */
  cancel(): void;
}

export interface InterfaceWatch {
  /** The interface as last told by the kernel; undefined when there is none of that name. */
  find(name: string): NetworkInterface | undefined;
  /** All interfaces as last told by the kernel. */
  all(): readonly NetworkInterface[];
  /** Calls `listener` after every change of that interface or of its addresses (a mere lifetime is none). */
  subscribe(name: string, listener: () => void): InterfaceSubscription;
  /** Asks the kernel now, as when a send failed before the event came; listeners of what changed are called. */
  refresh(): void;
  /** Idempotent. Listeners are not called any more. */
  close(): void;
}

interface Subscriber {
  readonly name: string;
  readonly listener: () => void;
  retry: boolean;
}

class KernelInterfaceWatch implements InterfaceWatch {
  readonly #table = new InterfaceTable();
  readonly #subscribers = new Set<Subscriber>();
  readonly #changed = new Set<string>();
  #route: RouteSocket | undefined;
  #monitor: NetworkMonitor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor() {
    this.#openSockets();
  }

  find(name: string): NetworkInterface | undefined {
    return this.#table.find(name);
  }

  all(): readonly NetworkInterface[] {
    return this.#table.all();
  }

  subscribe(name: string, listener: () => void): InterfaceSubscription {
    const subscriber: Subscriber = { name, listener, retry: false };
    this.#subscribers.add(subscriber);
    return {
      retry: (wanted) => {
        subscriber.retry = wanted;
        this.#arrangeTimer();
      },
      cancel: () => {
        this.#subscribers.delete(subscriber);
        this.#arrangeTimer();
      },
    };
  }

  refresh(): void {
    this.#ask();
    this.#tellChanges();
  }

  close(): void {
    this.#closed = true;
    this.#subscribers.clear();
    this.#arrangeTimer();
    this.#monitor?.close();
    this.#route?.close();
  }

  /** Listening begins before the first question, so that no change falls between the two. */
  #openSockets(): void {
    if (this.#monitor === undefined) {
      const monitor = openNetworkMonitor({
        onLink: (message) => {
          for (const name of this.#table.applyLink(message)) this.#changed.add(name);
        },
        onAddress: (message) => {
          const name = this.#table.applyAddress(message);
          if (name !== undefined) this.#changed.add(name);
        },
        onOverrun: () => this.#ask(),
        onEnd: () => this.#tellChanges(),
      });
      if (monitor.ok) this.#monitor = monitor.value;
    }
    if (this.#route === undefined) {
      const route = RouteSocket.open();
      if (route.ok) this.#route = route.value;
    }
    this.#ask();
  }

  /** When the kernel cannot answer, what was known stays, and the next retry asks again. */
  #ask(): void {
    const before = this.#known();
    this.#route?.fill(this.#table);
    const now = this.#known();
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(name) !== now.get(name)) this.#changed.add(name);
    }
  }

  /** The state of each interface as text, lifetimes left out. */
  #known(): Map<string, string> {
    const omitLifetime = (key: string, value: unknown) => (key === 'validS' ? undefined : value);
    return new Map(this.#table.all().map((network) => [network.name, JSON.stringify(network, omitLifetime)]));
  }

  #tellChanges(): void {
    if (this.#changed.size === 0) return;
    const names = new Set(this.#changed);
    this.#changed.clear();
    for (const subscriber of [...this.#subscribers]) {
      if (names.has(subscriber.name) && this.#subscribers.has(subscriber)) subscriber.listener();
    }
  }

  #onTimer(): void {
    this.#openSockets();
    this.#tellChanges();
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.retry && this.#subscribers.has(subscriber)) subscriber.listener();
    }
  }

  #arrangeTimer(): void {
    const wanted = !this.#closed && [...this.#subscribers].some((subscriber) => subscriber.retry);
    if (wanted && this.#timer === undefined) {
      this.#timer = setInterval(() => this.#onTimer(), RETRY_MS);
    } else if (!wanted && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}

/** Watches the network namespace in which it is called. One per process is enough. */
export function createInterfaceWatch(): InterfaceWatch {
  return new KernelInterfaceWatch();
}
