/**
 * Which url of an HTTP_GET is asked next (vrrp-lvs.md 3.6; keepalived.conf(5), fast_recovery): one in each round, in turn.
 * A server that is failed, or not known yet, counts as good when every url has answered well one after the other.
 */
import type { CheckerKind } from '../../config/virtual-server-types.js';
import type { CheckResult, CheckSpec } from './types.js';

export interface UrlRound {
  /** What is to be asked now. */
  readonly spec: CheckSpec;
  /**
   * Takes the answer to it; `isGood`: the verdict so far is good. Undefined: it decides nothing, the next url is to be
   * asked (at once where `isHasty`).
   */
  take(result: CheckResult, isGood: boolean): CheckResult | undefined;
  /** Between the urls of a server that is not good there is no pause. */
  readonly isHasty: boolean;
}

/** The round of a check; one without several urls has but one thing to ask. */
export function urlRound(spec: CheckSpec): UrlRound {
  const { check } = spec;
  if ((check.kind !== 'http' && check.kind !== 'https') || check.urls.length < 2)
    return { spec, take: (result) => result, isHasty: false };
  return roundOf(spec, check);
}

function roundOf(spec: CheckSpec, check: Extract<CheckerKind, { readonly urls: unknown }>): UrlRound {
  const specs = check.urls.map((url): CheckSpec => ({ ...spec, check: { ...check, urls: [url] } }));
  let at = 0;
  /** Good answers in a row. */
  let well = 0;
  return {
    get spec() {
      return specs[at] ?? spec;
    },
    take(result, isGood) {
      if (!result.ok) {
        well = 0;
        return result;
      }
      at = (at + 1) % specs.length;
      well += 1;
      if (!isGood && well < specs.length) return undefined;
      return { ...result, detail: `${specs.length} urls are well` };
    },
    isHasty: check.fastRecovery ?? false,
  };
}
