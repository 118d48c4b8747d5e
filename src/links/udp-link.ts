/**
 * A UDP link that supervises itself. Its sockets live on one interface; when the interface goes down, loses its cable
 * or its addresses, disappears or is made anew, the link says so once, and comes back by itself.
 *
 *   interface events ──▶ #check ──▶ problem?  yes: down, asked again once a second
 *   slow retry ─────────▶              no: open what is missing ──▶ up
 *   send error ─────────▶ down, until a send succeeds again
 */
import { closeFd, ERRNO, type SystemError, systemError } from '../system/libc.js';
import type { NetworkInterface } from '../system/network-types.js';
import { openUdpSender, sendDatagram } from '../system/socket.js';
import type { InterfaceSubscription, InterfaceWatch } from './interface-watch.js';
import type { Link, LinkCounters, LinkHandlers } from './link.js';
import type { UdpMedium, UdpSockets } from './udp-medium.js';
import { createUdpReceiver, type UdpReceiver } from './udp-receiver.js';

/** Errors of a single packet or moment; the medium itself is well. */
const PASSING_ERRORS: ReadonlySet<number> = new Set([
  ERRNO.EAGAIN,
  ERRNO.ENOBUFS,
  ERRNO.ENOMEM,
  ERRNO.EMSGSIZE,
  ERRNO.ECONNREFUSED,
]);

/** So many failed reads in a row mean that the socket is no good any more. */
const MAX_RECEIVE_ERRORS = 16;

interface OpenSockets {
  /** Of which wish they were made: others mean new sockets. */
  readonly key: string;
  readonly receiver: UdpReceiver;
  sender: number;
}

export class UdpLink implements Link {
  readonly name: string;
  readonly description: string;
  readonly format = 'netstring';
  readonly counters: LinkCounters = { sentPackets: 0, sendErrors: 0, receivedPackets: 0, droppedPackets: 0 };
  readonly #medium: UdpMedium;
  readonly #interfaces: InterfaceWatch;
  #handlers: LinkHandlers | undefined;
  #subscription: InterfaceSubscription | undefined;
  #sockets: OpenSockets | undefined;
  #destination: Uint8Array = new Uint8Array();
  /** Undefined before the first check. */
  #up: boolean | undefined;
  /** The interface looks well, but the kernel refuses what is sent. */
  #refused = false;
  /** In a row. */
  #receiveErrors = 0;

  constructor(medium: UdpMedium, interfaces: InterfaceWatch) {
    this.name = medium.device;
    this.description = medium.description;
    this.#medium = medium;
    this.#interfaces = interfaces;
  }

