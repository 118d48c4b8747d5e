/** Virtual servers of keepalived.conf as the director gets them (vrrp-lvs.md 3.5, 3.6). Times in ms. */
import type { VrrpCommand } from './vrrp-types.js';

export type ForwardingMethod = 'NAT' | 'DR' | 'TUN';

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
      readonly httpVersion: '1.0' | '1.1';
    }
  | { readonly kind: 'smtp'; readonly heloName: string }
  | { readonly kind: 'dns'; readonly recordType: string; readonly name: string }
  | {
      readonly kind: 'misc';
      readonly command: VrrpCommand;
      readonly timeoutMs: number;
      readonly dynamic: boolean;
    }
  | { readonly kind: 'udp'; readonly payloadHex?: string; readonly requireReply: boolean }
  | { readonly kind: 'ping' };

export interface Checker {
  readonly check: CheckerKind;
  /** Absent: those of the real server. */
  readonly connectAddress?: string;
  readonly connectPort?: number;
  readonly bindAddress?: string;
  readonly times: CheckerTimes;
  readonly line: number;
}

export interface RealServer {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly method: ForwardingMethod;
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
  readonly persistenceGranularity?: string;
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
    readonly inhibit: boolean;
  };
  readonly realServers: readonly RealServer[];
  readonly line: number;
}
