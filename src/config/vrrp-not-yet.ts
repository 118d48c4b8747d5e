/** What keepalived.conf may say and the VRRP daemon does not do: said at start, never passed over in silence. */
import type { Diagnostic } from './types.js';
import type { VrrpConfig } from './vrrp-types.js';

/** One warning for each thing that is configured in vain. */
export function vrrpNotYet(config: VrrpConfig): Diagnostic[] {
  const { instances } = config;
  const found: Diagnostic[] = [];
  const say = (line: number, code: string, message: string, hint: string): void => {
    found.push({ file: config.file, line, column: 0, severity: 'warning', code, message, hint });
  };
  for (const { name, accept, line } of instances) {
    if (accept) continue;
    const message = `Packets to the addresses of ${name} are taken by this machine although no_accept (or vrrp_strict) forbids it.`;
    say(line, 'no-accept-not-done', message, 'Drop them with a packet filter where that matters.');
  }
  return found;
}
