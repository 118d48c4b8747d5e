/** What the VRRP part of the core asks for. One case each in the daemon's VRRP executor. */
import type {
  VrrpAddress,
  VrrpCommand,
  VrrpRoute,
  VrrpScript,
  VrrpTrackFile,
  VrrpTrackProcess,
} from '../../config/vrrp-types.js';

/** Everything that an instance owns while it is master. */
export interface VrrpBelongings {
  readonly addresses: readonly VrrpAddress[];
  readonly routes: readonly VrrpRoute[];
  readonly rules: readonly VrrpRoute[];
}

export type VrrpCheck =
  | { readonly kind: 'script'; readonly script: VrrpScript }
  | { readonly kind: 'process'; readonly process: VrrpTrackProcess }
  | { readonly kind: 'file'; readonly file: VrrpTrackFile };

/** The last two only go to named pipes, with vrrp_notify_priority_changes. */
export type VrrpStateWord =
  | 'MASTER'
  | 'BACKUP'
  | 'FAULT'
  | 'STOP'
  | 'DELETED'
  | 'MASTER_RX_LOWER_PRI'
  | 'MASTER_PRIORITY'
  | 'BACKUP_PRIORITY';

export type VrrpEffect =
  /** One advertisement of this instance with this priority, to its group or to each of its peers. */
  | { readonly kind: 'advert'; readonly instance: string; readonly priority: number }
  /** Set in this very turn, in one batch; what is there already stays. */
  | { readonly kind: 'vrrpSet'; readonly instance: string; readonly belongings: VrrpBelongings }
  /** Removed in this very turn; what is absent counts as removed. */
  | { readonly kind: 'vrrpRemove'; readonly instance: string; readonly belongings: VrrpBelongings }
  /** Each address `repeat` times, at once. */
  | {
      readonly kind: 'vrrpAnnounce';
      readonly instance: string;
      readonly addresses: readonly VrrpAddress[];
      readonly repeat: number;
    }
  /** For the runner's queue: in order, one at a time. */
  | {
      readonly kind: 'vrrpNotify';
      readonly scope: 'INSTANCE' | 'GROUP';
      readonly name: string;
      readonly state: VrrpStateWord;
      readonly priority: number;
      readonly commands: readonly VrrpCommand[];
      readonly mail: boolean;
    }
  /** Comes back as `vrrpCheckDone`, at the latest a few seconds after the check's own timeout. */
  | { readonly kind: 'vrrpCheck'; readonly name: string; readonly check: VrrpCheck };
