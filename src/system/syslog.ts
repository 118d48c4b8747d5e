/** Lines for the local syslog daemon (RFC 3164 as /dev/log takes it): "<PRI>Nov 21 05:06:58 tag[pid]: text". */
import type { SystemResult } from './libc.js';
import { openUnixDatagramSender } from './unix-datagram.js';

/** syslog(3) facilities by their names in ha.cf's `logfacility`, lower-case. */
export const SYSLOG_FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

export interface Syslog {
  /**
   * Writes one line or drops it at once. `severity` 0 (emerg) to 7 (debug), RFC 5424 6.2.1. Returns 0, or the errno of
   * the local socket.
   */
  write(severity: number, text: string): number;
  /** Idempotent. */
  close(): void;
}

/**
 * `facility` is a name of SYSLOG_FACILITIES; an unknown one counts as "daemon". The daemon behind /dev/log may come and
 * go: a line is lost while it is away.
 */
export function openSyslog(facility: string, tag: string, path = '/dev/log'): SystemResult<Syslog> {
  const sender = openUnixDatagramSender(path);
  if (!sender.ok) return sender;
  const base = (SYSLOG_FACILITIES[facility.toLowerCase()] ?? 3) * 8;
  return {
    ok: true,
    value: {
      write: (severity, text) =>
        sender.value.send(
          Buffer.from(`<${base + severity}>${stamp(new Date())} ${tag}[${process.pid}]: ${text}`),
        ),
      close: () => sender.value.close(),
    },
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3164 4.1.2: local time, the day padded with a blank. */
function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return `${MONTHS[now.getMonth()] ?? 'Jan'} ${String(now.getDate()).padStart(2)} ${time}`;
}
