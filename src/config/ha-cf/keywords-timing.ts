/** Rows of ha.cf about time and the order of service (heartbeat-admin.md 1.4). */
import { shown } from '../problems.js';
import { type Handler, refuse } from './draft.js';
import { type Keyword, numberRow, parseBoolean, timeRow, wordRow } from './keyword.js';

const setAutoFailback: Handler = (word, context) => {
  const value = word.text.toLowerCase() === 'legacy' ? 'legacy' : parseBoolean(word.text);
  if (value === undefined) {
    const message = `${shown(word.text)} is no value of auto_failback.`;
    return refuse(context, word, 'auto_failback-invalid', message, 'Write on, off or legacy.');
  }
  if (value === 'legacy') context.draft.autoFailback = 'legacy';
  else context.draft.autoFailback = value ? 'on' : 'off';
  return true;
};

/** The word of old releases: `on` after an auto_failback line means off, everything else legacy. */
const setNiceFailback: Handler = (word, context) => {
  const value = parseBoolean(word.text);
  if (value === undefined) {
    const message = `${shown(word.text)} is no value of the obsolete nice_failback.`;
    return refuse(context, word, 'nice_failback-invalid', message, 'Write auto_failback on or off instead.');
  }
  const result = value && context.draft.raw.has('auto_failback') ? 'off' : 'legacy';
  context.draft.autoFailback = result;
  context.draft.raw.set('auto_failback', { text: result, line: word.line, column: word.column });
  context.problems.warning(
    word,
    'nice_failback-obsolete',
    `nice_failback is obsolete and taken as auto_failback ${result}.`,
    'Write auto_failback on or off instead.',
  );
  return true;
};

export const TIMING_KEYWORDS: readonly Keyword[] = [
  timeRow({
    name: 'keepalive',
    defaultText: '1',
    sentence: 'Time between two heartbeats.',
  }),
  timeRow({
    name: 'deadtime',
    defaultText: '30',
    sentence: 'Silence after which a node is declared dead; more than twice keepalive.',
  }),
  timeRow({
    name: 'warntime',
    defaultText: '',
    sentence: 'Silence after which a late heartbeat is logged; half of deadtime when not set.',
  }),
  timeRow({
    name: 'initdead',
    defaultText: '',
    sentence: 'Silence at start before a node that was never heard counts as dead; at least deadtime.',
  }),
  timeRow({
    name: 'deadping',
    defaultText: '',
    sentence: 'Silence after which a ping node is declared dead; deadtime when not set.',
  }),
  wordRow({
    name: 'auto_failback',
    argument: 'on|off|legacy',
    defaultText: 'legacy',
    range: 'a boolean or legacy',
    sentence: 'Whether resources return to their preferred node when it comes back.',
    check: setAutoFailback,
  }),
  wordRow({
    name: 'nice_failback',
    argument: 'BOOLEAN',
    defaultText: '',
    range: 'a boolean',
    sentence: 'Obsolete forerunner of auto_failback.',
    check: setNiceFailback,
  }),
  numberRow({
    name: 'hopfudge',
    unit: '',
    min: 0,
    max: 255,
    code: 'hopfudge-invalid',
    wordIsZero: true,
    defaultText: '1',
    sentence: 'Hops that a message may take beyond the number of nodes.',
  }),
  numberRow({
    name: 'max_rexmit_delay',
    unit: 'ms',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    code: 'max_rexmit_delay-invalid',
    defaultText: '250',
    sentence: 'Longest wait before a lost message is asked for again.',
  }),
];
