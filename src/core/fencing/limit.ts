/** At most so many fencings of a node in an hour, counted on the disk: two nodes with a dead network must not reboot each other for ever. */
import type { Turn } from '../turn.js';
import { fencingSettings } from './state.js';
import type { FencingNote } from './types.js';

const HOUR_S = 3600;

function noteOf(turn: Turn, node: string): FencingNote {
  return turn.state.fencing.record[node] ?? { shotsS: [], blocked: false };
}

/** Shots of the last hour. One from the future stays: the clock was set back, and nobody knows how old it is. */
function recent(turn: Turn, node: string): number[] {
  return noteOf(turn, node).shotsS.filter((atS) => turn.wallS - atS < HOUR_S);
}

/** A wall clock that went this much further than the other one was set. */
const STEP_MIN_S = 30;

/**
 * Somebody set the wall clock, which the record is kept by: the shots are moved with it, so that they stay as old as
 * they are; also when it was set while the program did not run, as long as the machine was not started anew: the record
 * says by how much the two clocks differed. After another boot there is nothing but the wall clock to go by.
 * Asked with each heartbeat and before each count.
 */
export function followWallClock(turn: Turn): void {
  const { fencing } = turn.state;
  const offsetS = turn.wallS - turn.nowMs / 1000;
  const notes = Object.entries(fencing.record);
  const stepS = Math.round(offsetS - (fencing.wallOffsetS ?? offsetS));
  if (fencing.wallOffsetS === null || notes.length === 0) fencing.wallOffsetS = offsetS;
  if (notes.length === 0 || Math.abs(stepS) < STEP_MIN_S) return;
  fencing.wallOffsetS = offsetS;
  for (const [node, note] of notes)
    write(turn, node, { ...note, shotsS: note.shotsS.map((atS) => atS + stepS) });
}

/** Whether one more would be too many. */
export function limitReached(turn: Turn, node: string): boolean {
  followWallClock(turn);
  return (
    noteOf(turn, node).blocked || recent(turn, node).length >= fencingSettings(turn.state.config).perHour
  );
}

function write(turn: Turn, node: string, note: FencingNote): void {
  const { fencing } = turn.state;
  const { [node]: _before, ...others } = fencing.record;
  const isEmpty = note.shotsS.length === 0 && !note.blocked;
  const offsetS = Math.round(fencing.wallOffsetS ?? turn.wallS - turn.nowMs / 1000);
  fencing.record = isEmpty ? others : { ...others, [node]: { ...note, offsetS } };
  turn.state.checkpointDue = true;
  turn.effects.push({ kind: 'fencingRecord', record: fencing.record });
}

/** Counts a shot, before it is fired: who is ended in the middle of it has counted it. */
export function countShot(turn: Turn, node: string): void {
  followWallClock(turn);
  write(turn, node, { ...noteOf(turn, node), shotsS: [...recent(turn, node), turn.wallS] });
}

/** The newest shot surely did nothing. */
export function uncountShot(turn: Turn, node: string): void {
  write(turn, node, { ...noteOf(turn, node), shotsS: recent(turn, node).slice(0, -1) });
}

/** No further shot until `clearBlock`, not even after a restart of this node. */
export function block(turn: Turn, node: string): void {
  if (!noteOf(turn, node).blocked) write(turn, node, { shotsS: recent(turn, node), blocked: true });
}

/** The node was heard, or an operator has looked after it. The shots of the hour still count. */
export function clearBlock(turn: Turn, node: string): void {
  if (noteOf(turn, node).blocked) write(turn, node, { shotsS: recent(turn, node), blocked: false });
}
