/**
 * What a scenario is played on: the simulator's virtual cluster, or real daemons in the lab. A verb of the language
 * calls one of these; the lab's take time, the simulator's do not.
 */
import type { ResourceSet } from '../../core/input.js';

/** `null`: every one of them. `direction` is seen from the node: `in` is what it hears. */
export interface Place {
  readonly node: string | null;
  readonly link: string | null;
  readonly direction: 'in' | 'out' | 'both';
}

/** How a path is made worse. Rates are 0..1. */
export interface Trouble {
  readonly cut?: boolean;
  readonly lossRate?: number;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly duplicateRate?: number;
  readonly corruptRate?: number;
}

export type ScriptOutcome = 'ok' | 'fail' | 'hang' | 'killed' | 'missing';
export type ScriptVerb = 'start' | 'stop' | 'monitor';

/** A script that behaves otherwise than well. Absent duration: as it usually takes. */
export interface Behaviour {
  readonly outcome?: ScriptOutcome;
  readonly durationMs?: number;
}

export type Request =
  | { readonly kind: 'standby' | 'takeover'; readonly set: ResourceSet }
  | { readonly kind: 'cleanup'; readonly group: string }
  | { readonly kind: 'maintenance'; readonly on: boolean }
  | { readonly kind: 'fenceConfirm'; readonly node: string };

/** What a stage that takes its time hands back: whoever plays on it waits for it. The simulator is done at once. */
export type Done = unknown;

export type DeviceOutcome = 'works' | 'fails' | 'hangs' | 'lies';

/** A stage that cannot do something throws an Error with one sentence. */
export interface Stage {
  /** Does something to every node, and waits for all where it takes time. */
  each(act: (node: string) => Done): Done;
  /** Starts the daemon; a machine without power gets power first. */
  start(node: string): Done;
  /** Orderly stop of the daemon; resources are handed over. */
  stop(node: string): Done;
  powerOff(node: string): Done;
  /** Every process of the daemon and the resources stands still; the kernel goes on. */
  pause(node: string): Done;
  /** The whole machine sleeps (suspend to memory). */
  suspend(node: string): Done;
  /** The end of `pause` or `suspend`. */
  resume(node: string): Done;
  /** The wall clock is set forward (negative: back) by whole seconds. */
  setClock(node: string, seconds: number): Done;
  /** A ping host (null: each of them) answers this node no more, or again. */
  witness(node: string, witness: string | null, answers: boolean): Done;
  /** kill -9 of the loop process. */
  killLoop(node: string): Done;
  /** kill -9 of every process of the daemon; services stay. */
  killDaemon(node: string): Done;
  trouble(place: Place, trouble: Trouble): Done;
  heal(place: Place): Done;
  /** The cable of this node on a link (null: on all links) is pulled, or put in again; the machine sees its carrier. */
  cable(node: string, link: string | null, present: boolean): Done;
  /** `node` null: on every node. */
  behave(resource: string, verb: ScriptVerb, behaviour: Behaviour, node: string | null): Done;
  /** The service ends by itself. */
  crash(resource: string, node: string): Done;
  /** Somebody starts the service by hand. */
  begin(resource: string, node: string): Done;
  request(node: string, request: Request): Done;
  /** Devices with which `node` fences others. */
  fencing(node: string, outcome: DeviceOutcome): Done;
}
