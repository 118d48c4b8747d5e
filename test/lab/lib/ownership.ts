import type { RawAnnouncement, RawAnswer } from './protocol.js';

/** An answer to one question of the observer. */
export interface Answer extends RawAnswer {
  /** The node with this hardware address, or the hardware address itself when no node has it. */
  readonly node: string;
}

/** A gratuitous ARP. */
export interface Announcement extends RawAnnouncement {
  readonly node: string;
}

/** A span of CLOCK_MONOTONIC, both ends optional. */
export interface Window {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** A time in which several nodes answered for one address. */
export interface Overlap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly string[];
}

/** Whether a moment lies in a window. */
export function isWithin(atMs: number, window: Window): boolean {
  return atMs >= (window.fromMs ?? -Infinity) && atMs <= (window.toMs ?? Infinity);
}

/** Questions between two doubly answered ones that still make one overlap (an answer can get lost). */
const JOINED_REQUESTS = 3;

/**
 * The times in which one and the same question for `address` was answered by two or more nodes. That is the lab's
 * judgement "two owners": it does not depend on how long an answer was under way.
 */
export function overlapsIn(answers: readonly Answer[], address: string): Overlap[] {
  const byRequest = new Map<number, Answer[]>();
  for (const answer of answers) {
    if (answer.address !== address) continue;
    const same = byRequest.get(answer.request);
    if (same === undefined) byRequest.set(answer.request, [answer]);
    else same.push(answer);
  }
  const overlaps: { fromMs: number; toMs: number; nodes: string[]; last: number }[] = [];
  for (const [request, same] of [...byRequest].sort((a, b) => a[0] - b[0])) {
    const nodes = new Set(same.map((answer) => answer.node));
    if (nodes.size < 2) continue;
    const times = same.map((answer) => answer.atMs);
    const current = overlaps.at(-1);
    if (current !== undefined && request - current.last <= JOINED_REQUESTS) {
      current.toMs = Math.max(current.toMs, ...times);
      current.last = request;
      current.nodes = [...new Set([...current.nodes, ...nodes])];
    } else {
      overlaps.push({
        fromMs: Math.min(...times),
        toMs: Math.max(...times),
        nodes: [...nodes],
        last: request,
      });
    }
  }
  return overlaps.map(({ fromMs, toMs, nodes }) => ({ fromMs, toMs, nodes: nodes.sort() }));
}

/** The nodes that answered for an address in a window, in order of their names. */
export function ownersIn(answers: readonly Answer[], address: string, window: Window): string[] {
  const nodes = answers
    .filter((answer) => answer.address === address && isWithin(answer.atMs, window))
    .map((answer) => answer.node);
  return [...new Set(nodes)].sort();
}
