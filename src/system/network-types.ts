/** What the kernel says about interfaces, addresses and routes. */

export interface InterfaceAddress {
  readonly family: 4 | 6;
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
  /** IPv4 only. */
  readonly broadcast?: string;
  /** IPv4 only: "eth0", "eth0:5". */
  readonly label?: string;
  /** IFA_F_*: see ADDRESS_FLAG. */
  readonly flags: number;
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. */
  readonly scope: number;
  /** Seconds until the kernel removes it; Infinity when it stays. As of the moment when it was read. */
  readonly validS: number;
}

/** IFA_F_* of linux/if_addr.h. */
export const ADDRESS_FLAG = {
  /** Of a subnet that has another, primary address on the same interface (IPv4). */
  secondary: 0x01,
  noDad: 0x02,
  dadFailed: 0x08,
  tentative: 0x40,
  permanent: 0x80,
  noPrefixRoute: 0x200,
} as const;

export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  /** "aa:bb:cc:dd:ee:ff"; empty where there is none (tunnels). */
  readonly mac: string;
  readonly mtuBytes: number;
  /** An administrator wants it up. */
  readonly up: boolean;
  /** The cable is in and the other end answers, as far as the driver knows. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  /** Neither ARP nor neighbour discovery is spoken here. */
  readonly noArp: boolean;
  /** ARPHRD_*: 1 Ethernet, 772 loopback. */
  readonly hardwareType: number;
  /** IPv4: removing a primary address promotes the next one of its subnet instead of removing all of them. */
  readonly promoteSecondaries: boolean;
  /** IPv4: for which of its addresses it answers ARP (arp_ignore); absent: 0, for all of the machine. */
  readonly arpIgnore?: number;
  /** In the kernel's order. */
  readonly addresses: readonly InterfaceAddress[];
}

/** An interface without its addresses, as a link message carries it. */
export type LinkState = Omit<NetworkInterface, 'addresses'>;

export interface Route {
  readonly interfaceIndex: number;
  /** Length of the prefix of the matching routing entry: 0 for a default route. */
  readonly prefixLength: number;
  /** True when the destination is reached without a gateway. */
  readonly onLink: boolean;
  /** RTN_*: 1 unicast, 2 local, 3 broadcast, 6 blackhole, 7 unreachable. */
  readonly type: number;
}
