/** The frozen, typed configuration that every other room works with. Times in ms, ports 1..65535. */

import type { VrrpConfig } from './vrrp-types.js';

export type AutoFailback = 'on' | 'off' | 'legacy';

/** One line of ha.cf that opens a medium. `port` is the udpport in force at that line (order rule, admin 1.6). */
export type Medium =
  | { readonly kind: 'bcast'; readonly device: string; readonly port: number }
  | {
      readonly kind: 'mcast';
      readonly device: string;
      readonly group: string;
      readonly port: number;
      /** 0..255 */
      readonly ttl: number;
      readonly loop: boolean;
    }
  | {
      readonly kind: 'mcast6';
      readonly device: string;
      readonly group: string;
      readonly port: number;
      readonly hops: number;
      readonly loop: boolean;
    }
  /** `peer` is the word of the file (name or address); `address` is what it resolved to. */
  | {
      readonly kind: 'ucast';
      readonly device: string;
      readonly peer: string;
      readonly address: string;
      readonly port: number;
    }
  | {
      readonly kind: 'ucast6';
      readonly device: string;
      readonly peer: string;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'serial'; readonly device: string; readonly baud: number }
  | { readonly kind: 'ping'; readonly node: string; readonly address: string }
  | { readonly kind: 'ping6'; readonly node: string; readonly address: string }
  | { readonly kind: 'ping_group'; readonly node: string; readonly addresses: readonly string[] };

/** A floating address as haresources writes it: `ADDR[/PREFIX[/DEVICE[:LABEL]][/BROADCAST]]` (admin 2.2). */
export interface AddressSpec {
  readonly family: 4 | 6;
  /** Canonical text of the address. */
  readonly address: string;
  /** Absent: taken from the interface's own prefix that contains the address. */
  readonly prefixLength?: number;
  /** Absent: the interface whose own network contains the address, else the route to it. */
  readonly device?: string;
  /** Whole label as the kernel wants it, e.g. "eth0:5". IPv4 only. */
  readonly label?: string;
  readonly broadcast?: string;
}

/** One word of a haresources line after the node name. */
export interface Resource {
  /** The word exactly as written. */
  readonly word: string;
  /** Script or built-in name: "IPaddr", "IPaddr2", "httpd". */
  readonly type: string;
  /** The `::`-separated arguments, empty ones dropped. */
  readonly args: readonly string[];
  /** Present when the program itself sets this address (IPaddr, IPaddr2, IPv6addr, bare address; builtin = yes). */
  readonly address?: AddressSpec;
}

/** One line of haresources. */
export interface ResourceGroup {
  /** First resource word exactly as written: the group's identity on the wire and in logs. */
  readonly key: string;
  /** Preferred node, lower-case. */
  readonly node: string;
  readonly resources: readonly Resource[];
  /** 1-based line in haresources. */
  readonly line: number;
}

export interface AuthKey {
  /** 0..15 */
  readonly index: number;
  readonly method: 'crc' | 'md5' | 'sha1' | 'sha256' | 'sha512';
  /** Empty for crc. Never logged, never printed. latin1 text: one character per byte. */
  readonly key: string;
}

export interface AuthKeys {
  /** Index used to sign. All keys are accepted for what arrives. */
  readonly activeIndex: number;
  readonly keys: readonly AuthKey[];
}

export interface LogTargets {
  readonly logfile?: string;
  readonly debugfile?: string;
  /** Lower-case syslog facility; absent: none. */
  readonly facility?: string;
  /** debug level 0..255 */
  readonly debug: number;
}

/** How a running resource is watched: `[monitor]`, or `[monitor NAME]` for one. */
export interface MonitorRule {
  /** 0: it is not asked. */
  readonly intervalMs: number;
  /** Bound of one answer. */
  readonly timeoutMs: number;
  /** Failures within the window that make a restart in place, >= 1. */
  readonly failures: number;
  /** Older failures and restarts are forgotten. */
  readonly windowMs: number;
  /** Restarts in place within the window before the group moves, >= 0. */
  readonly restarts: number;
}

