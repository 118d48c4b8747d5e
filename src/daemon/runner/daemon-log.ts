/** Opens the daemon's log as the configuration wants it. */
import type { ClusterConfig } from '../../config/types.js';
import { createDaemonLog, type DaemonLog, type SyslogSender } from '../../log/logger.js';
import type { KeepalivedOptions } from './keepalived.js';

/** `terminal`: show the log on standard error as well, if that is a terminal. */
export async function openDaemonLog(
  config: ClusterConfig,
  terminal: boolean,
  keepalived?: KeepalivedOptions,
): Promise<DaemonLog> {
  return await createDaemonLog({
    node: config.self,
    targets: config.log,
    format: config.settings.logFormat,
    terminal: keepalived?.logToConsole ?? (terminal && process.stderr.isTTY),
    syslog: await syslogSender(keepalived === undefined ? 'heartbeat' : 'Keepalived_vrrp'),
  });
}

/** Sends through /dev/log; each facility has its own socket. */
export async function syslogSender(tag: string): Promise<SyslogSender> {
  const { openSyslog } = await import('../../system/syslog.js');
  const open = new Map<string, ReturnType<typeof openSyslog>>();
  return (facility, severity, text) => {
    const known = open.get(facility);
    const syslog = known ?? openSyslog(facility, tag);
    if (known === undefined) open.set(facility, syslog);
    return syslog.ok && syslog.value.write(severity, text) === 0;
  };
}
