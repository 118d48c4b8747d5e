/** One log line as text. The classic form is the original's (heartbeat-admin.md 10). */
import type { LogLevel } from '../core/effect.js';

export interface LogRecord {
  readonly level: LogLevel;
  /** Stable kebab-case. */
  readonly code: string;
  readonly text: string;
  /** Unix time in ms. */
  readonly wallMs: number;
  /** Process that said it. */
  readonly pid: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const CLASSIC_WORD: Readonly<Record<LogLevel, string>> = {
  debug: 'debug',
  info: 'info',
  notice: 'notice',
  warn: 'WARN',
  error: 'ERROR',
  crit: 'CRIT',
};

/** `LEVEL: TEXT`: the message for syslog, which puts time, node, name and pid before it by itself. */
export function syslogText(record: LogRecord): string {
  return `${CLASSIC_WORD[record.level]}: ${oneLine(record.text)}`;
}

/** `Nov 21 02:03:15 node1 heartbeat: [13]: info: TEXT`, in local time, without newline. */
export function classicLine(record: LogRecord, node: string): string {
  return `${classicTime(new Date(record.wallMs))} ${node} heartbeat: [${record.pid}]: ${syslogText(record)}`;
}

/** One JSON object with the same content and ISO time, without newline. */
export function jsonLine(record: LogRecord, node: string): string {
  return JSON.stringify({
    time: new Date(record.wallMs).toISOString(),
    node,
    pid: record.pid,
    level: record.level,
    code: record.code,
    text: record.text,
  });
}

/** `Nov 21 02:03:15`, local time. */
export function classicTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = String(time.getDate()).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${MONTHS[time.getMonth()] ?? ''} ${day} ${clock}`;
}

/** Control characters would forge lines or drive a terminal: each becomes a blank; tab stays. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' ');
}
