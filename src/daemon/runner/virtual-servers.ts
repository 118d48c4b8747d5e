/**
 * Virtual servers are no business of the loop: thousands of them in its boot message would cost it milliseconds, and again
 * in every picture that the flight recorder takes of its state. It gets the configuration without them, and a runner that
 * takes the place of another finds them in a file of the run directory.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterConfig } from '../../config/types.js';
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { LogLevel } from '../../core/effect.js';
import type { Paths } from '../paths.js';
import type { LoadConfiguration } from './configuration.js';
import { fileSentence, replaceFile } from './state-files.js';

/** What of a configuration only the director needs. */
export type DirectorPart = Pick<VrrpConfig, 'virtualServers' | 'virtualServerGroups' | 'director'>;

/** What the loop gets to know of keepalived.conf. */
export function withoutDirector(vrrp: VrrpConfig): VrrpConfig {
  const { virtualServerGroups: _groups, director: _director, ...rest } = vrrp;
  return { ...rest, virtualServers: [] };
}

/** The whole configuration as the loop gets it. */
export function configForLoop(config: ClusterConfig): ClusterConfig {
  return config.vrrp === undefined ? config : { ...config, vrrp: withoutDirector(config.vrrp) };
}

function pathOf(paths: Paths): string {
  return join(paths.runDir, 'virtual-servers.json');
}

/** Keeps them for the next runner; undefined removes what was kept. Returns what went wrong, a sentence. */
export function keepDirectorPart(paths: Paths, vrrp: VrrpConfig | undefined): string | undefined {
  const path = pathOf(paths);
  try {
    if (vrrp === undefined) rmSync(path, { force: true });
    else replaceFile(path, JSON.stringify(partOf(vrrp)));
    return undefined;
  } catch (error) {
    return fileSentence('write', path, error);
  }
}

function partOf({ virtualServers, virtualServerGroups, director }: VrrpConfig): DirectorPart {
  return {
    virtualServers,
    ...(virtualServerGroups === undefined ? {} : { virtualServerGroups }),
    ...(director === undefined ? {} : { director }),
  };
}

/** What the former runner kept; undefined: there is no such file, or it cannot be read. */
function keptPart(paths: Paths): DirectorPart | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(pathOf(paths), 'utf8'));
    return isPart(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isPart(value: unknown): value is DirectorPart {
  return (
    typeof value === 'object' &&
    value !== null &&
    'virtualServers' in value &&
    Array.isArray(value.virtualServers)
  );
}

/**
 * The configuration of the former runner, from what the loop was told and what was kept. `load` reads the files as they
 * stand now, for the case that what was kept is lost; `log` gets the sentence about that.
 */
export async function recalledConfig(
  config: ClusterConfig,
  paths: Paths,
  load: LoadConfiguration,
  log: (level: LogLevel, code: string, text: string) => void,
): Promise<ClusterConfig> {
  const { vrrp } = config;
  const say = (sentence: string): void => log('error', 'director-lost', sentence);
  // A loop of an older version was told everything.
  if (vrrp === undefined || vrrp.virtualServers.length > 0) return config;
  const kept = keptPart(paths);
  if (kept !== undefined) return { ...config, vrrp: { ...vrrp, ...kept } };
  const loaded = await load(paths.configDir);
  const now = loaded.ok ? loaded.config.vrrp : undefined;
  if (now === undefined) {
    say(
      `${pathOf(paths)} is lost and ${vrrp.file} has errors: the virtual servers stay as they are, unwatched, until it is corrected and reloaded.`,
    );
    return config;
  }
  const part = partOf(now);
  if (part.virtualServers.length > 0)
    say(`${pathOf(paths)} is lost: the virtual servers are those that ${vrrp.file} names now.`);
  return { ...config, vrrp: { ...vrrp, ...part } };
}
