/** Gratuitous ARP: the same keywords stand in global_defs (vrrp_garp_*) and in an instance (garp_*). */
import type { Draft } from './draft.js';
import type { Row } from './table.js';
import { first, integer, seconds } from './values.js';

const DAY_MS = 86_400_000;

type AnnouncingKey = Exclude<keyof Draft['announcing'], 'extraEverywhere'>;

/** `garp_extra_if` in an instance, `vrrp_garp_extra_if` and its older name in global_defs. */
export function extraRow<D extends Pick<Draft, 'announcing'>>(name: string, legacy?: string): Row<D> {
  return {
    name,
    arguments: '[all] SECONDS',
    sentence: 'A master tells switches again of addresses on other interfaces than its own; 0: never.',
    maxArguments: 2,
    ...(legacy === undefined ? {} : { legacy }),
    read: (statement, draft) => {
      const word = first(statement, '[all] and a number of seconds');
      const all = word?.text.toLowerCase() === 'all';
      const number = all ? statement.args[1] : word;
      const everyMs =
        number === undefined
          ? seconds({ ...statement, args: [] }, { minMs: 0, maxMs: DAY_MS })
          : seconds(statement, { minMs: 0, maxMs: DAY_MS }, number);
      if (everyMs === undefined) return;
      draft.announcing.extraMs = everyMs;
      draft.announcing.extraEverywhere = all;
    },
  };
}

/** `prefix`: what stands before the word, "vrrp_" in global_defs. */
export function announcingRows<D extends Pick<Draft, 'announcing'>>(prefix: string): Row<D>[] {
  const time = (name: string, key: AnnouncingKey, sentence: string): Row<D> => ({
    name: prefix + name,
    arguments: 'SECONDS',
    sentence,
    maxArguments: 1,
    read: (statement, draft) => {
      const valueMs = seconds(statement, { minMs: 0, maxMs: DAY_MS });
      if (valueMs !== undefined) draft.announcing[key] = valueMs;
    },
  });
  const count = (name: string, key: AnnouncingKey, sentence: string): Row<D> => ({
    name: prefix + name,
    arguments: 'COUNT',
    sentence,
    maxArguments: 1,
    read: (statement, draft) => {
      const value = integer(statement, { min: 0, max: 10_000 });
      if (value !== undefined) draft.announcing[key] = value;
    },
  });
  return [
    time('garp_master_delay', 'masterDelayMs', 'From becoming master to the second burst of gratuitous ARP.'),
    count('garp_master_repeat', 'masterRepeat', 'How many gratuitous ARP a burst has.'),
    time('garp_master_refresh', 'refreshMs', 'A master repeats gratuitous ARP after so long; 0: never.'),
    count('garp_master_refresh_repeat', 'refreshRepeat', 'How many then.'),
    time(
      'garp_lower_prio_delay',
      'lowerPriorityDelayMs',
      'After a lower priority was heard: to the second burst.',
    ),
    count('garp_lower_prio_repeat', 'lowerPriorityRepeat', 'How many then.'),
    extraRow<D>(`${prefix}garp_extra_if`),
  ];
}
