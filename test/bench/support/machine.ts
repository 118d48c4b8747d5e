/** The machine that a bench ran on, in the words that belong under its table. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly loadAtStart: number;
  readonly at: string;
}

function versionOf(name: string): string {
  try {
    // "name<TAB>version".
    const line = execFileSync('dpkg-query', ['-W', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return line.trim().split('\t')[1] ?? 'absent';
  } catch {
    return 'absent';
  }
}

/** What this machine is, now. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    peers: { heartbeat: versionOf('heartbeat'), keepalived: versionOf('keepalived') },
    loadAtStart: loadavg()[0] ?? 0,
    at: new Date().toISOString(),
  };
}
