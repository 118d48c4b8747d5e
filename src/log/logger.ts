/**
 * The daemon's log: winston carries each record to the log file, the debug file, syslog and (in the foreground) the
 * terminal. Trouble with one of them is said once a minute through the others, and never stops the program.
 */
import { Writable } from 'node:stream';
import type { ClusterConfig } from '../config/types.js';
import type { LogLevel } from '../core/effect.js';
import { createFileSink, type FileSink } from './file-sink.js';
import { classicLine, jsonLine, type LogRecord, syslogText } from './format.js';
import { createThrottle } from './throttle.js';

/** Severities of syslog (RFC 5424 table 2). */
const SYSLOG_SEVERITY: Readonly<Record<LogLevel, number>> = {
  crit: 2,
  error: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** Hands one message to the system's log. It must not block and must not throw; false: not delivered. */
export type SyslogSender = (facility: string, severity: number, text: string) => boolean;

export interface LogSettings {
  readonly node: string;
  readonly targets: ClusterConfig['log'];
  readonly format: 'classic' | 'json';
  /** Absent: no syslog on this machine. */
  readonly syslog?: SyslogSender;
  /** True in the foreground: info and above are also written to standard error. */
  readonly terminal: boolean;
}

export interface DaemonLog {
  /** Writes one line of this process. */
  log(level: LogLevel, code: string, text: string): void;
  /** Writes one line that another process said. */
  record(record: LogRecord): void;
  /** Output of scripts: to the debug file whatever the debug level. */
  output(text: string): void;
  /** Debug lines are dropped at 0. 0..255. */
  debugLevel: number;
  /** Opens the files by their names again (SIGHUP after a rotation). */
  reopen(): void;
  /** Writes what is queued; resolves within a second. */
  close(): Promise<void>;
}

const CLOSE_DEADLINE_MS = 1000;

/** Opens the log. Files are created with the first line; a bad path is reported on the other targets. */
export async function createDaemonLog(settings: LogSettings): Promise<DaemonLog> {
  const { default: winston } = await import('winston');
  const throttle = createThrottle({ windowMs: 60_000, nowMs: () => performance.now() });
  const line = settings.format === 'json' ? jsonLine : classicLine;
  const sinks: FileSink[] = [];

  /** Past the failing file: to syslog, else to standard error. */
  const trouble = (cause: string, sentence: string): void => {
    const text = throttle.line(cause, sentence);
    if (text === undefined) return;
    const record: LogRecord = {
      level: 'error',
      code: 'log-trouble',
      text,
      wallMs: Date.now(),
      pid: process.pid,
    };
    const facility = settings.targets.facility ?? 'daemon';
    if (settings.syslog?.(facility, SYSLOG_SEVERITY.error, syslogText(record)) === true) return;
    writeStderr(classicLine(record, settings.node));
  };

  const transportOf = (level: LogLevel, deliver: (record: LogRecord) => void) =>
    new winston.transports.Stream({
      level,
      stream: new Writable({
        objectMode: true,
        write(info: { record?: LogRecord }, _encoding, next) {
          if (info.record !== undefined) deliver(info.record);
          next();
        },
      }),
    });

  const fileTransport = (path: string, level: LogLevel) => {
    const sink = createFileSink({ path, onTrouble: (sentence) => trouble(path, sentence) });
    sinks.push(sink);
    return transportOf(level, (record) => sink.write(line(record, settings.node)));
  };

  const transports: ReturnType<typeof transportOf>[] = [];
  const { logfile, debugfile } = settings.targets;
  const noFile = logfile === undefined && debugfile === undefined;
  // With no target at all the lines would be lost in the background: the system's log takes them.
  const facility = settings.targets.facility ?? (noFile ? 'daemon' : undefined);
  if (logfile !== undefined) transports.push(fileTransport(logfile, 'info'));
  if (debugfile !== undefined && debugfile !== logfile) transports.push(fileTransport(debugfile, 'debug'));
  const { syslog } = settings;
  if (facility !== undefined && syslog !== undefined) {
    const send = (record: LogRecord): void => {
      if (!syslog(facility, SYSLOG_SEVERITY[record.level], syslogText(record))) {
        const text = throttle.line('syslog', 'The system log does not take messages.');
        if (text !== undefined) writeStderr(text);
      }
    };
    transports.push(transportOf('info', send));
  }
  if (settings.terminal || transports.length === 0) {
    transports.push(transportOf('info', (record) => writeStderr(classicLine(record, settings.node))));
  }

  const logger = winston.createLogger({
    levels: SYSLOG_SEVERITY,
    level: 'debug',
    exitOnError: false,
    transports,
  });
  logger.on('error', () => undefined);

  let debugLevel = settings.targets.debug;
  const put = (record: LogRecord): void => {
    logger.log({ level: record.level, message: '', record });
  };
  const record = (value: LogRecord): void => {
    if (value.level !== 'debug' || debugLevel > 0) put(value);
  };
  const own = (level: LogLevel, code: string, text: string): LogRecord => ({
    level,
    code,
    text,
    wallMs: Date.now(),
    pid: process.pid,
  });

  return {
    log: (level, code, text) => record(own(level, code, text)),
    record,
    output: (text) => put(own('debug', 'script-output', text)),
    get debugLevel() {
      return debugLevel;
    },
    set debugLevel(level) {
      debugLevel = Math.min(255, Math.max(0, level));
    },
    reopen() {
      for (const sink of sinks) sink.reopen();
    },
    async close() {
      // Transports are fed in the same turn by winston's stream, or in the next one when it was busy.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(sinks.map((sink) => sink.close(CLOSE_DEADLINE_MS)));
    },
  };
}

function writeStderr(text: string): void {
  try {
    process.stderr.write(`${text}\n`);
  } catch {
    // nobody listens there: nothing else can be done with this line
  }
}
