/**
 * The loop's side of the flight recorder: keeps every input of the core with a digest of what it led to, and hands them
 * to the runner in batches. It writes no file and waits for nobody; when the runner does not keep up, it lets go.
 */
import { effectsDigest } from '../../core/digest.js';
import type { Effect } from '../../core/effect.js';
import type { Input } from '../../core/input.js';
import type { State } from '../../core/state.js';
import type { Recorded, SegmentHead } from '../recorder/format.js';
import { imageOf, withoutSecrets } from '../recorder/image.js';

/** Inputs of one file. */
const SEGMENT_INPUTS_MAX = 10_000;
const SEGMENT_MAX_MS = 600_000;
const BATCH_MAX = 200;
const BATCH_INTERVAL_MS = 1000;
/** Beyond so much that the runner has not taken yet nothing is recorded. */
const PENDING_MAX_BYTES = 1024 * 1024;

export interface RecorderSink {
  send(
    message: { kind: 'recorderSegment'; head: SegmentHead } | { kind: 'recorded'; inputs: Recorded[] },
  ): void;
  readonly pendingBytes: number;
  /** Counts the runners that this loop had: a new one has no file open. */
  readonly runners: number;
}

export class LoopRecorder {
  readonly #sink: RecorderSink;
  readonly #enabled: boolean;
  #batch: Recorded[] = [];
  #current: Input | undefined;
  /** Of this turn, not looked at yet: that can wait until its effects are done. */
  #pending: [Input, readonly Effect[]][] = [];
  #inSegment = 0;
  #beganMs = Number.NEGATIVE_INFINITY;
  #runner = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: RecorderSink, enabled: boolean) {
    this.#sink = sink;
    this.#enabled = enabled;
  }

  /** Before the core gets an input. */
  before(state: State, input: Input): void {
    if (!this.#enabled) return;
    const isOver = this.#inSegment >= SEGMENT_INPUTS_MAX || input.nowMs - this.#beganMs >= SEGMENT_MAX_MS;
    if (isOver || this.#runner !== this.#sink.runners) {
      this.settle();
      this.#begin(state, input.nowMs);
    }
    this.#current = input;
  }

  /** After the core has answered, and before its effects are carried out. */
  after(effects: readonly Effect[]): void {
    const input = this.#current;
    if (input === undefined) return;
    this.#current = undefined;
    this.#inSegment += 1;
    this.#pending.push([input, effects]);
    const isLast = effects.some(
      ({ kind }) => kind === 'exit' || kind === 'rebootSelf' || kind === 'restartSelf',
    );
    if (!isLast) return;
    this.settle();
    this.flush();
  }

  /** The end of a turn: takes down its inputs. */
  settle(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    for (const [input, effects] of pending) this.#batch.push(recorded(input, effects));
    if (this.#batch.length >= BATCH_MAX) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_INTERVAL_MS);
  }

  /** Hands over what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.length === 0) return;
    const inputs = this.#batch;
    this.#batch = [];
    // Inputs would be missing in the file that is open: the next input begins another.
    if (this.#sink.pendingBytes > PENDING_MAX_BYTES) this.#runner = -1;
    else if (this.#runner === this.#sink.runners) this.#sink.send({ kind: 'recorded', inputs });
  }

  #begin(state: State, nowMs: number): void {
    this.flush();
    if (this.#sink.pendingBytes > PENDING_MAX_BYTES) return;
    this.#runner = this.#sink.runners;
    this.#beganMs = nowMs;
    this.#inSegment = 0;
    const { program } = state.identity;
    const head = {
      recorder: 1,
      program,
      node: state.config.self,
      wallMs: Date.now(),
      image: imageOf(state),
    } as const;
    this.#sink.send({ kind: 'recorderSegment', head });
  }
}

function recorded(input: Input, effects: readonly Effect[]): Recorded {
  const { nowMs, wallS, ...event } = input;
  if (event.kind !== 'vrrpConfig') return [nowMs, wallS, event, effectsDigest(effects)];
  const copy = structuredClone(event);
  withoutSecrets(copy);
  return [nowMs, wallS, copy, effectsDigest(effects)];
}
