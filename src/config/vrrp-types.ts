/**
 * The typed form of keepalived.conf (vrrp-lvs.md section 3): frozen, every default filled in, so that nobody behind the
 * parser looks at global_defs for the value of an instance. Times in ms (fractions allowed where the file takes them).
 */
import type { AddressSpec } from './types.js';
import type { DirectorGlobal, VirtualServer, VirtualServerGroup } from './virtual-server-types.js';

/** A program and its arguments, started without a shell. */
export interface VrrpCommand {
  /** At least one word; the first is the program. */
  readonly words: readonly string[];
  /** Account to run as; absent: that of `script_user`, or of the daemon. */
  readonly user?: string;
  readonly group?: string;
}

/** What is run when an instance or group has changed its state. Absent: nothing. */
export interface VrrpNotify {
  readonly master?: VrrpCommand;
  readonly backup?: VrrpCommand;
  readonly fault?: VrrpCommand;
  readonly stop?: VrrpCommand;
  readonly deleted?: VrrpCommand;
  /** notify_master_rx_lower_pri */
  readonly masterHeardLower?: VrrpCommand;
  /** `notify`: run after the one of the state, with four more arguments: INSTANCE|GROUP, name, state, priority. */
  readonly any?: VrrpCommand;
  /** Whether a mail is sent at each change. */
  readonly mail: boolean;
}

/** A floating address with everything that `ip address add` is told. Prefix and device are always filled in. */
export interface VrrpAddress extends AddressSpec {
  readonly prefixLength: number;
  /** Interface that gets it: the one written, or that of the instance. A VMAC interface is put in by the program. */
  readonly device: string;
  /** True when `device` was not written: with use_vmac the address then goes on the VMAC interface. */
  readonly onInstanceInterface: boolean;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  /** Other end of a point-to-point address. */
  readonly peer?: string;
  readonly noPrefixRoute?: boolean;
  /** 0: deprecated at once; absent: for ever. */
  readonly preferredLifetimeS?: number;
  /** False with no_track: losing its interface is no fault. */
  readonly tracked: boolean;
}

/** One virtual or static route or rule: the words as `ip route add` or `ip rule add` takes them. */
export interface VrrpRoute {
  readonly words: readonly string[];
  readonly family: 4 | 6;
  readonly line: number;
}

/** One entry of a track_* block. */
export interface VrrpTrack {
  readonly name: string;
  /** -253..253; 0: a failure is a fault. */
  readonly weight: number;
  /** The weight counts when the other is true. */
  readonly reverse: boolean;
}

export interface VrrpTracking {
  readonly interfaces: readonly VrrpTrack[];
  readonly scripts: readonly VrrpTrack[];
  readonly processes: readonly VrrpTrack[];
  readonly files: readonly VrrpTrack[];
}

/** Gratuitous ARP and neighbour advertisements (vrrp-lvs.md 2.8). */
export interface VrrpAnnouncing {
  /** How often at once after becoming master; 1 with vrrp_min_garp. */
  readonly masterRepeat: number;
  /** From becoming master to the second burst; 0: there is none. */
  readonly masterDelayMs: number;
  /** 0: never again. */
  readonly refreshMs: number;
  readonly refreshRepeat: number;
  readonly lowerPriorityDelayMs: number;
  readonly lowerPriorityRepeat: number;
  /** Pause between two ARP frames on one interface; 0: none. */
  readonly arpIntervalMs: number;
  /** Pause between two neighbour advertisements on one interface; 0: none. */
  readonly advertisementIntervalMs: number;
  /**
   * garp_extra_if: so often the first address on each interface that is not the instance's own is announced; 0: never.
   * Without `extraEverywhere` on interfaces of virtual MAC addresses alone.
   */
  readonly extraMs: number;
  readonly extraEverywhere: boolean;
}

export interface VrrpUnicastPeer {
  readonly address: string;
  /** 0..255 */
  readonly minTtl: number;
  readonly maxTtl: number;
}

