/**
 * The kernel's table of virtual servers, through the program ipvsadm (ipvsadm(8)): rules are read in its saving form and
 * set in its restoring form, one batch on standard input. Everything runs with a deadline; nothing here decides.
 */
import type { SyncDaemon } from '../config/virtual-server-types.js';
import { runScript, type ScriptEnd } from './scripts-process.js';

const DEADLINE_MS = 30_000;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export type IpvsResult =
  | { readonly ok: true; readonly text: string }
  /** `absent`: the program or IP_VS in the kernel is not there. `reason`: a clause. */
  | { readonly ok: false; readonly absent: boolean; readonly reason: string };

export interface Ipvsadm {
  /** `ipvsadm -S -n`: the rules. */
  read(): Promise<IpvsResult>;
  /** `ipvsadm -L -n`: with the counters. */
  list(): Promise<IpvsResult>;
  /** `ipvsadm -R`: all lines in one batch. */
  apply(lines: readonly string[]): Promise<IpvsResult>;
  /** `ipvsadm -C` */
  clear(): Promise<IpvsResult>;
  /** `ipvsadm --set`; 0: as it is. */
  setTimeouts(timeoutsS: {
    readonly tcp: number;
    readonly tcpFin: number;
    readonly udp: number;
  }): Promise<IpvsResult>;
  startSync(role: 'master' | 'backup', sync: SyncDaemon): Promise<IpvsResult>;
  /** That none runs is a failure of the program, and none of the caller's. */
  stopSync(role: 'master' | 'backup'): Promise<IpvsResult>;
}

export function createIpvsadm(path = process.env.PATH ?? SYSTEM_PATH): Ipvsadm {
  const run = async (args: readonly string[], input?: string): Promise<IpvsResult> => {
    const outcome = await runScript({
      path: 'ipvsadm',
      args,
      environment: { PATH: path, LANG: 'C' },
      workingDirectory: '/',
      deadlineMs: DEADLINE_MS,
      ...(input === undefined ? {} : { input }),
    });
    // The whole table may be larger than what is kept of a script's output: it is read from the capture itself.
    const text = outcome.captures[0]?.text(TABLE_MAX_BYTES).text ?? outcome.stdout;
    for (const capture of outcome.captures) capture.close();
    const { end } = outcome;
    if (end.kind === 'exit' && end.code === 0) return { ok: true, text };
    return failure(end, outcome.stderr);
  };
  return {
    read: () => run(['-S', '-n']),
    list: () => run(['-L', '-n']),
    apply: (lines) => run(['-R'], `${lines.join('\n')}\n`),
    clear: () => run(['-C']),
    setTimeouts: ({ tcp, tcpFin, udp }) => run(['--set', String(tcp), String(tcpFin), String(udp)]),
    startSync: (role, sync) => run(['--start-daemon', role, ...syncOptions(sync)]),
    stopSync: (role) => run(['--stop-daemon', role]),
  };
}

const TABLE_MAX_BYTES = 16 * 1024 * 1024;

function syncOptions(sync: SyncDaemon): string[] {
  const options: [string, string | number | undefined][] = [
    ['--mcast-interface', sync.interface],
    ['--syncid', sync.syncId],
    ['--sync-maxlen', sync.maxLengthBytes],
    ['--mcast-group', sync.group],
    ['--mcast-port', sync.port],
    ['--mcast-ttl', sync.ttl],
  ];
  return options.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

function failure(end: ScriptEnd, stderr: string): IpvsResult {
  const said = stderr.trim().replace(/\s+/g, ' ').slice(0, 300);
  if (end.kind === 'notStarted') {
    const isMissing = end.reason.includes('ENOENT');
    const reason = isMissing ? 'the program ipvsadm is not installed (package ipvsadm)' : end.reason;
    return { ok: false, absent: true, reason };
  }
  if (/can't initialize ipvs/i.test(said)) {
    return { ok: false, absent: true, reason: 'the kernel has no IP_VS (module ip_vs)' };
  }
  if (end.kind === 'exit') {
    return { ok: false, absent: false, reason: `ipvsadm ended with exit status ${end.code}: ${said}` };
  }
  return { ok: false, absent: false, reason: `ipvsadm did not end within ${DEADLINE_MS / 1000} s` };
}
