/** Where this installation keeps its files (contract.md, executables): flags win over the environment. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Paths {
  /** ha.cf, haresources, authkeys, heartbeat.ini, resource.d */
  readonly configDir: string;
  /** hb_generation, hb_uuid, cores */
  readonly stateDir: string;
  /** control socket; the pid file stands beside it */
  readonly runDir: string;
  /** Of the pid file; absent: "heartbeat". */
  readonly daemonName?: 'keepalived';
  /** Pid file; absent: as pidFilePath says. */
  readonly pidFile?: string;
  /** The program itself: bin, resource.d, dist. */
  readonly programDir: string;
}

export interface PathFlags {
  readonly configDir?: string;
  readonly stateDir?: string;
  readonly runDir?: string;
}

/** The directories in force; relative ones are taken from the working directory. */
export function resolvePaths(flags: PathFlags, environment: NodeJS.ProcessEnv): Paths {
  return {
    configDir: resolve(flags.configDir ?? (environment.HA_DIR || '/etc/ha.d')),
    stateDir: resolve(flags.stateDir ?? (environment.HA_STATE_DIR || '/var/lib/heartbeat')),
    runDir: resolve(flags.runDir ?? (environment.HA_RUN_DIR || '/run/heartbeat')),
    programDir: programDirectory(),
  };
}

/** Where `keepalived` keeps its files: it runs beside a heartbeat without touching any of its. */
export function keepalivedPaths(file: string, environment: NodeJS.ProcessEnv, pidFile?: string): Paths {
  return {
    configDir: dirname(resolve(file)),
    stateDir: resolve(environment.KEEPALIVED_STATE_DIR || '/var/lib/keepalived'),
    runDir: resolve(environment.KEEPALIVED_RUN_DIR || '/run/keepalived'),
    programDir: programDirectory(),
    daemonName: 'keepalived',
    ...(pidFile === undefined ? {} : { pidFile: resolve(pidFile) }),
  };
}

/** The variables that hand these directories on to another process of the program. */
export function pathEnvironment(paths: Paths): Readonly<Record<string, string>> {
  return { HA_DIR: paths.configDir, HA_STATE_DIR: paths.stateDir, HA_RUN_DIR: paths.runDir };
}

/** `RUN_DIR/../heartbeat.pid`, as the original's /run/heartbeat.pid. */
export function pidFilePath(paths: Paths): string {
  return paths.pidFile ?? join(dirname(paths.runDir), `${paths.daemonName ?? 'heartbeat'}.pid`);
}

export function controlSocketPath(paths: Paths): string {
  return join(paths.runDir, 'control.sock');
}

/** The original's socket for its API clients. */
export function apiSocketPath(paths: Paths): string {
  return join(paths.runDir, 'register');
}

/** Where scripts of the original write what they have to say. */
export function fifoPath(paths: Paths): string {
  return join(paths.stateDir, 'fifo');
}

/** A compiled file of this program, e.g. `daemon/loop/main.js`. */
export function compiledFile(...path: readonly string[]): string {
  return join(sourceDirectory(), ...path);
}

function sourceDirectory(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

function programDirectory(): string {
  let folder = sourceDirectory();
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) return sourceDirectory();
    folder = parent;
  }
  return folder;
}
