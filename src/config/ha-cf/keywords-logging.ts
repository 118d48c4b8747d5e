/** Rows of ha.cf about logs and core dumps (heartbeat-admin.md 1.4). */
import { booleanRow, choiceRow, type Keyword, numberRow, timeRow, wordRow } from './keyword.js';

/** Names that syslog.conf uses. */
export const FACILITIES: readonly string[] = [
  ...['auth', 'authpriv', 'cron', 'daemon', 'ftp', 'kern', 'lpr', 'mail', 'news', 'security', 'syslog'],
  ...['user', 'uucp', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

export const LOGGING_KEYWORDS: readonly Keyword[] = [
  wordRow({
    name: 'logfile',
    argument: 'PATH',
    defaultText: '',
    range: 'a path without blanks and commas',
    sentence: 'File for log lines.',
  }),
  wordRow({
    name: 'debugfile',
    argument: 'PATH',
    defaultText: '',
    range: 'a path without blanks and commas',
    sentence: 'File for log lines and debug lines.',
  }),
  choiceRow({
    name: 'logfacility',
    choices: [...FACILITIES, 'none'],
    code: 'logfacility-invalid',
    defaultText: '',
    sentence: 'Facility of the system log that log lines go to, or none.',
  }),
  booleanRow({
    name: 'use_logd',
    defaultText: '',
    sentence: "Send log lines to the original's logging daemon; here they go to the system log.",
  }),
  timeRow({
    name: 'conn_logd_time',
    defaultText: '60',
    sentence: 'Time between two attempts to reach the logging daemon.',
  }),
  numberRow({
    name: 'debug',
    unit: '',
    min: 0,
    max: 255,
    code: 'debug-invalid',
    wordIsZero: true,
    defaultText: '0',
    sentence: 'Debug level; 0 logs no debug lines.',
  }),
  booleanRow({
    name: 'log_badpack',
    defaultText: 'true',
    sentence: 'Whether packets that are refused are logged.',
  }),
  booleanRow({
    name: 'syslogmsgfmt',
    defaultText: 'true',
    sentence: 'Whether lines in log files have the form of the system log.',
  }),
  booleanRow({
    name: 'coredumps',
    defaultText: 'true',
    sentence: 'Whether a crash may leave a core file.',
  }),
  wordRow({
    name: 'coreroot',
    argument: 'PATH',
    defaultText: '',
    range: 'a directory',
    sentence: 'Directory for core files.',
  }),
];
