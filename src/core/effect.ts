/** Everything the core can ask for. The executor has one case per kind; outcomes come back as inputs. */
import type { AddressSpec, Resource } from '../config/types.js';
import type { Message } from '../wire/message.js';
import type { Checkpoint } from './checkpoint.js';
import type { FenceCommand, FencingRecord } from './fencing/types.js';
import type { VrrpEffect } from './vrrp/effect.js';

export type LogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit';

/** Whom an event concerns and what changed, in words for notification scripts and mails. */
export interface EventSubject {
  /** Another node, where it is about one. */
  readonly node?: string;
  /** Key of a group. */
  readonly group?: string;
  readonly from?: string;
  readonly to?: string;
  /** The group came back to the node that haresources names. */
  readonly failback?: true;
}

/** What one step of a group's plan works on. */
export type OperationTarget =
  /** Built-in addresses that stand side by side in the group: done in one netlink batch, in the loop itself. */
  | { readonly kind: 'addresses'; readonly addresses: readonly AddressSpec[] }
  /** A resource script: done in the runner. */
  | { readonly kind: 'script'; readonly resource: Resource };

/**
 * One step of a plan. `start` first asks for the status and does nothing when the resource runs already (so it is
 * idempotent), `stop` always runs. Its end, good or bad, comes back as `operationDone` with the same id, at the
 * latest shortly after `deadlineMs` (a hanging script is killed with its children).
 */
export interface Operation {
  readonly id: number;
  /** Key of the resource group. */
  readonly group: string;
  /** Node and words of the group's line, for the log. */
  readonly groupLine: string;
  /**
   * `release` is for what a former run may have left behind: `stop` if the status says that it runs. `monitor` only
   * asks whether the resource works and changes nothing; a result that is not ok means that it does not.
   */
  readonly verb: 'start' | 'stop' | 'release' | 'monitor';
  readonly target: OperationTarget;
  readonly deadlineMs: number;
  /** Whitelisted, sanitised HA_* variables that depend on the cause (never raw packet fields). */
  readonly environment: Readonly<Record<string, string>>;
}

export type Effect =
  /** To every link, or to one. Encoded once per format and signed by the executor. */
  | { readonly kind: 'send'; readonly message: Message; readonly link?: string }
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** End a running operation early (its script is killed); `operationDone` still comes. */
  | { readonly kind: 'cancelOperation'; readonly operationId: number }
  /** Gratuitous ARP or unsolicited neighbour advertisement for addresses that are up, once. */
  | { readonly kind: 'announce'; readonly addresses: readonly AddressSpec[] }
  /** Every node is known or given up: clients of `respawn` may start. */
  | { readonly kind: 'communicationUp' }
  /** An echo request to a witness (all members of a ping_group); an authentic answer comes back as `pong`. */
  | { readonly kind: 'ping'; readonly witness: string; readonly info: 'ping' | 'ping_group' }
  /** Remove addresses in this very turn, without a result: the lease on them has ended (the plan's stop follows). */
  | { readonly kind: 'dropAddresses'; readonly addresses: readonly AddressSpec[] }
  /** Give the addresses that are up a kernel lifetime of this many whole seconds from now; one that is gone is set again. */
  | {
      readonly kind: 'renewAddresses';
      readonly addresses: readonly AddressSpec[];
      /** Absent: they stay. */
      readonly lifetimeS?: number;
    }
  /** `code` is stable kebab-case; the text keeps the original's wording where monitoring looks for it. */
  | { readonly kind: 'log'; readonly level: LogLevel; readonly code: string; readonly text: string }
  /** Something a person wants to see in `heartbeat status`: a decision with its reason in words. */
  | { readonly kind: 'event'; readonly code: string; readonly text: string; readonly about?: EventSubject }
  /** What a restarted loop process needs to go on as if nothing had happened. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'reply'; readonly commandId: number; readonly ok: boolean; readonly text: string }
  /** One attempt to make a node dead; its outcome comes back as `fenceDone`. The same id again asks for the same attempt. */
  | { readonly kind: 'fence'; readonly command: FenceCommand }
  /** End an attempt early: somebody else has seen to it. */
  | { readonly kind: 'cancelFence'; readonly commandId: number }
  /** What the disk has to remember of fencings, whole; it is there before a `fence` that follows begins. */
  | { readonly kind: 'fencingRecord'; readonly record: FencingRecord }
  /** The daemon's orderly end; everything is released. */
  | { readonly kind: 'exit'; readonly code: number; readonly reason: string }
  /** Everything is released: the loop process begins a new run, with the next generation and no memory of this one. */
  | { readonly kind: 'restartSelf'; readonly reason: string }
  /** Keep the watchdog from resetting this machine. The last effect of its turn. */
  | { readonly kind: 'feedWatchdog' }
  /** A resource cannot be stopped: only a reboot of this machine makes the others safe (protocol 13.4). */
  | { readonly kind: 'rebootSelf'; readonly reason: string }
  /** A message of another node for a client that is built into the runner; text fields only. */
  | {
      readonly kind: 'clientMessage';
      readonly type: string;
      readonly from: string;
      readonly fields: Readonly<Record<string, string>>;
    }
  | VrrpEffect;
