/** Whether a dead node must be fenced before its groups start here, and what is said of it (heartbeat-protocol.md 10.8, 14). */
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import type { Peer } from '../membership/state.js';
import { log, type Turn } from '../turn.js';

export type FencingResult =
  /** The node held nothing, or left in good order. */
  | 'unneeded'
  /** No device is configured. */
  | 'n_stnth';

/** A node that was heard and held nothing, or left, needs no fencing. */
export function fencingResult(turn: Turn, peer: Peer): FencingResult {
  const heldNothing = peer.lastStatusMs !== null && turn.state.resources.otherHold === 0;
  const legacy = turn.state.config.autoFailback === 'legacy';
  return peer.left || (heldNothing && !legacy) ? 'unneeded' : 'n_stnth';
}

/** Says the outcome in the log and on the wire, where the original's tools look for it. */
export function reportFencing(turn: Turn, peer: Peer, result: FencingResult): void {
  if (result === 'n_stnth') {
    log(turn, 'warn', 'no-stonith', 'No STONITH device configured.');
    log(turn, 'warn', 'no-stonith-disks', 'Shared disks are not protected.');
  }
  sendSequenced(turn, 'stonith', [text('node', peer.name), text('result', result)]);
}
