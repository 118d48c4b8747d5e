/** What the runner does for VRRP: notification programs and mails, checks, routes. All of it may take its time here. */
import { readFileSync } from 'node:fs';
import { createMailQueue } from '../../actions/notification/mail-queue.js';
import { countProcesses } from '../../actions/process-count.js';
import type { ScriptEnd } from '../../actions/scripts-process.js';
import type { VrrpCommand, VrrpConfig, VrrpMail } from '../../config/vrrp-types.js';
import type { LogLevel } from '../../core/effect.js';
import type { VrrpCheck, VrrpEffect, VrrpStateWord } from '../../core/vrrp/effect.js';
import type { VrrpCheckResult } from '../../core/vrrp/input.js';
import type { ToLoop, ToRunner } from '../mailbox.js';
import { endWords, runCommand } from './command.js';
import { createVrrpFifos } from './vrrp-fifo.js';
import { createVrrpFilter } from './vrrp-filter.js';
import { createSerialQueue } from './vrrp-queue.js';

/** A notification program that has not ended by then is ended. */
const NOTIFY_DEADLINE_MS = 60_000;
/** At the end of the daemon the queue has this long. */
const DRAIN_LIMIT_MS = 10_000;
const WAITING_MAX = 1000;
const ROUTE_DEADLINE_MS = 5000;

/** Sends one mail; rejects with a reason in words. Nobody waits for it for longer than the connection timeout. */
export type SendVrrpMail = (mail: VrrpMail, subject: string, body: string) => Promise<void>;

export interface VrrpRunnerParts {
  /** The configuration in force; undefined: none. */
  readonly config: () => VrrpConfig | undefined;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  readonly tell: (message: ToLoop) => void;
  /** Absent: mails are not sent, which is said once. */
  readonly sendMail?: SendVrrpMail;
  /** Pauses between the attempts for one mail. Absent: those of the queue. */
  readonly mailPausesMs?: readonly number[];
}

export interface VrrpRunner {
  /** True when the message was one of VRRP's. */
  handle(message: ToRunner): boolean;
  /** Before the loop of a new run is started: packet filter, then startup_script, for its timeout at most. */
  begin(): Promise<void>;
  /** Before a reload's configuration goes to the loop: the packet filter is as that wants it. */
  prepare(config: VrrpConfig | undefined): Promise<void>;
  /** After the start of a loop, and after a reload: named pipes and their readers are as configured. */
  attend(): void;
  /** Waits for what is still to be notified, within a bound. */
  drain(): Promise<void>;
  /** The very last: readers of the pipes end, the filter goes, then shutdown_script for its timeout at most. */
  end(): Promise<void>;
}

type Notification = Extract<VrrpEffect, { readonly kind: 'vrrpNotify' }>;

