/** What tells broadcast, multicast and unicast apart; everything else of a UDP link is in udp-link.ts. */
import type { NetworkInterface } from '../system/network-types.js';
import type { UdpReceiverOptions, UdpSenderOptions } from '../system/socket.js';

/** Kernel queue of each receiver in bytes: some seconds of a cluster's traffic. */
export const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** SO_PRIORITY: interactive, the highest that needs no right and overtakes bulk traffic in the default qdisc. */
export const SEND_PRIORITY = 6;

/** The sockets that a medium wants on an interface as it is now, and where its packets go. */
export interface UdpSockets {
  readonly receiver: UdpReceiverOptions;
  readonly sender: UdpSenderOptions;
  /** struct sockaddr */
  readonly destination: Uint8Array;
}

export type UdpPlan =
  | { readonly ok: true; readonly sockets: UdpSockets }
  /** What the interface lacks: "eth0 has no IPv4 address". */
  | { readonly ok: false; readonly lack: string };

export interface UdpMedium {
  readonly device: string;
  readonly port: number;
  /** "bcast eth0" */
  readonly description: string;
  /** Called when the link opens and whenever the interface changes. */
  plan(network: NetworkInterface): UdpPlan;
}
