/** What the runner and the director process say to each other, one JSON line each. */
import type { DirectorGlobal, VirtualServer, VirtualServerGroup } from '../../config/virtual-server-types.js';
import type { VrrpMail } from '../../config/vrrp-types.js';
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { LogLevel } from '../../core/effect.js';

/** Everything that the director is told of a configuration. */
export interface DirectorSettings {
  readonly servers: readonly VirtualServer[];
  readonly groups: readonly VirtualServerGroup[];
  readonly routerId: string;
  readonly global: DirectorGlobal;
  readonly mail?: VrrpMail;
  readonly scriptUser?: string;
  readonly scriptGroup?: string;
}

export type ToDirector =
  | { readonly kind: 'configure'; readonly settings: DirectorSettings }
  /** The role that connection synchronisation follows. */
  | { readonly kind: 'role'; readonly role: 'master' | 'backup' }
  | { readonly kind: 'snapshot'; readonly requestId: number }
  /** Ends in good order; the rules go, or stay if the settings say so. */
  | { readonly kind: 'stop' };

export type FromDirector =
  | { readonly kind: 'log'; readonly level: LogLevel; readonly code: string; readonly text: string }
  | { readonly kind: 'snapshot'; readonly requestId: number; readonly snapshot: DirectorSnapshot }
  | { readonly kind: 'stopped' };