export type VrrpTransport =
  | {
      readonly kind: 'multicast';
      readonly group: string;
      /** mcast_src_ip; absent: the interface's first own address (IPv6: link-local). */
      readonly source?: string;
    }
  | {
      readonly kind: 'unicast';
      /** Empty with unicast_fault_no_peer alone: the instance is in fault. */
      readonly peers: readonly VrrpUnicastPeer[];
      readonly source?: string;
      /** 1..255 */
      readonly ttl: number;
      /** Drop what does not come from a peer of the list. */
      readonly checkSource: boolean;
    };

export interface VrrpVmac {
  /** Name of the macvlan interface, at most 15 characters. */
  readonly device: string;
  /** "00:00:5e:00:01:33" */
  readonly mac: string;
  /** Adverts leave from the interface below, not from the macvlan. */
  readonly sendFromBase: boolean;
}

/** `password` goes in clear over the wire (8 bytes), and is still never logged or shown. latin1, 1..8 characters. */
export type VrrpAuthentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly password: string };

export interface VrrpInstance {
  readonly name: string;
  /** `state MASTER`. Unlike what it seems to say, only an address owner (priority 255) begins as master. */
  readonly initialState: 'master' | 'backup';
  readonly interface: string;
  readonly family: 4 | 6;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** 1..255; 255: address owner. */
  readonly priority: number;
  readonly version: 2 | 3;
  /** Version 2: whole seconds 1000..255000. Version 3: multiples of 10, 10..40950. */
  readonly advertIntervalMs: number;
  readonly authentication: VrrpAuthentication;
  readonly transport: VrrpTransport;
  readonly vmac?: VrrpVmac;
  /** Advertised, in this order. */
  readonly addresses: readonly VrrpAddress[];
  /** Set with the others but not advertised; may be of the other family. */
  readonly excludedAddresses: readonly VrrpAddress[];
  readonly routes: readonly VrrpRoute[];
  readonly rules: readonly VrrpRoute[];
  /** False with nopreempt. */
  readonly preempt: boolean;
  /** 0..1000000 */
  readonly preemptDelayMs: number;
  /** From the start of the daemon until the instance takes part. */
  readonly startupDelayMs: number;
  readonly announcing: VrrpAnnouncing;
  /** A master that hears a lower priority keeps still instead of answering with an advert. */
  readonly lowerPriorityNoAdvert: boolean;
  /** A master that yields to a higher priority sends one last advert. */
  readonly higherPrioritySendAdvert: boolean;
  /** 1..100: so many intervals of silence end a master. */
  readonly downTimerAdverts: number;
  /** Addresses of an advert are only compared when its sender is another than that of the last. */
  readonly skipAddressCheck: boolean;
  readonly strict: boolean;
  /** False: packets to the addresses are not for this host (no_accept, or strict). */
  readonly accept: boolean;
  /** track_src_ip: a source address that was written and is not on the interface is a fault. */
  readonly trackSource: boolean;
  /** False with dont_track_primary: the own interface going down is no fault. */
  readonly trackPrimary: boolean;
  readonly tracking: VrrpTracking;
  readonly notify: VrrpNotify;
  /** 1-based line of the block in its file. */
  readonly line: number;
}

export interface VrrpSyncGroup {
  readonly name: string;
  /** Names of instances, in order. */
  readonly members: readonly string[];
  readonly tracking: VrrpTracking;
  /** Members keep their own weights (sync_group_tracking_weight). */
  readonly trackingWeight: boolean;
  readonly notify: VrrpNotify;
  readonly line: number;
}

/** vrrp_script: exit status 0 is success. */
export interface VrrpScript {
  readonly name: string;
  readonly command: VrrpCommand;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Weight of those track_script entries that name none. */
  readonly weight: number;
  readonly reverse: boolean;
  /** Successes in a row until it counts as good, >= 1. */
  readonly rise: number;
  /** Failures in a row until it counts as bad, >= 1. */
  readonly fall: number;
  /** Counts as bad until the first success. */
  readonly initFail: boolean;
  readonly line: number;
}

