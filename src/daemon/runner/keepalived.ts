/** The same daemon with VRRP alone: what is different from heartbeat's when `bin/keepalived` starts it. */
import type { AuthKeys } from '../../config/types.js';
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { LoadConfiguration } from './configuration.js';
import { withoutInstances } from './differences.js';

export interface KeepalivedOptions {
  /** Configuration file, absolute. */
  readonly file: string;
  /** `-l`: log to the terminal instead of syslog. */
  readonly logToConsole: boolean;
  /** `-D`: detailed log messages. */
  readonly detailed: boolean;
  /** `-P` or `-C`: one of the two alone; absent: both. */
  readonly part?: 'vrrp' | 'checkers';
  /** `-i`: what "@ID" lines of the file are compared with; absent: the host name. */
  readonly configId?: string;
  /** `-p`: pid file; absent: /run/keepalived.pid. */
  readonly pidFile?: string;
  /** `-S`, 0..7: syslog facility local0..local7; absent: daemon. */
  readonly facility?: number;
}

/** Nothing is ever signed without nodes; a key has to be there all the same. */
const NO_KEYS: AuthKeys = { activeIndex: 0, keys: [{ index: 0, method: 'crc', key: '' }] };

/** Reads keepalived.conf in place of heartbeat's four files. */
export function keepalivedLoader(options: KeepalivedOptions): LoadConfiguration {
  return async () => {
    const { loadKeepalived } = await import('../../config/keepalived/load.js');
    const { vrrpOnlyConfig } = await import('../../config/vrrp-only.js');
    const { realMachine } = await import('../../config/machine.js');
    const machine = await realMachine({
      names: [],
      readText: () => undefined,
      hasResourceScript: () => undefined,
    });
    const { config: whole, diagnostics } = loadKeepalived(options.file, machine, options.configId);
    if (whole === undefined) return { ok: false, diagnostics };
    const vrrp = partOf(whole, options.part);
    const debug = options.detailed ? 1 : 0;
    const config = vrrpOnlyConfig(vrrp, machine.hostname, {
      debug,
      ...(options.logToConsole
        ? {}
        : { facility: options.facility === undefined ? 'daemon' : `local${options.facility}` }),
    });
    const { vrrpNotYet } = await import('../../config/vrrp-not-yet.js');
    return {
      ok: true,
      config,
      authKeys: NO_KEYS,
      diagnostics: [...diagnostics, ...vrrpNotYet(vrrp, machine)],
    };
  };
}

/** Without the part that was not asked for. */
function partOf(config: VrrpConfig, part: KeepalivedOptions['part']): VrrpConfig {
  if (part === 'vrrp') {
    const { director: _director, virtualServerGroups: _groups, ...rest } = config;
    return { ...rest, virtualServers: [] };
  }
  return part === 'checkers'
    ? { ...withoutInstances(config), virtualServers: config.virtualServers }
    : config;
}

/** How a runner that takes the place of a dead one learns that it is keepalived's: through its environment. */
export function keepalivedEnvironment(options: KeepalivedOptions): Readonly<Record<string, string>> {
  return { KEEPALIVED_OPTIONS: JSON.stringify(options) };
}

/** The options as a former runner left them in the environment; undefined: this is heartbeat's. */
export function keepalivedFromEnvironment(environment: NodeJS.ProcessEnv): KeepalivedOptions | undefined {
  const text = environment.KEEPALIVED_OPTIONS;
  return text === undefined ? undefined : (JSON.parse(text) as KeepalivedOptions);
}
