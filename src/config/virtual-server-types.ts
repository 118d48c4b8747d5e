/** Virtual servers of keepalived.conf as the director gets them (vrrp-lvs.md 3.5, 3.6). Times in ms. */
import type { VrrpCommand } from './vrrp-types.js';

export type ForwardingMethod = 'NAT' | 'DR' | 'TUN';

/** How packets are wrapped with TUN; absent: ipip. `remcsum` is for gue alone. */
export type Tunnel =
  | { readonly type: 'gue'; readonly port: number; readonly checksum: 'nocsum' | 'csum' | 'remcsum' }
  | { readonly type: 'gre'; readonly checksum: 'nocsum' | 'csum' };

/** `port` 0 stands for every port (persistent services and mark). */
export type VirtualServerKey =
  | { readonly kind: 'address'; readonly address: string; readonly port: number }
  | { readonly kind: 'fwmark'; readonly mark: number }
  | { readonly kind: 'group'; readonly group: string };

export interface CheckerTimes {
  readonly connectTimeoutMs: number;
  readonly retries: number;
  readonly delayBeforeRetryMs: number;
  readonly delayLoopMs: number;
  /** Longest random delay before the first check; absent: delayLoopMs. */
  readonly warmupMs?: number;
}

export interface CheckerUrl {
  readonly path: string;
  /** Inclusive ranges; empty: 200..299. */
  readonly statusCodes: readonly { readonly from: number; readonly to: number }[];
  /** MD5 of the body, 32 hex digits. */
  readonly digest?: string;
  readonly virtualHost?: string;
  readonly regex?: string;
  readonly regexNegated?: boolean;
}

export type CheckerKind =
  | { readonly kind: 'tcp' }
  | {
      readonly kind: 'http' | 'https';
      readonly urls: readonly CheckerUrl[];
      /** 1.0C is 1.0 with "Connection: close", which 1.1 has as well. */
      readonly httpVersion: '1.0' | '1.0C' | '1.1';
      /** Absent: "heartbeat". */
      readonly userAgent?: string;
      /** No pause between the urls of a server that is not known to be good. */
      readonly fastRecovery?: boolean;
    }
  | { readonly kind: 'smtp'; readonly heloName: string }
  | {
      readonly kind: 'dns';
      readonly recordType: string;
      readonly name: string;
      /** An answer without a record is good too. */
      readonly mayBeEmpty?: boolean;
    }
  | {
      readonly kind: 'misc';
      readonly command: VrrpCommand;
      readonly timeoutMs: number;
      readonly dynamic: boolean;
    }
  | {
      readonly kind: 'udp';
      /** Absent: random bytes. */
      readonly payloadHex?: string;
      readonly requireReply: boolean;
      /** How a reply that is required begins: hexadecimal digits, "x" is any digit. */
      readonly replyPattern?: string;
      /** 0 and 255 where they are absent. */
      readonly replyMinBytes?: number;
      readonly replyMaxBytes?: number;
    }
  | { readonly kind: 'ping' }
  /** The number in a file (vrrp_track_file): with weight 0 anything but 0 is bad. */
  | { readonly kind: 'file'; readonly path: string; readonly weight: number; readonly dynamic: boolean };

export interface Checker {
  readonly check: CheckerKind;
  /** Absent: those of the real server. */
  readonly connectAddress?: string;
  readonly connectPort?: number;
  readonly bindAddress?: string;
  /** Bad until it was good once; absent: as the real server says. */
  readonly alpha?: boolean;
  readonly times: CheckerTimes;
  readonly line: number;
}

export interface RealServer {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  readonly inhibitOnFailure: boolean;
  /** Starts as failed until its first good check. */
  readonly alpha: boolean;
  readonly notifyUp?: VrrpCommand;
  readonly notifyDown?: VrrpCommand;
  readonly mail: boolean;
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
  readonly checkers: readonly Checker[];
  readonly line: number;
}

export interface VirtualServer {
  readonly key: VirtualServerKey;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** "rr", "wlc" */
  readonly scheduler: string;
  readonly method: ForwardingMethod;
  /** 0: not persistent. */
  readonly persistenceTimeoutMs: number;
  /** As written: "255.255.255.0", "/24" or "64". */
  readonly persistenceGranularity?: string;
  /** "sip" */
  readonly persistenceEngine?: string;
  /** One-packet scheduling. */
  readonly onePacket?: boolean;
  /** Flags of the scheduler as ipvsadm takes them: "sh-port", "flag-1". */
  readonly schedulerFlags?: readonly string[];
  /** Of a firewall mark without real servers to take it from. */
  readonly family?: 4 | 6;
  readonly quorum: number;
  readonly hysteresis: number;
  readonly quorumUp?: VrrpCommand;
  readonly quorumDown?: VrrpCommand;
  /** Checks run only while the address is on this node. */
  readonly suspendWithoutAddress: boolean;
  readonly omega: boolean;
  readonly mail: boolean;
  readonly sorryServer?: {
    readonly address: string;
    readonly port: number;
    readonly method: ForwardingMethod;
    readonly tunnel?: Tunnel;
    /** In the table with weight 0 while it is not needed. */
    readonly inhibit: boolean;
  };
  readonly realServers: readonly RealServer[];
  readonly line: number;
}

/** virtual_server_group: several addresses or marks with the same real servers; ranges are written out. */
export interface VirtualServerGroup {
  readonly name: string;
  readonly members: readonly Exclude<VirtualServerKey, { readonly kind: 'group' }>[];
  readonly line: number;
}

/** `lvs_sync_daemon`: connections are told to the other director by multicast, in the direction of the role. */
export interface SyncDaemon {
  readonly interface: string;
  /** VRRP instance whose role it follows. */
  readonly instance: string;
  /** 0..255 */
  readonly syncId: number;
  readonly maxLengthBytes?: number;
  readonly port?: number;
  readonly ttl?: number;
  readonly group?: string;
}

/** The SSL block: what SSL_GET shows of this machine. Paths. */
export interface TlsFiles {
  readonly certificate?: string;
  /** Absent: it stands in the certificate file. */
  readonly key?: string;
  readonly ca?: string;
  /** Of the key. */
  readonly password?: string;
}

/** What global_defs says to the director. */
export interface DirectorGlobal {
  /** lvs_flush: the whole table is emptied at the start. */
  readonly flushAtStart: boolean;
  /** lvs_keep_on_stop, of this program: the rules stay when the daemon stops. */
  readonly keepOnStop: boolean;
  /** lvs_timeouts in seconds; 0: as they are. */
  readonly timeoutsS?: { readonly tcp: number; readonly tcpFin: number; readonly udp: number };
  readonly syncDaemon?: SyncDaemon;
  readonly tls?: TlsFiles;
}