/** vrrp_track_process: good while at least `quorum` (and at most `quorumMax`) such processes run. */
export interface VrrpTrackProcess {
  readonly name: string;
  /** Program name or path; with `fullCommand` followed by its arguments. */
  readonly words: readonly string[];
  readonly fullCommand: boolean;
  readonly parameterMatch: 'none' | 'exact' | 'initial' | 'partial';
  readonly weight: number;
  readonly reverse: boolean;
  readonly quorum: number;
  /** Absent: no upper bound. */
  readonly quorumMax?: number;
  /** How long a change must last before it counts. */
  readonly forkDelayMs: number;
  readonly terminateDelayMs: number;
  readonly line: number;
}

/** vrrp_track_file: the number in the file, times the weight, is added to the priority. */
export interface VrrpTrackFile {
  readonly name: string;
  readonly path: string;
  readonly weight: number;
  readonly reverse: boolean;
  readonly line: number;
}

export interface VrrpMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly server: string;
  /** 1..65535 */
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly heloName: string;
}

/** A named pipe that gets a line for each change. */
export interface VrrpFifo {
  readonly path: string;
  /** Account that it belongs to; absent: that of the daemon. */
  readonly user?: string;
  readonly group?: string;
}

export interface VrrpGlobal {
  readonly routerId: string;
  /** Absent: no mail is ever sent (no recipient or no server). */
  readonly mail?: VrrpMail;
  /** no_email_faults: none on entering FAULT. */
  readonly mailFaults: boolean;
  /** Account of scripts that name none; absent: that of the daemon. */
  readonly scriptUser?: string;
  readonly scriptGroup?: string;
  /** enable_script_security: no script that somebody other than root could replace is run as root. */
  readonly scriptSecurity: boolean;
  readonly logUnknownVrids: boolean;
  /** Interfaces may appear after the start. */
  readonly dynamicInterfaces: boolean;
  readonly notifyFifo?: VrrpFifo;
  /** Reads it: started with the path as its last argument. */
  readonly notifyFifoScript?: VrrpCommand;
  readonly vrrpNotifyFifo?: VrrpFifo;
  readonly vrrpNotifyFifoScript?: VrrpCommand;
  readonly notifyPriorityChanges: boolean;
  /** fifo_write_vrrp_states_on_reload: after a reload the named pipes get the present states; absent: no. */
  readonly fifoStatesOnReload?: boolean;
  readonly startupScript?: VrrpCommand;
  readonly startupScriptTimeoutMs: number;
  readonly shutdownScript?: VrrpCommand;
  readonly shutdownScriptTimeoutMs: number;
  /** `nftables NAME`: table of the packet filter of no_accept; absent: keepalived. */
  readonly nftTable?: string;
  /** Of its chains; absent: -1. */
  readonly nftPriority?: number;
  /** Its rules count packets. */
  readonly nftCounters?: boolean;
}

/** Everything that keepalived.conf says, checked. */
export interface VrrpConfig {
  /** The file it came from. */
  readonly file: string;
  readonly global: VrrpGlobal;
  readonly instances: readonly VrrpInstance[];
  readonly syncGroups: readonly VrrpSyncGroup[];
  readonly scripts: readonly VrrpScript[];
  readonly processes: readonly VrrpTrackProcess[];
  readonly files: readonly VrrpTrackFile[];
  readonly staticAddresses: readonly VrrpAddress[];
  readonly staticRoutes: readonly VrrpRoute[];
  readonly staticRules: readonly VrrpRoute[];
  readonly virtualServers: readonly VirtualServer[];
  /** Absent: there is none. */
  readonly virtualServerGroups?: readonly VirtualServerGroup[];
  /** Absent: the defaults (nothing flushed, nothing kept, no connection synchronisation). */
  readonly director?: DirectorGlobal;
}
