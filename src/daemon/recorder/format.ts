/** What stands in a file of the flight recorder: JSON lines, the head first. */
import type { Input, InputEvent } from '../../core/input.js';

/** `[nowMs, wallS, event, digest of the effects]` of one input. */
export type Recorded = readonly [nowMs: number, wallS: number, event: InputEvent, digest: string];

/** The first line of a file. */
export interface SegmentHead {
  readonly recorder: 1;
  readonly program: string;
  readonly node: string;
  /** Unix time in ms when it began. */
  readonly wallMs: number;
  /** The core's state before the first input: see image.ts. */
  readonly image: string;
}

export function inputOf([nowMs, wallS, event]: Recorded): Input {
  return { ...event, nowMs, wallS };
}
