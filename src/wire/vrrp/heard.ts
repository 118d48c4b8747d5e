/** An advert as it came in for an instance, judged as far as bytes can be. Plain JSON, without any password. */
import type { AdvertFault } from './advert.js';
import type { AuthenticationVerdict } from './decode.js';

/** Our own are filtered out before. */
export type HeardAdvert =
  | {
      readonly ok: true;
      readonly source: string;
      /** Sent to a group, not to this host alone. */
      readonly multicast: boolean;
      /** TTL or hop limit on arrival. */
      readonly ttl: number;
      /** How long it has waited here before it was read. Absent: not at all. */
      readonly ageMs?: number;
      readonly version: 2 | 3;
      readonly virtualRouterId: number;
      /** 0..255 */
      readonly priority: number;
      readonly intervalMs: number;
      readonly addresses: readonly string[];
      /** Against the password of the instance, compared where the password is. */
      readonly authentication: AuthenticationVerdict;
    }
  /** Looked as if it were for this instance, and could not be read. */
  | { readonly ok: false; readonly source: string; readonly reason: AdvertFault };