export function createVrrpRunner(parts: VrrpRunnerParts): VrrpRunner {
  const { log } = parts;
  const queue = createSerialQueue(WAITING_MAX, (reason) => log('error', 'vrrp-notify', `VRRP: ${reason}.`));
  // Tried again when the server does not take one; all are sent, as the original does, for its receivers count them.
  const mails = createMailQueue({
    send: async ({ subject, body }) => {
      const server = parts.config()?.global.mail;
      if (server !== undefined && parts.sendMail !== undefined) await parts.sendMail(server, subject, body);
    },
    perHour: () => Number.POSITIVE_INFINITY,
    nowMs: () => performance.now(),
    problem: (sentence) => log('error', 'vrrp-mail', sentence),
    ...(parts.mailPausesMs === undefined ? {} : { pausesMs: parts.mailPausesMs }),
  });

  const run = (command: VrrpCommand, deadlineMs: number): Promise<ScriptEnd> =>
    runCommand(command, parts.config()?.global, deadlineMs, (line) => log('debug', 'vrrp-script', line));

  let over = false;
  const fifos = createVrrpFifos({ global: () => parts.config()?.global, log });
  const filter = createVrrpFilter({
    log,
    run: (command, deadlineMs, said) => runCommand(command, undefined, deadlineMs, said),
  });
  const once = async (keyword: string, command: VrrpCommand | undefined, limitMs: number): Promise<void> => {
    if (command === undefined) return;
    const end = await run(command, limitMs);
    if (end.kind === 'exit' && end.code === 0) return;
    log('error', 'vrrp-script', `${keyword} ${command.words[0] ?? ''} ${endWords(end, limitMs)}.`);
  };

  const notify = (order: Notification): void => {
    fifos.write(order);
    for (const command of order.commands) {
      queue.add(async () => {
        const end = await run(command, NOTIFY_DEADLINE_MS);
        if (end.kind === 'exit' && end.code === 0) return;
        const text = `(${order.name}) the notification program ${command.words[0] ?? ''} ${endWords(end, NOTIFY_DEADLINE_MS)}.`;
        log('error', 'vrrp-notify', text);
      });
    }
    if (order.mail) mail(order);
  };

  const mail = (order: Notification): void => {
    const global = parts.config()?.global;
    if (global?.mail === undefined || parts.sendMail === undefined) return;
    if (order.state === 'FAULT' && !global.mailFaults) return;
    const what = order.scope === 'INSTANCE' ? 'VRRP Instance' : 'VRRP Group';
    const subject = `[${global.routerId}] ${what} ${order.name} - ${MAIL_WORDS[order.state]}`;
    const { from, to } = global.mail;
    mails.add({ from, to, subject, body: MAIL_BODIES[order.state] });
  };

  const check = async (name: string, order: VrrpCheck): Promise<void> => {
    parts.tell({ kind: 'vrrpCheckDone', name, result: await checkResult(order, run) });
  };

  return {
    handle(message) {
      switch (message.kind) {
        case 'vrrpNotify':
          notify(message);
          return true;
        case 'vrrpCheck':
          void check(message.name, message.check);
          return true;
        case 'vrrpRoutes':
          for (const [object, list] of [
            ['route', message.routes],
            ['rule', message.rules],
          ] as const) {
            for (const { words, family } of list) {
              queue.add(async () => {
                const verb = object === 'route' && message.verb === 'add' ? 'replace' : message.verb;
                const all = ['ip', family === 6 ? '-6' : '-4', object, verb, ...words];
                const end = await run({ words: all, user: '0', group: '0' }, ROUTE_DEADLINE_MS);
                const failed = end.kind !== 'exit' || end.code !== 0;
                if (failed && message.verb === 'add')
                  log('error', 'vrrp-route', `${all.join(' ')} ${endWords(end, ROUTE_DEADLINE_MS)}.`);
              });
            }
          }
          return true;
        default:
          return false;
      }
    },
    async begin() {
      await filter.use(parts.config());
      const global = parts.config()?.global;
      if (global !== undefined)
        await once('startup_script', global.startupScript, global.startupScriptTimeoutMs);
    },
    prepare: (config) => filter.use(config),
    attend() {
      void fifos.attend();
      // A runner that took over from another begins here.
      if (!over) void filter.use(parts.config());
    },
    async drain() {
      await Promise.all([queue.drain(DRAIN_LIMIT_MS), mails.drain(DRAIN_LIMIT_MS)]);
    },
    async end() {
      if (over) return;
      over = true;
      await fifos.close();
      await filter.use(undefined);
      const global = parts.config()?.global;
      if (global !== undefined)
        await once('shutdown_script', global.shutdownScript, global.shutdownScriptTimeoutMs);
    },
  };
}

const MAIL_WORDS: Readonly<Record<VrrpStateWord, string>> = {
  MASTER: 'Entering MASTER state',
  BACKUP: 'Entering BACKUP state',
  FAULT: 'Entering FAULT state',
  STOP: 'Stopping',
  DELETED: 'Deleted',
  MASTER_RX_LOWER_PRI: 'Master received an advert of lower priority',
  MASTER_PRIORITY: 'Priority of the master changed',
  BACKUP_PRIORITY: 'Priority of the backup changed',
};

const MAIL_BODIES: Readonly<Record<VrrpStateWord, string>> = {
  MASTER: '=> This node is master now and holds the VRRP addresses.',
  BACKUP: '=> This node is backup now and does not hold the VRRP addresses.',
  FAULT: '=> This node cannot hold the VRRP addresses: something that it needs has failed.',
  STOP: '=> VRRP is being stopped on this node.',
  DELETED: '=> This instance is no longer configured.',
  MASTER_RX_LOWER_PRI: '=> Another node thought itself master; this one goes on.',
  MASTER_PRIORITY: '=> This node stays master.',
  BACKUP_PRIORITY: '=> This node stays backup.',
};

async function checkResult(
  order: VrrpCheck,
  run: (command: VrrpCommand, deadlineMs: number) => Promise<ScriptEnd>,
): Promise<VrrpCheckResult> {
  switch (order.kind) {
    case 'script': {
      const { command, timeoutMs } = order.script;
      const end = await run(command, timeoutMs);
      return {
        kind: 'verdict',
        good: end.kind === 'exit' && end.code === 0,
        detail: endWords(end, timeoutMs),
      };
    }
    case 'process': {
      const { quorum, quorumMax } = order.process;
      const count = countProcesses(order.process);
      const good = count >= quorum && (quorumMax === undefined || count <= quorumMax);
      return { kind: 'verdict', good, detail: `${count} running` };
    }
    case 'file': {
      const value = readNumber(order.file.path);
      return { kind: 'value', value };
    }
  }
}

/** 0 when there is no file or no number in it. */
function readNumber(path: string): number {
  try {
    const value = Number.parseInt(readFileSync(path, 'latin1').trim(), 10);
    return Number.isFinite(value) ? Math.min(254, Math.max(-254, value)) : 0;
  } catch {
    return 0;
  }
}