/** What heartbeat.ini adds. Every key has a default, so the file may be absent. */
export interface Settings {
  /** [groups] parallel: how many groups may be started or stopped at once, >= 1. */
  readonly parallelGroups: number;
  /** [groups] carrier_wait: how long a group's interface is without a carrier before the group moves; 0 or absent: never. */
  readonly carrierWaitMs?: number;
  /** [lease] isolated: what a node does that hears nobody and has neither fencing nor a witness. */
  readonly isolated: 'serve' | 'stop';
  /** [resources] builtin: whether built-in addresses win over scripts of the same name. */
  readonly builtinAddresses: boolean;
  /** [resources] start_deadline, per resource. */
  readonly startDeadlineMs: number;
  /** [resources] stop_deadline, per resource. */
  readonly stopDeadlineMs: number;
  /** [resources] status_deadline, per resource. */
  readonly statusDeadlineMs: number;
  /** Those of the three deadlines that heartbeat.ini sets; for the others an OCF agent's own times count. Absent: none. */
  readonly writtenDeadlines?: readonly ('start' | 'stop' | 'status')[];
  /** [log] format */
  readonly logFormat: 'classic' | 'json';
  /** [vrrp] config: absolute path, empty: none. Absent: none. */
  readonly vrrpConfig?: string;
  /** [auth] sha2: whether authkeys may name sha256 and sha512, which the original does not know. Absent: no. */
  readonly sha2Keys?: boolean;
  /** [monitor]. Absent: nothing is watched. */
  readonly monitor?: MonitorRule;
  /** [monitor NAME] by name: a script's name, a whole word of haresources, or an address. */
  readonly monitorOf?: Readonly<Record<string, MonitorRule>>;
  /** [watchdog] timeout; 0 or absent: the longest whole number of seconds that fits into the deadtime. */
  readonly watchdogTimeoutMs?: number;
  /** [watchdog] required: without an armed watchdog this node does not serve. Absent: no. */
  readonly watchdogRequired?: boolean;
  /** [lease] announce: whether `dt` covers the watchdog only, or the stop deadline of scripts as well. Absent: guards. */
  readonly announcedSilence?: 'guards' | 'stops';
  /** [clients] dopd: DRBD may have its peer outdated. A respawn line for dopd asks for it too. Absent: no. */
  readonly dopd?: boolean;
  /** [sbd] device: absolute paths of one to three disks with poison pills. Absent or empty: none. */
  readonly sbdDevices?: readonly string[];
  /** [clients] failfast: names of respawn programs whose failure reboots this machine, separated by blanks or commas. */
  readonly failfastClients?: string;
  /** [witness] handover: the node that sees fewer witnesses hands over. Absent: yes. */
  readonly witnessHandover?: boolean;
  /** [witness] none: what a node does that hears neither its partner nor a witness. Absent: stop. */
  readonly witnessNone?: 'stop' | 'stay';
  /** [witness] seen: what it does when its partner is silent and a witness answers. Absent: serve. */
  readonly witnessSeen?: 'serve' | 'stop';
  /** [fencing] delay: wait of the node that holds less, when two would shoot at each other. */
  readonly fencingDelayMs?: number;
  /** [fencing] wait_for_peer: a peer that was never heard is waited for instead of fenced. */
  readonly fencingWaitForPeer?: boolean;
  /** [fencing] action */
  readonly fencingAction?: FencingAction;
  /** [fencing] deadline, per attempt. */
  readonly fencingDeadlineMs?: number;
  /** [fencing] attempts with each device, >= 1. */
  readonly fencingAttempts?: number;
  /** [fencing] retry: pause between two attempts with the same device. */
  readonly fencingRetryMs?: number;
  /** [fencing] round_pause: first pause after all devices failed; it doubles each time. */
  readonly fencingRoundPauseMs?: number;
  /** [fencing] per_hour: fencings of one node within an hour, >= 1. */
  readonly fencingPerHour?: number;
  /** [schedule] fencing_test: cron expression of five fields; `never`: at start only. */
  readonly fencingTestSchedule?: string;
  /** [recorder] enabled; absent: yes. */
  readonly recorderEnabled?: boolean;
  /** [recorder] megabytes of all recordings together. */
  readonly recorderMegabytes?: number;
  /** [recorder] age */
  readonly recorderAgeMs?: number;
  /** [schedule] failback: HH:MM-HH:MM in local time; absent or empty: at any time. */
  readonly failbackWindow?: string;
  /** [schedule] drill: cron expression of five fields; `never` or absent: none. */
  readonly drillSchedule?: string;
  /** [schedule] drill_hold */
  readonly drillHoldMs?: number;
  /** [status] listen: ADDRESS:PORT of the status page; absent or empty: none. */
  readonly statusListen?: string;
  /** [status] user */
  readonly statusUser?: string;
  /** [status] names, separated by blanks or commas. */
  readonly statusNames?: string;
  /** [mail] server; absent or empty: no mails. */
  readonly mailServer?: string;
  readonly mailPort?: number;
  readonly mailTls?: 'auto' | 'starttls' | 'tls' | 'off';
  readonly mailCaFile?: string;
  readonly mailUser?: string;
  /** [mail] password_file: the password itself is nowhere in here. */
  readonly mailPasswordFile?: string;
  readonly mailFrom?: string;
  /** [mail] to: separated by blanks or commas. */
  readonly mailTo?: string;
  readonly mailPerHour?: number;
  /** [notify] script; absent or empty: none. */
  readonly notifyScript?: string;
  readonly notifyDeadlineMs?: number;
  /** [push] ssh: command that runs shell text on a node; NODE in it is the node's name. */
  readonly pushSsh?: string;
  /** [check NAME], in file order. */
  readonly checks?: readonly HealthCheck[];
}

