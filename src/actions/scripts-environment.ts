/**
 * The environment of resource scripts (heartbeat-admin.md 4.2): a fixed whitelist, our configuration, and what the
 * operation brings along. Nothing that came in a packet, and nothing else of the daemon's own environment.
 */
import { join } from 'node:path';
import type { ClusterConfig } from '../config/types.js';

export interface ScriptEnvironmentPaths {
  readonly configDir: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly programDir: string;
}

const INHERITED = ['HOME', 'TZ', 'USER', 'LOGNAME', 'SHELL'] as const;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** All variables of a script run, the operation's own ones last. */
export function scriptEnvironment(
  config: ClusterConfig,
  paths: ScriptEnvironmentPaths,
  inherited: NodeJS.ProcessEnv,
  operation: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = inherited[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [directive, value] of Object.entries(config.parameters)) {
    const name = `HA_${directive}`;
    if (VARIABLE_NAME.test(name) && !value.includes('\0')) environment[name] = value;
  }
  for (const [name, value] of Object.entries(config.environment ?? {})) {
    if (!VARIABLE_NAME.test(name) || value.includes('\0')) continue;
    // Scripts get it with the prefix (heartbeat-admin.md 4.2), clients without.
    environment[name] = value;
    environment[`HA_${name}`] = value;
  }
  const resourceDir = join(paths.configDir, 'resource.d');
  Object.assign(environment, {
    PATH: `${join(paths.programDir, 'bin')}:${SYSTEM_PATH}`,
    LC_ALL: 'C',
    HA_DIR: paths.configDir,
    HA_RCDIR: join(paths.configDir, 'rc.d'),
    HA_RESOURCEDIR: resourceDir,
    HA_FUNCS: join(paths.configDir, 'shellfuncs'),
    HA_BIN: join(paths.programDir, 'bin'),
    HA_STATE_DIR: paths.stateDir,
    HA_RUN_DIR: paths.runDir,
    OCF_ROOT: '/usr/lib/ocf',
    OCF_AGENTS: '/usr/lib/ocf/resource.d/heartbeat/',
    HA_CURHOST: config.self,
    HA_DATEFMT: '%Y/%m/%d_%T\t',
    HA_LOGD: 'no',
    HA_debug: String(config.log.debug),
    HA_NICEFAILBACK: config.autoFailback === 'legacy' ? 'no' : 'yes',
  });
  const { logfile, debugfile, facility } = config.log;
  if (logfile !== undefined) environment.HA_LOGFILE = logfile;
  if (debugfile !== undefined) environment.HA_DEBUGLOG = debugfile;
  if (facility !== undefined) environment.HA_LOGFACILITY = facility;
  for (const [name, value] of Object.entries(operation)) {
    if (VARIABLE_NAME.test(name) && !value.includes('\0')) environment[name] = value;
  }
  return environment;
}
