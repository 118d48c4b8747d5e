/**
 * The one VRRP message there is, the advertisement, as its bytes say it. Whether it is meant for an instance, and
 * whether it fits, is judged in the core.
 */

/** Authentication types of version 2 (RFC 2338 5.3.6). */
export const AUTH_NONE = 0;
export const AUTH_PASSWORD = 1;
export const AUTH_HEADER = 2;

/** Bytes of the authentication data that every packet of version 2 for IPv4 carries. */
export const AUTH_BYTES = 8;

export interface Advert {
  readonly version: 2 | 3;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 0: the sender stops being master; 255: it owns the addresses. */
  readonly priority: number;
  /** Version 2: whole seconds. Version 3: hundredths, up to 40950. */
  readonly intervalMs: number;
  /** Canonical text, in the order of the packet. */
  readonly addresses: readonly string[];
  /** Version 2 only. */
  readonly authentication?: {
    /** 0..255: none, password, header, or something unknown. */
    readonly type: number;
    /** Eight bytes. */
    readonly data: Uint8Array;
  };
}

/** Where a packet came from and went to, in canonical text, with the TTL or hop limit on arrival. */
export interface AdvertEnvelope {
  readonly source: string;
  readonly destination: string;
  /** 0..255 */
  readonly ttl: number;
}

/** Why bytes are no advertisement. Fixed codes, for counters and the throttled log. */
export type AdvertFault =
  | 'ip-header'
  | 'not-vrrp'
  | 'fragment'
  | 'too-short'
  | 'length'
  | 'version'
  | 'type'
  | 'virtual-router-id'
  | 'interval'
  | 'checksum';

/** The same in words, as the end of a sentence. */
export const ADVERT_FAULTS: Readonly<Record<AdvertFault, string>> = {
  'ip-header': 'its IP header is damaged',
  'not-vrrp': 'it is of another protocol',
  fragment: 'it is a fragment',
  'too-short': 'it is too short',
  length: 'its length does not fit its number of addresses',
  version: 'its version is neither 2 nor 3',
  type: 'it is no advertisement',
  'virtual-router-id': 'its virtual router id is 0',
  interval: 'its advertisement interval is 0',
  checksum: 'its checksum is wrong',
};