/** `[check NAME]`: a resource works if its monitor and all its checks say so. Empty texts: not set. */
export interface HealthCheck {
  readonly name: string;
  /** Type or whole word of a script of haresources. */
  readonly resource: string;
  readonly type: 'tcp' | 'http' | 'smtp' | 'dns' | 'udp' | 'ping' | 'script';
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** "200 300-399" */
  readonly status: string;
  /** The same as inclusive ranges; empty: 200..299. */
  readonly statusCodes: readonly { readonly from: number; readonly to: number }[];
  readonly match: string;
  /** MD5 of the body. */
  readonly digest: string;
  /** "NAME" or "NAME TYPE" */
  readonly query: string;
  readonly script: string;
  readonly connectTimeoutMs: number;
  readonly retries: number;
  readonly delayMs: number;
}

/** What a fencing device is asked to do to a node. */
export type FencingAction = 'reset' | 'off' | 'off-on';

/** A fencing device that this node may use (heartbeat-admin.md 6.3). Parameters may hold passwords: never logged. */
export interface StonithDevice {
  /** "null", "external/ipmi" */
  readonly type: string;
  /** Positional values in the order of the plugin's parameter names, text as written. */
  readonly parameters: string;
  /** 1-based line in ha.cf. */
  readonly line: number;
}

/** A client program that is started with the daemon and again when it ends: `respawn USER COMMAND ARGS...`. */
export interface RespawnClient {
  readonly user: string;
  /** Command line for `/bin/sh -c`. Begins with an absolute path. */
  readonly command: string;
  /** 1-based line in ha.cf. */
  readonly line: number;
}

/** Who may connect as this client: `apiauth CLIENT [uid=a,b] [gid=c,d]`. */
export interface ApiAuth {
  readonly client: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Everything from ha.cf, haresources and heartbeat.ini, checked. Keys are apart (AuthKeys), so that this may be logged. */
export interface ClusterConfig {
  /** Our own node name, lower-case; one of `nodes`. */
  readonly self: string;
  /** Normal nodes in ha.cf order, lower-case. */
  readonly nodes: readonly string[];
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  readonly warntimeMs: number;
  readonly initdeadMs: number;
  readonly deadpingMs: number;
  /** 50..: upper bound of the first retransmission request delay, and its repeat interval. */
  readonly maxRexmitDelayMs: number;
  readonly hopfudge: number;
  readonly autoFailback: AutoFailback;
  readonly generationMethod: 'file' | 'time';
  readonly media: readonly Medium[];
  readonly realtime: boolean;
  /** 1..99; absent: the middle of the scheduler's range. */
  readonly rtprio?: number;
  readonly watchdog?: string;
  readonly groups: readonly ResourceGroup[];
  readonly log: LogTargets;
  /** ha.cf directives as set, raw text, for HA_<directive> in the environment of scripts and hbparameter. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** Instances of keepalived.conf: beside the groups, or (with no nodes) all that there is. */
  readonly vrrp?: VrrpConfig;
  /** NAME=VALUE of `env` lines, for the environment of scripts and respawned clients. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Devices of `stonith` and of those `stonith_host` lines that apply to this node, in file order. */
  readonly stonith?: readonly StonithDevice[];
  readonly respawn?: readonly RespawnClient[];
  readonly apiauth?: readonly ApiAuth[];
}

export type Severity = 'error' | 'warning' | 'info';

/** One thing that is wrong or risky, with where and what to do. */
export interface Diagnostic {
  readonly file: string;
  /** 1-based; 0 when the whole file is meant. */
  readonly line: number;
  /** 1-based; 0 when the whole line is meant. */
  readonly column: number;
  readonly severity: Severity;
  /** Stable kebab-case code, e.g. "unknown-directive". */
  readonly code: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to write or do instead. */
  readonly hint?: string;
}
