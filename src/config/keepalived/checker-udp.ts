/** Keywords of UDP_CHECK (vrrp-lvs.md 3.6; keepalived.conf(5)). */
import { shown } from '../problems.js';
import type { DraftChecker } from './checker-keywords.js';
import type { Row } from './table.js';
import type { Statement } from './tree.js';
import { integer } from './values.js';

export const UDP_ROWS: readonly Row<DraftChecker>[] = [
  {
    name: 'payload',
    arguments: 'HEX...',
    sentence: 'What is sent; random bytes when nothing is said.',
    read: (statement, draft) => {
      const digits = hexDigits(statement, /^[0-9a-f]+$/i);
      if (digits !== undefined) draft.payloadHex = digits;
    },
  },
  {
    name: 'require_reply',
    arguments: '[HEX...]',
    sentence:
      'Silence counts as failed, and so does a reply that begins otherwise; x stands for any four bits.',
    read: (statement, draft) => {
      draft.requireReply = true;
      if (statement.args.length > 0) draft.replyPattern = hexDigits(statement, /^[0-9a-fx]+$/i);
    },
  },
  ...(['min_reply_length', 'max_reply_length'] as const).map(
    (name): Row<DraftChecker> => ({
      name,
      arguments: 'BYTES',
      sentence: name === 'min_reply_length' ? 'No shorter reply is good.' : 'No longer reply is good.',
      maxArguments: 1,
      read: (statement, draft) => {
        const bytes = integer(statement, { min: 0, max: 65_535 });
        if (name === 'min_reply_length') draft.replyMinBytes = bytes;
        else draft.replyMaxBytes = bytes;
      },
    }),
  ),
];

/** Words of digits, two for each byte; the last of an odd number in a word is a byte of its own: "12f" is 12 0f. */
function hexDigits({ args, keyword, problems, ...place }: Statement, form: RegExp): string | undefined {
  const digits = args.map(({ text }) =>
    text.length % 2 === 0 ? text : `${text.slice(0, -1)}0${text.at(-1)}`,
  );
  const bad = args.find(({ text }) => !form.test(text));
  if (bad === undefined && digits.length > 0) return digits.join('').toLowerCase();
  const what = bad === undefined ? '' : ` ${shown(bad.text)}`;
  problems.error(bad ?? place, 'payload-invalid', `${keyword.text}${what}: it needs hexadecimal digits.`);
  return undefined;
}
