/**
 * A rehearsal: two cores of an invented cluster start, hand over, lose each other and part, in memory and in no time.
 * Nothing comes of it but that the interpreter has read every function that a takeover or a failback needs: read for
 * the first time in the real one, they cost 10 ms and more of somebody's outage.
 */
import type { AuthKeys, ClusterConfig, ResourceGroup, Settings } from '../../config/types.js';
import type { Effect } from '../../core/effect.js';
import type { Command, Input, InputEvent } from '../../core/input.js';
import { createState, type State } from '../../core/state.js';
import { createVerifier } from '../../wire/auth.js';
import { decodePacket } from '../../wire/packet.js';
import { MessageEncoder } from './encoder.js';

export type Step = (state: State, input: Input) => Effect[];

const LINK = 'rehearsal';
const NODES = ['one', 'two'] as const;
const KEYS: AuthKeys = { activeIndex: 1, keys: [{ index: 1, method: 'sha1', key: 'rehearsal' }] };
const KEEPALIVE_MS = 500;
const DEADTIME_MS = 2000;
const INITDEAD_MS = 4000;
const BEGIN_MS = 1_000_000;
/** The story needs a few hundred; a core that never comes to rest must not keep the process busy. */
const TURNS_MAX = 4000;

const SETTINGS: Settings = {
  parallelGroups: 1,
  isolated: 'serve',
  builtinAddresses: true,
  startDeadlineMs: 60_000,
  stopDeadlineMs: 20_000,
  statusDeadlineMs: 10_000,
  logFormat: 'classic',
};

/** One group of an address (TEST-NET-1, RFC 5737) and a script for each node. */
function groupOf(node: string, index: number): ResourceGroup {
  const address = `192.0.2.${index + 1}`;
  const script = { word: 'Rehearsal', type: 'Rehearsal', args: [] };
  const resources = [
    { word: address, type: 'IPaddr', args: [address], address: { family: 4, address } as const },
    script,
  ];
  return { key: address, node, resources, line: index + 1 };
}

function configOf(self: string): ClusterConfig {
  return {
    self,
    nodes: NODES,
    keepaliveMs: KEEPALIVE_MS,
    deadtimeMs: DEADTIME_MS,
    warntimeMs: DEADTIME_MS / 2,
    initdeadMs: INITDEAD_MS,
    deadpingMs: DEADTIME_MS,
    maxRexmitDelayMs: 250,
    hopfudge: 1,
    autoFailback: 'on',
    generationMethod: 'file',
    media: [{ kind: 'bcast', device: LINK, port: 694 }],
    realtime: false,
    groups: NODES.map(groupOf),
    log: { debug: 0 },
    parameters: {},
    settings: SETTINGS,
  };
}

class Actor {
  state: State;
  gone = false;
  readonly inbox: Uint8Array[] = [];
  readonly outcomes: InputEvent[] = [];
  readonly encoder = new MessageEncoder(KEYS);
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.state = this.begin(1);
  }

  /** A new run of the daemon. */
  begin(generation: number): State {
    this.gone = false;
    this.inbox.length = 0;
    this.outcomes.length = 0;
    this.state = createState(configOf(this.#name), {
      program: '4.0.0',
      generation,
      uuid: this.#name.charCodeAt(0).toString(16).padStart(32, '0'),
      nonce: generation.toString(16).padStart(16, '0'),
      seed: generation,
      peerGenerations: {},
    });
    return this.state;
  }
}

/** Yields after each turn of a core, so that the caller can do it in slices; ends by itself. */
export function* rehearsal(step: Step): Generator<void> {
  const [one, two] = NODES.map((name) => new Actor(name));
  if (one === undefined || two === undefined) return;
  const verifier = createVerifier(KEYS);
  let nowMs = BEGIN_MS;
  let turns = 0;

  const feed = (actor: Actor, event: InputEvent): void => {
    turns += 1;
    const other = actor === one ? two : one;
    for (const effect of step(actor.state, { ...event, nowMs, wallS: Math.floor(nowMs / 1000) })) {
      if (effect.kind === 'send') {
        const bytes = actor.encoder.encode(effect.message, 'netstring');
        if (!other.gone) other.inbox.push(bytes);
      } else if (effect.kind === 'operation')
        actor.outcomes.push({
          kind: 'operationDone',
          operationId: effect.operation.id,
          result: { ok: true },
        });
      else if (effect.kind === 'exit') actor.gone = true;
    }
  };
  /** The next thing that waits on this node, or nothing. */
  const nextOf = (actor: Actor): InputEvent | undefined => {
    const outcome = actor.outcomes.shift();
    if (outcome !== undefined) return outcome;
    const bytes = actor.inbox.shift();
    if (bytes !== undefined) {
      const decoded = decodePacket(bytes, verifier);
      return decoded.ok ? { kind: 'packet', link: LINK, message: decoded.message } : { kind: 'tick' };
    }
    return (actor.state.timers.nextDueMs() ?? Number.POSITIVE_INFINITY) <= nowMs
      ? { kind: 'tick' }
      : undefined;
  };
  const boot = (actor: Actor): void => {
    feed(actor, { kind: 'boot' });
    feed(actor, { kind: 'linkHealth', link: LINK, up: true, reason: '' });
  };
  const order = (actor: Actor, command: Command): void => {
    feed(actor, { kind: 'command', commandId: turns, command });
  };
  function* pass(lastsMs: number): Generator<void> {
    const endMs = nowMs + lastsMs;
    while (nowMs < endMs && turns < TURNS_MAX) {
      let idle = true;
      for (const actor of [one, two]) {
        if (actor === undefined || actor.gone) continue;
        const event = nextOf(actor);
        if (event === undefined) continue;
        idle = false;
        feed(actor, event);
        yield;
      }
      if (!idle) continue;
      const dueMs = [one, two].map((actor) =>
        actor === undefined || actor.gone ? undefined : actor.state.timers.nextDueMs(),
      );
      nowMs = Math.min(endMs, ...dueMs.map((due) => Math.max(nowMs + 1, due ?? endMs)));
    }
  }

  for (const actor of [one, two]) boot(actor);
  yield* pass(INITDEAD_MS);
  order(one, { kind: 'standby', set: 'all' });
  yield* pass(2 * DEADTIME_MS);
  order(one, { kind: 'takeover', set: 'all' });
  yield* pass(2 * DEADTIME_MS);
  two.gone = true;
  yield* pass(2 * DEADTIME_MS);
  two.begin(2);
  boot(two);
  yield* pass(2 * DEADTIME_MS);
  order(two, { kind: 'shutdown' });
  yield* pass(2 * DEADTIME_MS);
}
