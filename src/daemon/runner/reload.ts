/** SIGHUP: what changed since the files were read, and what is done about it (heartbeat-admin.md 5.6). */
import type { AuthKeys, ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import { diagnosticLine, type FileMarks, fileMarks, type LoadConfiguration } from './configuration.js';

export interface InForce {
  readonly config: ClusterConfig;
  readonly authKeys: AuthKeys;
  readonly marks: FileMarks;
}

export type ReloadOutcome =
  | { readonly kind: 'nothing' }
  /** Only the keys (or only haresources, which waits for the next start) are different. */
  | { readonly kind: 'keys'; readonly next: InForce }
  /** Nothing but keepalived.conf is different: the running loop takes it over without a restart. */
  | { readonly kind: 'vrrp'; readonly next: InForce }
  | { readonly kind: 'restart'; readonly next: InForce }
  | { readonly kind: 'refused' };

/**
 * Reads the files again and says what is to be done; everything worth knowing is logged. The groups of a running
 * daemon stay as they are: taking one out of haresources must not leave it running without an owner.
 * `force`: restart even if nothing changed.
 */
export async function reload(
  current: InForce,
  configDir: string,
  load: LoadConfiguration,
  log: (level: LogLevel, code: string, text: string) => void,
  force = false,
): Promise<ReloadOutcome> {
  const marks = fileMarks(configDir);
  const changed = (name: keyof FileMarks): boolean => marks[name] !== current.marks[name];
  if (changed('haresources')) {
    log(
      'warn',
      'haresources-changed',
      'haresources was changed: that takes effect when heartbeat is stopped and started.',
    );
  }
  const configChanged = force || changed('ha.cf') || changed('heartbeat.ini');
  const classic = configChanged || changed('authkeys');
  if (!classic && current.config.vrrp === undefined) {
    log('info', 'configuration-unchanged', 'Configuration unchanged.');
    return { kind: 'nothing' };
  }
  const loaded = await load(configDir);
  if (!loaded.ok) {
    for (const diagnostic of loaded.diagnostics) {
      if (diagnostic.severity === 'error') log('error', diagnostic.code, diagnosticLine(diagnostic));
    }
    log('error', 'reload-refused', `Config errors: Heartbeat pid ${process.pid} NOT restarted`);
    return { kind: 'refused' };
  }
  const vrrpChanged = JSON.stringify(loaded.config.vrrp) !== JSON.stringify(current.config.vrrp);
  if (!classic) {
    if (!vrrpChanged) {
      log('info', 'configuration-unchanged', 'Configuration unchanged.');
      return { kind: 'nothing' };
    }
    const { vrrp: _before, ...rest } = current.config;
    const config = { ...rest, ...vrrpOf(loaded.config) };
    return { kind: 'vrrp', next: { config, authKeys: current.authKeys, marks } };
  }
  if (changed('authkeys')) log('info', 'authkeys-reread', 'Rereading authentication file.');
  if (!configChanged) {
    return { kind: 'keys', next: { config: current.config, authKeys: loaded.authKeys, marks } };
  }
  if (loaded.config.self !== current.config.self) {
    log(
      'error',
      'reload-refused',
      `The node's name became ${loaded.config.self}: stop and start heartbeat for that.`,
    );
    return { kind: 'refused' };
  }
  log('info', 'restarting', 'Restarting heartbeat.');
  const config = { ...loaded.config, groups: current.config.groups };
  return { kind: 'restart', next: { config, authKeys: loaded.authKeys, marks } };
}

function vrrpOf({ vrrp }: ClusterConfig): Pick<ClusterConfig, 'vrrp'> {
  return vrrp === undefined ? {} : { vrrp };
}