  open(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) return;
    this.#handlers = handlers;
    this.#subscription = this.#interfaces.subscribe(this.name, () => this.#check());
    this.#check();
  }

  send(bytes: Uint8Array): void {
    const sockets = this.#sockets;
    if (sockets === undefined || (this.#up !== true && !this.#refused)) {
      this.counters.sendErrors++;
      return;
    }
    const errno = sendDatagram(sockets.sender, bytes, this.#destination);
    if (errno === 0) {
      this.counters.sentPackets++;
      if (this.#refused) {
        this.#refused = false;
        this.#setUp();
      }
      return;
    }
    this.counters.sendErrors++;
    if (!PASSING_ERRORS.has(errno)) this.#onRefusal(systemError(errno, 'sending failed'));
  }

  hasUnread(): boolean {
    return this.#sockets?.receiver.hasUnread() ?? false;
  }

  close(): void {
    this.#handlers = undefined;
    this.#subscription?.cancel();
    this.#subscription = undefined;
    this.#closeSockets();
  }

  /** Looks at the interface as it is now and does what follows from it. */
  #check(): void {
    const network = this.#interfaces.find(this.name);
    const problem = interfaceProblem(this.name, network);
    if (network === undefined) {
      // Bound to an interface that is no more; one of the same name would not be heard.
      this.#closeSockets();
      this.#setDown(problem ?? '');
      return;
    }
    const plan = this.#medium.plan(network);
    const lack = problem ?? (plan.ok ? undefined : plan.lack);
    if (lack !== undefined || !plan.ok) {
      // What is queued in the receiver is still read: it tells who was alive.
      this.#setDown(lack ?? '');
      return;
    }
    if (this.#open(plan.sockets, network) && !this.#refused) this.#setUp();
  }

  /** Makes the sockets when there are none, when others are wanted, or when the interface was away. */
  #open(wanted: UdpSockets, network: NetworkInterface): boolean {
    this.#destination = wanted.destination;
    const key = JSON.stringify([network.index, wanted.receiver, wanted.sender]);
    const current = this.#sockets;
    if (current !== undefined && current.key === key) {
      if (this.#refused) return this.#renewSender(current, wanted);
      if (this.#up === true) return true;
    }
    this.#closeSockets();
    const receiver = createUdpReceiver(wanted.receiver, {
      onPacket: (bytes) => this.#onPacket(bytes),
      onError: (reason) => this.#onReceiveError(reason),
    });
    if (!receiver.ok) return this.#openFailed(receiver);
    const sender = openUdpSender(wanted.sender);
    if (!sender.ok) {
      receiver.value.close();
      return this.#openFailed(sender);
    }
    this.#sockets = { key, receiver: receiver.value, sender: sender.value };
    this.#refused = false;
    return true;
  }

  /** A refusal may be the socket's own: the next packet goes out through a new one. */
  #renewSender(current: OpenSockets, wanted: UdpSockets): boolean {
    const sender = openUdpSender(wanted.sender);
    if (!sender.ok) return false;
    closeFd(current.sender);
    current.sender = sender.value;
    return true;
  }

  #openFailed(error: SystemError): false {
    const { port } = this.#medium;
    this.#setDown(
      error.errno === ERRNO.EADDRINUSE
        ? `UDP port ${port} on ${this.name} is used by another program (see: ss -lunp "sport = :${port}")`
        : `cannot open its sockets: ${error.message}`,
    );
    return false;
  }

  #onPacket(bytes: Uint8Array): void {
    this.counters.receivedPackets++;
    this.#receiveErrors = 0;
    this.#handlers?.onPacket(bytes, this);
  }

  /** One packet may fail by itself (IPv6 from an interface that has just gone); many in a row mean the socket. */
  #onReceiveError(reason: string): void {
    this.counters.droppedPackets++;
    this.#receiveErrors++;
    if (this.#receiveErrors < MAX_RECEIVE_ERRORS) return;
    this.#closeSockets();
    this.#setDown(`receiving failed: ${reason}`);
  }

  #onRefusal(error: SystemError): void {
    if (this.#refused) return;
    // The interface may have a better reason, whose event has not been read yet.
    this.#interfaces.refresh();
    if (this.#up === false) return;
    this.#refused = true;
    const firewall = error.errno === ERRNO.EPERM ? ' (a firewall rule of this machine drops it)' : '';
    this.#setDown(`${error.message}${firewall}`);
  }

  #closeSockets(): void {
    const sockets = this.#sockets;
    this.#sockets = undefined;
    this.#refused = false;
    this.#receiveErrors = 0;
    if (sockets === undefined) return;
    sockets.receiver.close();
    closeFd(sockets.sender);
  }

  #setUp(): void {
    if (this.#up === true) return;
    this.#up = true;
    this.#subscription?.retry(false);
    this.#handlers?.onHealth({ up: true }, this);
  }

  /** `problem` is the middle of the sentence that is logged. */
  #setDown(problem: string): void {
    if (this.#handlers === undefined) return;
    this.#subscription?.retry(true);
    if (this.#up === false) return;
    this.#up = false;
    const reason = `${this.description}: ${problem}; trying again until it is back.`;
    this.#handlers.onHealth({ up: false, reason }, this);
  }
}

/** What keeps any packet from passing through an interface; undefined when nothing does. */
function interfaceProblem(name: string, network: NetworkInterface | undefined): string | undefined {
  if (network === undefined) return `there is no interface ${name} on this machine`;
  if (!network.up) return `interface ${name} is down (ip link set ${name} up)`;
  if (!network.carrier) return `interface ${name} has no carrier (cable or switch)`;
  return undefined;
}
