/**
 * Configuration drift: each node of ours tells keyed digests of its files with every status. A file that stays different
 * is said once, by its name, and once more when it is equal again. An original tells nothing, and nothing is said.
 */
import type { FileDigests } from '../wire/extra.js';
import { isAlive, type Peer } from './membership/state.js';
import type { State } from './state.js';
import { announceEvent, type Turn } from './turn.js';

/** Files are copied one after the other, and each node looks at its own now and then: a shorter difference is none. */
const SETTLE_MS = 15_000;

/** What the runner says of our own files. */
export function noteFiles(turn: Turn, files: FileDigests): void {
  const { state } = turn;
  if (JSON.stringify(files) === JSON.stringify(state.files)) return;
  state.files = files;
  state.statusDue = true;
  for (const peer of state.peers.values()) compareFiles(turn, peer);
}

/** Compares what a peer says of its files with ours. Called whenever one of the two has spoken. */
export function compareFiles(turn: Turn, peer: Peer): void {
  const { state } = turn;
  const theirs = peer.extra?.files;
  if (state.files === null || theirs === undefined) return;
  const differing = differingFiles(state.files, theirs);
  if (same(differing, peer.drift.pending)) return;
  peer.drift = { ...peer.drift, pending: differing };
  if (same(differing, peer.drift.said)) state.timers.stop(`drift/${peer.name}`);
  else if (differing.length === 0) fireDrift(turn, peer);
  else state.timers.set(`drift/${peer.name}`, turn.nowMs + SETTLE_MS);
}

/** What differed a moment ago still does (or is equal again): it is said. */
export function fireDrift(turn: Turn, peer: Peer): void {
  const { pending, said } = peer.drift;
  turn.state.timers.stop(`drift/${peer.name}`);
  peer.drift = { pending, said: pending };
  turn.state.checkpointDue = true;
  const added = pending.filter((file) => !said.includes(file));
  const gone = said.filter((file) => !pending.includes(file));
  for (const file of added)
    announceEvent(turn, 'warn', 'config-drift', sentenceOf(file, peer.name), {
      node: peer.name,
      from: 'equal',
      to: 'different',
    });
  for (const file of gone) {
    const unknown = pending.includes('authkeys') && file !== 'authkeys';
    if (unknown) continue;
    announceEvent(turn, 'info', 'config-drift-over', `${file} is the same on ${peer.name} and here again.`, {
      node: peer.name,
      from: 'different',
      to: 'equal',
    });
  }
}

function sentenceOf(file: string, node: string): string {
  const remedy =
    file === 'authkeys'
      ? 'bring the keys of both into line, one key at a time'
      : 'correct one of them, or say "heartbeat push" where it is right';
  return `${file} on ${node} is not the same as here: ${remedy}.`;
}

/** Digests made with different keys say nothing about the files, but the keys differ. */
function differingFiles(ours: FileDigests, theirs: FileDigests): string[] {
  if (ours.keyHint !== theirs.keyHint) return ['authkeys'];
  const mine = new Map(ours.digests.map(({ file, digest }) => [file, digest]));
  // A file of which one node says nothing (an older or newer version) is not judged.
  return theirs.digests
    .filter(({ file, digest }) => mine.has(file) && mine.get(file) !== digest)
    .map(({ file }) => file)
    .sort();
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((file, index) => file === right[index]);
}

/** For `heartbeat status --json`. */
export function driftSnapshot(state: State): { readonly node: string; readonly files: readonly string[] }[] {
  return [...state.peers.values()]
    .filter((peer) => isAlive(peer) && peer.drift.said.length > 0)
    .map(({ name, drift }) => ({ node: name, files: drift.said }));
}

/** Whole sentences for `heartbeat status`. */
export function driftWarnings(state: State): string[] {
  return driftSnapshot(state).flatMap(({ node, files }) => files.map((file) => sentenceOf(file, node)));
}
