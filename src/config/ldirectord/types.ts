/** What an ldirectord.cf says, in the types of the director. */
import type { VirtualServer } from '../virtual-server-types.js';
import type { VrrpMail } from '../vrrp-types.js';

export interface LdirectordConfig {
  readonly servers: readonly VirtualServer[];
  /** cleanstop = no: the rules stay when the director stops. */
  readonly keepOnStop: boolean;
  readonly mail?: VrrpMail;
  /** File that the log goes to; absent: syslog. */
  readonly logfile?: string;
}
