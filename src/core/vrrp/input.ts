/** What can happen to the VRRP part of the core. Plain JSON, without any password. */
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { HeardAdvert } from '../../wire/vrrp/heard.js';

/** An interface as far as VRRP needs to know it. */
export interface VrrpInterfaceState {
  /** There, up, and with a carrier. */
  readonly up: boolean;
  /** First own IPv4 address that is no floating one; null: none. */
  readonly address4: string | null;
  /** First link-local IPv6 address that is no floating one; null: none. */
  readonly address6: string | null;
  /** All own addresses that are no floating ones, for track_src_ip; absent: not known. */
  readonly addresses?: readonly string[];
}

export type VrrpCheckResult =
  /** A script or process. `detail`: exit status, signal, deadline, number of processes: for the log. */
  | { readonly kind: 'verdict'; readonly good: boolean; readonly detail: string }
  /** A file's number. */
  | { readonly kind: 'value'; readonly value: number };

export type VrrpInputEvent =
  /** A reload: goes on from the old configuration without a change of role where it can. */
  | { readonly kind: 'vrrpConfig'; readonly config: VrrpConfig }
  | { readonly kind: 'advert'; readonly instance: string; readonly heard: HeardAdvert }
  /** At start for every interface that matters, before `boot`; then at each change. */
  | { readonly kind: 'vrrpInterface'; readonly name: string; readonly state: VrrpInterfaceState }
  /** Addresses of an instance that is master have vanished from this machine. */
  | { readonly kind: 'vrrpLost'; readonly instance: string; readonly addresses: readonly string[] }
  | { readonly kind: 'vrrpCheckDone'; readonly name: string; readonly result: VrrpCheckResult };

export type { HeardAdvert };
