/** Times of health checks: they stand in virtual servers, real servers and checks, each taking what it lacks from outside. */
import type { CheckerTimes } from '../virtual-server-types.js';
import type { Writable } from './draft.js';
import type { Row } from './table.js';
import { integer, seconds } from './values.js';

const DAY_MS = 86_400_000;

export type DraftTimes = Writable<CheckerTimes>;

type TimeKey = keyof CheckerTimes;

export function timeRows<D extends { readonly times: DraftTimes }>(): Row<D>[] {
  const row = (name: string, key: TimeKey, sentence: string): Row<D> => ({
    name,
    arguments: 'SECONDS',
    sentence,
    maxArguments: 1,
    read: (statement, draft) => {
      draft.times[key] = seconds(statement, { minMs: 0, maxMs: DAY_MS });
    },
  });
  const retries = (name: string, legacy?: string): Row<D> => ({
    name,
    arguments: 'COUNT',
    sentence: 'Further attempts before a check counts as failed.',
    maxArguments: 1,
    ...(legacy === undefined ? {} : { legacy }),
    read: (statement, draft) => {
      draft.times.retries = integer(statement, { min: 0, max: 1000 });
    },
  });
  return [
    row('delay_loop', 'delayLoopMs', 'Between two checks.'),
    row('connect_timeout', 'connectTimeoutMs', 'How long a connection may take.'),
    row('delay_before_retry', 'delayBeforeRetryMs', 'Before the next attempt.'),
    row('warmup', 'warmupMs', 'Longest random delay before the first check.'),
    retries('retry'),
    retries('nb_get_retry', 'an older word for retry.'),
  ];
}

export type Defined<T> = { -readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys whose value is undefined, so that a spread does not hide what is inherited. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
