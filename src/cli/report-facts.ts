/** Facts of the machine for a report: nothing of other programs, no environment. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, cpus, freemem, loadavg, networkInterfaces, release, totalmem, uptime, version } from 'node:os';
import { join } from 'node:path';
import type { Paths } from '../daemon/paths.js';
import { readDaemonState } from '../daemon/runner/pid-file.js';
import { programVersion } from '../daemon/runner/version.js';

const COMMAND_LIMIT_MS = 5000;
const OUTPUT_MAX_BYTES = 8 * 1024 * 1024;
const SETTINGS = [
  'net/ipv4/ip_forward',
  'net/ipv4/ip_nonlocal_bind',
  'kernel/sched_rt_runtime_us',
  'kernel/panic',
];

/** One JSON object. */
export function systemFacts(paths: Paths): Record<string, unknown> {
  const state = readDaemonState(paths);
  const pid = state.kind === 'running' ? state.pid : undefined;
  const { bavail, blocks, bsize } = attempt(() => statfsSync(paths.stateDir)) ?? {};
  return {
    takenAt: new Date().toISOString(),
    heartbeat: programVersion(paths),
    daemon: state.kind,
    node: process.versions,
    kernel: { release: release(), version: version(), arch: arch() },
    system: readIf('/etc/os-release'),
    uptimeS: Math.round(uptime()),
    loadAverage: loadavg(),
    processors: cpus().map(({ model }) => model),
    memoryBytes: { total: totalmem(), free: freemem() },
    interfaces: networkInterfaces(),
    settings: Object.fromEntries(SETTINGS.map((name) => [name, readIf(`/proc/sys/${name}`)?.trim()])),
    stateFolder: listing(paths.stateDir),
    stateFileSystem: { freeBlocks: bavail, blocks, blockBytes: bsize },
    configFolder: listing(paths.configDir),
    resourceScripts: listing(join(paths.configDir, 'resource.d')),
    ownLimits: readIf('/proc/self/limits'),
    ...(pid === undefined
      ? {}
      : { daemonStatus: readIf(`/proc/${pid}/status`), daemonLimits: readIf(`/proc/${pid}/limits`) }),
  };
}

/** What a program prints, or undefined where it is absent or fails. */
export function printed(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: COMMAND_LIMIT_MS,
    maxBuffer: OUTPUT_MAX_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 && stdout !== '' ? stdout : undefined;
}

function listing(folder: string): readonly string[] {
  return (attempt(() => readdirSync(folder)) ?? []).sort().map((name) => {
    const found = attempt(() => statSync(join(folder, name)));
    if (found === undefined) return name;
    const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
    return `${mode} ${found.uid}:${found.gid} ${found.size} ${new Date(found.mtimeMs).toISOString()} ${name}`;
  });
}

function readIf(path: string): string | undefined {
  return attempt(() => readFileSync(path, 'utf8'));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
