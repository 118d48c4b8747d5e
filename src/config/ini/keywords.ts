/** All keys of heartbeat.ini, one row for each field of Settings. */
import type { Settings } from '../types.js';
import { CHECK_ROWS } from './check.js';
import { FENCING_ROWS } from './fencing.js';
import { MONITOR_ROWS } from './monitor.js';
import { NOTIFICATION_ROWS } from './notification.js';
import { RECORDER_ROWS } from './recorder.js';
import { choiceOf, countOf, fileOf, type IniRow, textOf, timeOf, timeOrAuto, yesNo } from './row.js';
import { SBD_ROWS } from './sbd.js';
import { SCHEDULE_ROWS } from './schedule.js';
import { STATUS_ROWS } from './status.js';
import { WITNESS_ROWS } from './witness.js';

/** One day: no deadline of a resource script is longer. */
const DAY_MS = 86_400_000;

const deadline = (key: string, verb: string, defaultMs: number): IniRow<number> =>
  timeOf({
    section: 'resources',
    key,
    minMs: 100,
    maxMs: DAY_MS,
    defaultMs,
    sentence: `Time that one resource has to ${verb}; then its script is ended and counts as failed.`,
  });

/** Fields of Settings that have one key each. */
type PlainSettings = Omit<Settings, 'monitor' | 'monitorOf' | 'checks' | 'writtenDeadlines'>;

/** The row of every field of Settings that is one key. */
export const SETTING_ROWS: {
  readonly [Field in keyof PlainSettings]-?: IniRow<NonNullable<PlainSettings[Field]>>;
} = {
  parallelGroups: countOf({
    section: 'groups',
    key: 'parallel',
    min: 1,
    max: 1000,
    defaultValue: 4,
    sentence: 'How many resource groups are started or stopped at the same time.',
  }),
  carrierWaitMs: timeOf({
    section: 'groups',
    key: 'carrier_wait',
    minMs: 0,
    maxMs: 3_600_000,
    defaultMs: 2000,
    sentence:
      'How long the interface of a group may be without a carrier before the group moves to a node that has one; 0: never.',
  }),
  isolated: choiceOf<'serve' | 'stop'>({
    section: 'lease',
    key: 'isolated',
    choices: ['serve', 'stop'],
    defaultValue: 'serve',
    sentence: 'What a node does that hears no peer and has neither fencing nor a witness.',
  }),
  announcedSilence: choiceOf<'guards' | 'stops'>({
    section: 'lease',
    key: 'announce',
    choices: ['guards', 'stops'],
    defaultValue: 'guards',
    sentence:
      'What the deadtime that this node announces covers beyond its own: the watchdog, or the stop deadline of scripts too.',
  }),
  builtinAddresses: yesNo({
    section: 'resources',
    key: 'builtin',
    defaultValue: true,
    sentence:
      'Whether addresses are set by the program itself instead of the scripts IPaddr, IPaddr2 and IPv6addr.',
  }),
  startDeadlineMs: deadline('start_deadline', 'start', 60_000),
  stopDeadlineMs: deadline('stop_deadline', 'stop', 60_000),
  statusDeadlineMs: deadline('status_deadline', 'tell its status', 20_000),
  logFormat: choiceOf<'classic' | 'json'>({
    section: 'log',
    key: 'format',
    choices: ['classic', 'json'],
    defaultValue: 'classic',
    sentence: 'Form of the lines in log files: as the original writes them, or one JSON object a line.',
  }),
  vrrpConfig: fileOf({
    section: 'vrrp',
    key: 'config',
    sentence:
      'File in the format of keepalived.conf whose VRRP instances run beside the resource groups; empty: none.',
  }),
  sha2Keys: yesNo({
    section: 'auth',
    key: 'sha2',
    defaultValue: false,
    sentence: 'Whether authkeys may name sha256 and sha512, which the original does not know.',
  }),
  watchdogTimeoutMs: timeOrAuto({
    section: 'watchdog',
    key: 'timeout',
    minMs: 1000,
    maxMs: 600_000,
    sentence:
      'Timeout of the watchdog that ha.cf names, rounded up to whole seconds; auto: the longest that fits into the deadtime.',
  }),
  watchdogRequired: yesNo({
    section: 'watchdog',
    key: 'required',
    defaultValue: false,
    sentence: 'Whether heartbeat refuses to run without an armed watchdog.',
  }),
  ...SBD_ROWS,
  ...FENCING_ROWS,
  ...RECORDER_ROWS,
  ...WITNESS_ROWS,
  ...NOTIFICATION_ROWS,
  ...STATUS_ROWS,
  dopd: yesNo({
    section: 'clients',
    key: 'dopd',
    defaultValue: false,
    sentence:
      'Whether drbd-peer-outdater may have a DRBD resource outdated on the other node; a respawn line of ha.cf for dopd asks for it too.',
  }),
  ...SCHEDULE_ROWS,
  failfastClients: textOf({
    section: 'clients',
    key: 'failfast',
    sentence:
      'Names of programs of respawn lines, separated by blanks, whose failure reboots this machine; empty: none.',
  }),
};

/** The rows in the order of the sample. */
export const INI_ROWS: readonly IniRow<unknown>[] = [
  ...Object.values(SETTING_ROWS),
  ...Object.values(MONITOR_ROWS),
  ...Object.values(CHECK_ROWS),
];

export const INI_SECTIONS: readonly string[] = [...new Set(INI_ROWS.map((row) => row.section))];

/** Sections that may occur again as `[SECTION NAME]`, for one thing of that name. */
export const NAMED_SECTIONS: readonly string[] = ['monitor', 'check'];
