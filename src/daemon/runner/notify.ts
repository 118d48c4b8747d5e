/** Tells people: which events of the core become a mail and a run of the user's script ([mail] and [notify]). */

import type { Mail, MailServer } from '../../actions/notification/mail.js';
import { createMailQueue } from '../../actions/notification/mail-queue.js';
import { runScript } from '../../actions/scripts-process.js';
import type { ClusterConfig, Settings } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import type { ToRunner } from '../mailbox.js';
import { createSerialQueue } from './vrrp-queue.js';

type Line = Extract<ToRunner, { readonly kind: 'log' }>;
type Event = Extract<ToRunner, { readonly kind: 'event' }>;

/** Word of an event for scripts and subjects, by its code; what is not here is not told. */
const KINDS: Readonly<Record<string, string>> = {
  'group-takeover': 'takeover',
  'group-failed': 'group-failed',
  'group-given-up': 'group-given-up',
  'peer-dead-why': 'peer-dead',
  'peer-status': 'peer-back',
  'partition-healed': 'partition-healed',
  fencing: 'fencing',
  fenced: 'fenced',
  'fencing-stuck': 'fencing-stuck',
  'fencing-device-failed': 'fencing-device-failed',
  'fencing-device-well': 'fencing-device-well',
  'config-drift': 'drift',
  'config-drift-over': 'drift-over',
  'maintenance-on': 'maintenance-on',
  'maintenance-off': 'maintenance-off',
  'stop-impossible': 'stop-impossible',
  'address-conflict': 'address-conflict',
  drill: 'drill',
  'drill-refused': 'drill-refused',
  'drill-failed': 'drill-failed',
  'carrier-lost': 'carrier-lost',
  'carrier-stays': 'carrier-stays',
  'carrier-back': 'carrier-back',
};

const PEER_ACTIVE = /^Status update for node (\S+): status active$/;
const CONNECT_TIMEOUT_MS = 30_000;
const DRAIN_LIMIT_MS = 5000;
const WAITING_MAX = 1000;
const TEXT_MAX = 500;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface NotifierParts {
  readonly config: () => ClusterConfig | undefined;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  readonly sendMail: (server: MailServer, mail: Mail) => Promise<void>;
  /** Absent: those of the queue. */
  readonly pausesMs?: readonly number[];
}

export interface Notifier {
  /** An event of the core; most are nothing to be told. */
  note(event: Event): void;
  /** A line of the core's log: that a peer is active again has the fixed words of the original and is no event. */
  noteLine(line: Line): void;
  /** Waits for what is under way, within a bound. */
  drain(): Promise<void>;
}

/** Makes the notifier; nothing is loaded or connected before the first event. */
export function createNotifier(parts: NotifierParts): Notifier {
  const { log } = parts;
  const scripts = createSerialQueue(WAITING_MAX, (reason) =>
    log('error', 'notify', `Notification: ${reason}.`),
  );
  let server: MailServer | undefined;
  const mails = createMailQueue({
    send: async (mail) => {
      if (server !== undefined) await parts.sendMail(server, mail);
    },
    perHour: () => parts.config()?.settings.mailPerHour ?? 60,
    nowMs: () => performance.now(),
    problem: (sentence) => log('warn', 'mail', sentence),
    ...(parts.pausesMs === undefined ? {} : { pausesMs: parts.pausesMs }),
  });

  const runNotifyScript = async (
    path: string,
    deadlineMs: number,
    event: Event,
    word: string,
  ): Promise<void> => {
    const config = parts.config();
    const { node = '-', group = '-', from = '-', to = '-' } = event.about ?? {};
    const outcome = await runScript({
      path,
      args: [word, node, group, from, to],
      environment: {
        PATH: SYSTEM_PATH,
        LANG: 'C',
        HB_EVENT: word,
        HB_SELF: config?.self ?? '',
        HB_NODE: node,
        HB_GROUP: group,
        HB_OLD: from,
        HB_NEW: to,
        HB_TEXT: plain(event.text),
      },
      workingDirectory: '/',
      deadlineMs,
    });
    for (const capture of outcome.captures) capture.close();
    const { end } = outcome;
    if (end.kind === 'exit' && end.code === 0) return;
    const how =
      end.kind === 'exit'
        ? `ended with exit status ${end.code}`
        : end.kind === 'deadline'
          ? `did not end within ${deadlineMs} ms and was ended`
          : end.kind === 'notStarted'
            ? `could not be started: ${end.reason}`
            : 'was ended by a signal';
    throw new Error(`${path} for the event ${word} ${how}`);
  };

  const note = (event: Event): void => {
    const config = parts.config();
    const word = event.about?.failback === true ? 'failback' : KINDS[event.code];
    if (config === undefined || word === undefined) return;
    const { settings } = config;
    const { notifyScript = '', notifyDeadlineMs = 30_000 } = settings;
    if (notifyScript !== '') {
      scripts.add(() => runNotifyScript(notifyScript, notifyDeadlineMs, event, word));
    }
    server = serverOf(settings);
    const to = (settings.mailTo ?? '').split(/[\s,]+/).filter((address) => address !== '');
    if (server === undefined || to.length === 0) return;
    mails.add(mailOf(event, word, config.self, to, settings.mailFrom ?? ''));
  };

  return {
    note,
    noteLine({ code, text, wallMs }) {
      const [, node] = PEER_ACTIVE.exec(text) ?? [];
      if (code !== 'peer-status' || node === undefined) return;
      note({ kind: 'event', code, text, about: { node, to: 'active' }, wallMs });
    },
    async drain() {
      await Promise.all([scripts.drain(DRAIN_LIMIT_MS), mails.drain(DRAIN_LIMIT_MS)]);
    },
  };
}

/** [mail] as the mailer needs it; undefined: no server is named. */
function serverOf(settings: Settings): MailServer | undefined {
  const { mailServer = '', mailCaFile = '', mailUser = '', mailPasswordFile = '' } = settings;
  if (mailServer === '') return undefined;
  return {
    host: mailServer,
    port: settings.mailPort ?? 25,
    tls: settings.mailTls ?? 'auto',
    ...(mailCaFile === '' ? {} : { caFile: mailCaFile }),
    ...(mailUser === '' ? {} : { user: mailUser }),
    ...(mailPasswordFile === '' ? {} : { passwordFile: mailPasswordFile }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
}

function mailOf(event: Event, word: string, self: string, to: readonly string[], from: string): Mail {
  const { node, group, from: before, to: after } = event.about ?? {};
  const subject = ['[heartbeat]', `${self}:`, word, ...[group ?? node ?? ''].filter((text) => text !== '')];
  const facts = [
    ['Node', self],
    ['Event', word],
    ['About', node],
    ['Group', group],
    ['Before', before],
    ['Now', after],
    ['Time', new Date(event.wallMs).toISOString()],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return {
    from: from === '' ? `heartbeat@${self}` : from,
    to,
    subject: subject.join(' '),
    body: `${event.text}\n\n${facts.join('\n')}\n`,
  };
}

/** One line of printable ASCII, bounded: what a script gets of a text that may quote other programs. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, TEXT_MAX);
}
