/** What of a new configuration is different for the parts that outlive a loop process. */
import type { VrrpConfig } from '../../config/vrrp-types.js';
import type { InForce } from './reload.js';
import { withoutDirector } from './virtual-servers.js';

/** Another list of `respawn` clients. */
export function clientsDiffer(before: InForce, next: InForce): boolean {
  const of = ({ config }: InForce): string =>
    JSON.stringify([config.respawn, config.settings.failfastClients, config.settings.dopd]);
  return of(before) !== of(next);
}

/** Anything of VRRP. */
export function vrrpDiffers(before: InForce, next: InForce): boolean {
  return JSON.stringify(before.config.vrrp) !== JSON.stringify(next.config.vrrp);
}

/** Anything of VRRP that the loop has to know; virtual servers alone are none of its business. */
export function loopPartDiffers(before: VrrpConfig, next: VrrpConfig): boolean {
  return JSON.stringify(withoutDirector(before)) !== JSON.stringify(withoutDirector(next));
}

/** The same file without anything in it: what is configured no more leaves in good order. */
export function withoutInstances(config: VrrpConfig): VrrpConfig {
  return {
    ...config,
    instances: [],
    syncGroups: [],
    scripts: [],
    processes: [],
    files: [],
    staticAddresses: [],
    staticRoutes: [],
    staticRules: [],
    virtualServers: [],
  };
}
