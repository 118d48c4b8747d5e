/**
 * What the runner tells the front, a process without rights that serves the status page: pictures, and where to listen.
 * The front answers with two kinds of sentences for the log and nothing else: whoever took it over could do no more.
 */
import type { StatusPicture } from './control/picture.js';

export interface FrontStart {
  readonly kind: 'start';
  readonly host: string;
  readonly port: number;
  /** Whom it becomes before it listens. */
  readonly uid: number;
  readonly gid: number;
  /** Names that a browser may use for this machine, lower-case. */
  readonly names: readonly string[];
}

export type ToFront =
  | FrontStart
  | { readonly kind: 'picture'; readonly picture: StatusPicture; readonly takenWallMs: number };

export type FromFront =
  | { readonly kind: 'listening' }
  /** It goes on trying, or ends. */
  | { readonly kind: 'problem'; readonly text: string };
