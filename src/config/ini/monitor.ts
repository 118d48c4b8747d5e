/** `[monitor]` and `[monitor NAME]` of heartbeat.ini: how resources are watched while they run. */
import type { MonitorRule } from '../types.js';
import { countOf, type IniRow, timeOf } from './row.js';

const DAY_MS = 86_400_000;
const section = 'monitor';

/** The row of a time that may also be "off", which is 0 and the default. */
function offOr(row: IniRow<number>): IniRow<number> {
  return {
    ...row,
    argument: 'off|TIME',
    defaultText: 'off',
    range: `off, or ${row.range}`,
    read: (text) => (['off', '0'].includes(text.toLowerCase()) ? { value: 0 } : row.read(text)),
  };
}

/** The row of every field of a rule. */
export const MONITOR_ROWS: { readonly [Field in keyof MonitorRule]: IniRow<MonitorRule[Field]> } = {
  intervalMs: offOr(
    timeOf({
      section,
      key: 'interval',
      minMs: 100,
      maxMs: DAY_MS,
      defaultMs: 0,
      sentence:
        'How often a running resource is asked whether it works. [monitor NAME] sets these keys for one resource only.',
    }),
  ),
  timeoutMs: timeOf({
    section,
    key: 'timeout',
    minMs: 100,
    maxMs: DAY_MS,
    defaultMs: 20_000,
    sentence: 'Time that one answer may take; then the question is ended and counts as a failure.',
  }),
  failures: countOf({
    section,
    key: 'failures',
    min: 1,
    max: 1000,
    defaultValue: 1,
    sentence: 'So many failures within the window make a restart in place.',
  }),
  windowMs: timeOf({
    section,
    key: 'window',
    minMs: 1000,
    maxMs: 7 * DAY_MS,
    defaultMs: 600_000,
    sentence: 'Failures and restarts older than this are forgotten.',
  }),
  restarts: countOf({
    section,
    key: 'restarts',
    min: 0,
    max: 1000,
    defaultValue: 3,
    sentence:
      'So many restarts in place within the window; then the group moves, or stays down until "heartbeat cleanup GROUP".',
  }),
};

/** A rule from what one section says; what it does not say comes from `base`. */
export function monitorRule(
  values: ReadonlyMap<IniRow<unknown>, unknown>,
  base: MonitorRule | undefined,
): MonitorRule {
  const fields = Object.entries(MONITOR_ROWS).map(([field, row]): [string, unknown] => {
    const known: IniRow<unknown> = row;
    const inherited = base === undefined ? known.defaultValue : base[field as keyof MonitorRule];
    return [field, values.has(known) ? values.get(known) : inherited];
  });
  // MONITOR_ROWS has a row of the right type for every field, which the compiler checks there.
  return Object.freeze(Object.fromEntries(fields)) as unknown as MonitorRule;
}
