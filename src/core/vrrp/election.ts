/** Who is to be master, and how long silence must last (RFC 3768 6.1, RFC 5798 6.1, vrrp-lvs.md 2.5). Pure. */
import { compareAddresses, type Instance } from './state.js';

/** Longer silence for the lower priority, so that the highest backup comes first. */
export function skewMs(instance: Instance): number {
  const perStepMs = instance.config.version === 2 ? 1000 / 256 : instance.masterIntervalMs / 256;
  return (256 - instance.priority) * perStepMs;
}

/** Silence after which a master counts as gone. */
export function masterDownMs(instance: Instance): number {
  return instance.config.downTimerAdverts * instance.masterIntervalMs + skewMs(instance);
}

/** How an advert's sender stands to us while we are master. */
export type Rank = 'higher' | 'lower' | 'same-address';

/** By priority, then by the primary address. `ownAddress`: null when the interface has none. */
export function rankOf(
  theirs: { readonly priority: number; readonly source: string },
  instance: Instance,
  ownAddress: string | null,
): Rank {
  if (theirs.priority !== instance.priority) return theirs.priority > instance.priority ? 'higher' : 'lower';
  if (ownAddress === null) return 'higher';
  const order = compareAddresses(theirs.source, ownAddress);
  return order === 0 ? 'same-address' : order > 0 ? 'higher' : 'lower';
}

/** What +1..+254 or -1..-254 of weight makes of a priority. An owner stays one; nobody else becomes one. */
export function weighted(base: number, sum: number): number {
  return base === 255 ? 255 : Math.min(254, Math.max(1, base + sum));
}

/** What one tracked thing adds. Weight 0 adds nothing: its failure is a fault. */
export function contribution(weight: number, reverse: boolean, good: boolean): number {
  const counts = reverse ? !good : good;
  if (weight > 0) return counts ? weight : 0;
  return counts ? 0 : weight;
}
