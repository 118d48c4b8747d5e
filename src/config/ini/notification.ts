/** Keys of heartbeat.ini about mails and scripts that tell people what happened, and about `heartbeat push`. */
import { choiceOf, countOf, fileOf, textOf, timeOf } from './row.js';

const mail = 'mail';
const notify = 'notify';
const DEFAULT_SSH = 'ssh -o BatchMode=yes root@NODE';

export const NOTIFICATION_ROWS = {
  mailServer: textOf({
    section: mail,
    key: 'server',
    sentence: 'Name or address of the mail server that takes a mail for each event; empty: no mails.',
  }),
  mailPort: countOf({
    section: mail,
    key: 'port',
    min: 1,
    max: 65_535,
    defaultValue: 25,
    sentence: 'Port of the mail server, for example 587, or 465 with tls = tls.',
  }),
  mailTls: choiceOf<'auto' | 'starttls' | 'tls' | 'off'>({
    section: mail,
    key: 'tls',
    choices: ['auto', 'starttls', 'tls', 'off'],
    defaultValue: 'auto',
    sentence:
      'Encryption: where the server offers it (auto), always by STARTTLS, from the first byte, or none. With a user, auto asks for it except on this machine.',
  }),
  mailCaFile: fileOf({
    section: mail,
    key: 'ca_file',
    sentence: 'Certificates (PEM) that the mail server is checked against; empty: those of Node.js.',
  }),
  mailUser: textOf({
    section: mail,
    key: 'user',
    sentence: 'Name to log in with at the mail server; empty: without.',
  }),
  mailPasswordFile: fileOf({
    section: mail,
    key: 'password_file',
    sentence: 'File whose first line is the password; nobody but root may read it.',
  }),
  mailFrom: textOf({
    section: mail,
    key: 'from',
    sentence: 'Sender of the mails; empty: heartbeat@ and the name of the node.',
  }),
  mailTo: textOf({
    section: mail,
    key: 'to',
    sentence: 'Recipients, separated by blanks or commas.',
  }),
  mailPerHour: countOf({
    section: mail,
    key: 'per_hour',
    min: 1,
    max: 10_000,
    defaultValue: 60,
    sentence: 'So many mails within an hour; the last of them says that further events are only logged.',
  }),
  notifyScript: fileOf({
    section: notify,
    key: 'script',
    sentence:
      'Program run at each event as SCRIPT EVENT NODE GROUP OLD NEW ("-" where there is none), one at a time and in order; empty: none.',
  }),
  pushSsh: {
    ...textOf({
      section: 'push',
      key: 'ssh',
      sentence:
        'Command by which "heartbeat push" runs a command on another node, whose name NODE stands for.',
    }),
    defaultText: DEFAULT_SSH,
    defaultValue: DEFAULT_SSH,
  },
  notifyDeadlineMs: timeOf({
    section: notify,
    key: 'deadline',
    minMs: 100,
    maxMs: 3_600_000,
    defaultMs: 30_000,
    sentence: 'Time that the program has for one event; then it is ended.',
  }),
};
