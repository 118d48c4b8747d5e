/** A core under test whose partner, node2, is an original played by the test: only what it says, message by message. */
import type { ClusterConfig } from '../../src/config/types.js';
import { type Checkpoint, restoreState } from '../../src/core/checkpoint.js';
import type { Effect } from '../../src/core/effect.js';
import type { Command, InputEvent } from '../../src/core/input.js';
import { createState, type State } from '../../src/core/state.js';
import { step } from '../../src/core/step.js';
import { type Message, text, textOf } from '../../src/wire/message.js';
import { sampleConfig, scriptGroup } from './configuration.js';

const WALL_START_S = 1_700_000_000;
const ORIGINALS_KEEPALIVE_MS = 200;

export interface Sent {
  readonly atMs: number;
  readonly message: Message;
}

export class BesideOriginal {
  state: State;
  readonly sent: Sent[] = [];
  readonly effects: { readonly atMs: number; readonly effect: Effect }[] = [];
  nowMs = 0;
  /** How an operation ends; default well. */
  outcome: (effect: Extract<Effect, { kind: 'operation' }>) => InputEvent = ({ operation }) => ({
    kind: 'operationDone',
    operationId: operation.id,
    result: { ok: true },
  });
  /** The original's number of its last message, and its generation. */
  #seq = 0;
  #generation = 100;
  #speaksFromMs = Number.POSITIVE_INFINITY;
  #status = 'active';
  #commands = 0;

  constructor(config: Partial<ClusterConfig> = {}) {
    const groups = [scriptGroup('web'), { ...scriptGroup('mail'), node: 'node2' }];
    this.state = createState(sampleConfig({ groups, autoFailback: 'on', initdeadMs: 3000, ...config }), {
      program: '4.0.0',
      generation: 7,
      uuid: '1'.repeat(32),
      nonce: '0'.repeat(16),
      seed: 1,
      peerGenerations: {},
    });
  }

  /** Lets the original send its heartbeats from now on, in a new run if wanted. */
  speak(status = 'active', newRun = false): void {
    if (newRun) {
      this.#generation += 1;
      this.#seq = 0;
    }
    this.#status = status;
    this.#speaksFromMs = this.nowMs;
  }

  /** The original is not heard any more. */
  silence(): void {
    this.#speaksFromMs = Number.POSITIVE_INFINITY;
  }

  /** One sequenced message of the original. */
  say(type: string, fields: Readonly<Record<string, string>> = {}): void {
    this.#seq += 1;
    const own = Object.entries(fields).map(([name, value]) => text(name, value));
    const common = [
      text('src', 'node2'),
      text('seq', this.#seq.toString(16)),
      text('hg', this.#generation.toString(16)),
      text('ts', (WALL_START_S + Math.floor(this.nowMs / 1000)).toString(16)),
    ];
    this.input({ kind: 'packet', link: 'eth0', message: { fields: [text('t', type), ...own, ...common] } });
  }

  input(event: InputEvent): void {
    const queue: InputEvent[] = [event];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const wallS = WALL_START_S + Math.floor(this.nowMs / 1000);
      for (const effect of step(this.state, { ...next, nowMs: this.nowMs, wallS })) {
        this.effects.push({ atMs: this.nowMs, effect });
        if (effect.kind === 'send') this.sent.push({ atMs: this.nowMs, message: effect.message });
        if (effect.kind === 'operation') queue.push(this.outcome(effect));
      }
    }
  }

  /** A new loop process goes on from the newest checkpoint, as JSON brings it. */
  restartLoop(): void {
    const kept = this.effects.flatMap(({ effect }) =>
      effect.kind === 'checkpoint' ? [effect.checkpoint] : [],
    );
    const newest = JSON.parse(JSON.stringify(kept.at(-1))) as Checkpoint;
    this.state = restoreState(this.state.config, this.state.identity, newest, this.nowMs);
    this.input({ kind: 'tick' });
  }

  command(command: Command): number {
    this.#commands += 1;
    this.input({ kind: 'command', commandId: this.#commands, command });
    return this.#commands;
  }

  /** Lets time pass: timers fire when they are due, the original sends its heartbeats. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (;;) {
      const dueMs = this.state.exited ? endMs : (this.state.timers.nextDueMs() ?? endMs);
      const next = Math.min(endMs, dueMs, Math.max(this.nowMs, this.#speaksFromMs));
      this.nowMs = Math.max(this.nowMs, next);
      if (this.#speaksFromMs <= this.nowMs) {
        this.#speaksFromMs = this.nowMs + ORIGINALS_KEEPALIVE_MS;
        this.say('status', { st: this.#status, dt: 'bb8', protocol: '1' });
      }
      if (dueMs <= this.nowMs && !this.state.exited) this.input({ kind: 'tick' });
      if (this.nowMs >= endMs) return;
    }
  }

  /** Types, and words that matter, of what was sent since a moment; heartbeats left out. */
  said(sinceMs = 0): string[] {
    return this.sent
      .filter(({ atMs }) => atMs >= sinceMs)
      .map(({ message }) =>
        ['t', 'st', 'rsc_hold', 'isstable', 'info', 'node', 'result']
          .map((name) => textOf(message, name))
          .filter((word) => word !== undefined)
          .join(' '),
      )
      .filter((words) => !words.startsWith('status ') && !words.startsWith('NS_'));
  }

  /** Both have started; each owns its group. */
  begin(): void {
    this.input({ kind: 'boot' });
    this.speak('up');
    this.run(400);
    this.say('repnodes', { dest: 'node1', nodelist: 'node1 node2 ', delnodelist: ' ' });
    this.speak('active');
    this.run(300);
    this.say('starting');
    this.say('resource', { rsc_hold: 'none', rtype: 'full', isstable: '0' });
    this.run(10_500);
    this.say('resource', { rsc_hold: 'local', rtype: 'full', isstable: '1' });
    this.run(1000);
  }
}
