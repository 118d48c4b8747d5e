/** The table of all directives of ha.cf. */
import type { Keyword } from './keyword.js';
import { CLIENT_KEYWORDS } from './keywords-clients.js';
import { LOGGING_KEYWORDS } from './keywords-logging.js';
import { MEDIA_KEYWORDS } from './keywords-media.js';
import { PROCESS_KEYWORDS } from './keywords-process.js';
import { TIMING_KEYWORDS } from './keywords-timing.js';

/** In the order of `heartbeat -D` and of the manual. */
export const HA_CF_KEYWORDS: readonly Keyword[] = [
  ...TIMING_KEYWORDS,
  ...MEDIA_KEYWORDS,
  ...LOGGING_KEYWORDS,
  ...PROCESS_KEYWORDS,
  ...CLIENT_KEYWORDS,
];

const BY_NAME = new Map<string, Keyword>(
  HA_CF_KEYWORDS.flatMap((row): [string, Keyword][] => [
    [row.name, row],
    ...(row.alias === undefined ? [] : [[row.alias, row] satisfies [string, Keyword]]),
  ]),
);

/** The row of a directive's name or alias; letter case counts. */
export function haCfKeyword(name: string): Keyword | undefined {
  return BY_NAME.get(name);
}

export const HA_CF_NAMES: readonly string[] = [...BY_NAME.keys()];

/** Directives of other releases of the original that 3.0.6 was built without. */
export const ABSENT_DIRECTIVES: readonly string[] = [
  'hbaping',
  'ppp-udp',
  'normalpoll',
  'site',
  'lrmd_max_children',
];
