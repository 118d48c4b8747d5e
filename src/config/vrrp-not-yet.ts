/** What keepalived.conf says and this machine lacks the means for: said at start, never passed over in silence. */
import type { Machine } from './machine-facts.js';
import type { Diagnostic } from './types.js';
import type { VrrpConfig } from './vrrp-types.js';

const NFT: readonly string[] = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft', '/usr/local/sbin/nft'];

/** One warning for each thing that is configured in vain. */
export function vrrpNotYet(config: VrrpConfig, machine: Pick<Machine, 'isExecutable'>): Diagnostic[] {
  const { instances } = config;
  const found: Diagnostic[] = [];
  const say = (line: number, code: string, message: string, hint: string): void => {
    found.push({ file: config.file, line, column: 0, severity: 'warning', code, message, hint });
  };
  const nft = NFT.some((path) => machine.isExecutable(path));
  for (const { name, accept, priority, line } of instances) {
    // The owner of the addresses takes what is sent to them (keepalived.conf(5), no_accept).
    if (accept || priority === 255 || nft) continue;
    const message = `Packets to the addresses of ${name} are taken by this machine although no_accept (or vrrp_strict) forbids it: there is no nft.`;
    say(line, 'nft-absent', message, 'Install the package nftables.');
  }
  return found;
}
