/** Rows of ha.cf about the daemon itself and what it sends (heartbeat-admin.md 1.4). */
import { shown } from '../problems.js';
import { type Handler, refuse } from './draft.js';
import {
  booleanRow,
  choiceRow,
  type Keyword,
  leadingInteger,
  numberRow,
  orList,
  parseBoolean,
  wordRow,
} from './keyword.js';

const noAutojoin: Handler = (word, context) => {
  if (word.text === 'none') return true;
  return refuse(
    context,
    word,
    'autojoin-conflict',
    `autojoin ${word.text} cannot be combined with haresources.`,
    'Write autojoin none, and name every node in a node line.',
  );
};

const setRtprio: Handler = (word, context) => {
  const value = leadingInteger(word.text);
  if (value < 1 || value > 99) {
    const message = `${shown(word.text)} is no real-time priority.`;
    return refuse(context, word, 'rtprio-invalid', message, 'Write a number from 1 to 99.');
  }
  context.draft.numbers.set('rtprio', value);
  return true;
};

const COMPRESSIONS = ['zlib', 'bz2'];

const setCompression: Handler = (word, context) => {
  if (COMPRESSIONS.includes(word.text)) return true;
  const message = `There is no compression named ${shown(word.text)}.`;
  const hint = `Write ${orList(COMPRESSIONS)}, or remove the line: without it nothing is compressed.`;
  return refuse(context, word, 'compression-unknown', message, hint);
};

const setEnvironment: Handler = (word, context) => {
  const [name = '', ...rest] = word.text.split('=');
  if (name === '') {
    const message = `${shown(word.text)} sets no variable.`;
    return refuse(context, word, 'env-invalid', message, 'Write env NAME=VALUE.');
  }
  context.draft.environment.set(name, rest.join('='));
  return true;
};

/** Pacemaker's resource manager is no part of this program, so only "off" can be meant. */
const noPacemaker: Handler = (word, context) => {
  if (parseBoolean(word.text) === false) return true;
  return refuse(
    context,
    word,
    'pacemaker-unsupported',
    `${context.directive} ${word.text}: this program manages resources by haresources, not by Pacemaker.`,
    `Write ${context.directive} off, or remove the line.`,
  );
};

const noPacemakerDirectory: Handler = (word, context) =>
  refuse(
    context,
    word,
    'pacemaker-unsupported',
    `${shown(word.text)} holds no daemons of Pacemaker that this program could start.`,
    'Remove the line.',
  );

const forPacemaker = (name: string, sentence: string): Keyword =>
  booleanRow({ name, defaultText: 'on', sentence: `Pacemaker only, without effect: ${sentence}` });

export const PROCESS_KEYWORDS: readonly Keyword[] = [
  {
    ...wordRow({
      name: 'watchdog',
      argument: 'DEVICE',
      defaultText: '',
      range: 'a device, e.g. /dev/watchdog',
      sentence: 'Watchdog that resets this machine when the daemon hangs.',
    }),
    once: true,
  },
  booleanRow({
    name: 'realtime',
    defaultText: 'true',
    sentence: 'Whether the daemon runs with real-time priority and locked memory.',
  }),
  wordRow({
    name: 'rtprio',
    argument: 'NUMBER',
    defaultText: '',
    range: '1 to 99',
    sentence: "Real-time priority; the middle of the scheduler's range when not set.",
    check: setRtprio,
  }),
  choiceRow({
    name: 'hbgenmethod',
    choices: ['file', 'time'],
    code: 'hbgenmethod-invalid',
    defaultText: 'file',
    sentence: 'Where the generation number of a start comes from.',
  }),
  choiceRow({
    name: 'uuidfrom',
    choices: ['file', 'nodename'],
    code: 'keyword-invalid',
    defaultText: 'file',
    sentence: "Where this node's identifier comes from.",
  }),
  choiceRow({
    name: 'msgfmt',
    choices: ['classic', 'netstring'],
    code: 'keyword-invalid',
    defaultText: 'classic',
    sentence: 'Message format by name; packets are sent as netstrings either way, as the original does.',
  }),
  wordRow({
    name: 'compression',
    argument: 'WORD',
    defaultText: 'zlib',
    range: COMPRESSIONS.join(' '),
    sentence: 'Compression of long messages; nothing is compressed unless this is set.',
    check: setCompression,
  }),
  numberRow({
    name: 'compression_threshold',
    unit: 'KB',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    code: 'compression_threshold-invalid',
    defaultText: '2',
    sentence: 'Messages above this size are compressed.',
  }),
  booleanRow({
    name: 'traditional_compression',
    defaultText: 'no',
    sentence: 'Whether whole messages are compressed instead of single fields.',
  }),
  choiceRow({
    name: 'autojoin',
    choices: ['none', 'other', 'any'],
    code: 'keyword-invalid',
    defaultText: 'none',
    sentence: 'Whether nodes may join without a node line; only none works with haresources.',
    also: noAutojoin,
  }),
  wordRow({
    name: 'cluster',
    argument: 'NAME',
    defaultText: 'linux-ha',
    range: 'a word',
    sentence: 'Name of the cluster.',
  }),
  wordRow({
    name: 'env',
    argument: 'NAME=VALUE',
    defaultText: '',
    range: 'a variable name, optionally = and a value without blanks',
    sentence: 'Variable in the environment of scripts and respawned clients.',
    check: setEnvironment,
  }),
  booleanRow({
    name: 'use_apphbd',
    defaultText: 'no',
    sentence: 'Whether the original registers with its application watchdog; without effect here.',
  }),
  numberRow({
    name: 'memreserve',
    unit: 'KB',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    code: 'memreserve-invalid',
    defaultText: '6500',
    sentence: 'Memory that the original reserves at start; without effect here.',
  }),
  {
    ...wordRow({
      name: 'pacemaker',
      argument: 'off',
      defaultText: 'false',
      range: 'false off no n 0',
      sentence: 'Whether Pacemaker manages the resources; only off works here.',
      check: noPacemaker,
    }),
    once: true,
    alias: 'crm',
  },
  wordRow({
    name: 'crm_daemon_dir',
    argument: 'PATH',
    defaultText: '',
    range: 'nothing',
    sentence: 'Pacemaker only: directory of its daemons; refused here.',
    check: noPacemakerDirectory,
  }),
  forPacemaker('crmd_spawns_pengine', 'who starts its policy engine.'),
  forPacemaker('record_config_changes', 'whether it logs changes.'),
  forPacemaker('record_pengine_inputs', 'whether it keeps the inputs of its policy engine.'),
  forPacemaker('enable_config_writes', 'whether it writes its configuration to disk.'),
  wordRow({
    name: 'quorum_server',
    argument: 'HOST',
    defaultText: '',
    range: 'a word',
    sentence: 'Quorum server of the original; without effect here.',
  }),
];
