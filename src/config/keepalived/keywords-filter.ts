/** Keywords of global_defs about the packet filter of no_accept and vrrp_strict (keepalived.conf(5), nftables). */
import { shown } from '../problems.js';
import type { Draft } from './draft.js';
import type { Row } from './table.js';
import { flag, integer } from './values.js';

/** What nft takes as a name without quotes. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,30}$/;

export const FILTER_ROWS: readonly Row<Draft>[] = [
  {
    name: 'nftables',
    arguments: '[TABLE]',
    sentence: 'Table of the packet filter of no_accept, in the families ip and ip6; without: keepalived.',
    maxArguments: 1,
    read: (statement, draft) => {
      const [word] = statement.args;
      if (word === undefined) return;
      if (NAME.test(word.text)) draft.global.nftTable = word.text;
      else {
        const message = `nftables ${shown(word.text)}: no name of a table.`;
        statement.problems.error(
          word,
          'table-name',
          message,
          'Begin with a letter; letters, digits, _ . and - may follow.',
        );
      }
    },
  },
  {
    name: 'nftables_priority',
    arguments: 'NUMBER',
    sentence: 'Priority of its chains; without: -1, just before the filters of others.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.global.nftPriority = integer(statement, { min: -2_147_483_647, max: 2_147_483_647 });
    },
  },
  {
    name: 'nftables_counters',
    arguments: '',
    sentence: 'Its rules count packets, to be seen with "nft list ruleset".',
    read: (statement, draft) => {
      draft.global.nftCounters = flag(statement);
    },
  },
];
