/**
 * The orderly restart of a whole run after a healed partition, as an original does it and expects it
 * (heartbeat-protocol.md 8.5, 13.2, section 19 item 13): who had declared the other dead gives everything up, says so,
 * is silent for longer than a deadtime and comes back with a new generation. Only beside an original: two nodes of
 * this program settle by their claims who keeps what (reconcile.ts).
 */
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { sendStatus } from '../membership/own-status.js';
import type { Peer } from '../membership/state.js';
import type { State } from '../state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { partnerOf } from './claims.js';
import { inMaintenance } from './maintenance.js';
import { giveUpEverything } from './shutdown.js';
import { ALL, holdsAnything } from './state.js';

const TIMER = 'selfRestart';
/** From the first heartbeat after the partition to the beginning. */
const DELAY_MS = 2000;
/** How much more than the deadtime the others are asked to wait, so that the silence is no death. */
const EXTRA_PATIENCE_MS = 30_000;

/** True while this node has said its last word before the new run. */
export function isSilent(state: State): boolean {
  return state.shutdown?.restart === 'silent';
}

/** The partner is back in the same run although this node had declared it dead. */
export function planSelfRestart(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (peer.extra !== undefined || !state.membership.communicationUp || state.shutdown !== null) return;
  if (state.config.autoFailback !== 'legacy' && state.resources.myHold === ALL) {
    // Its long silence looks like a second death to an original, which says so (8.3).
    sendSequenced(turn, 'stonith', [text('node', peer.name), text('result', 'unneeded')]);
  }
  state.timers.set(TIMER, turn.nowMs + DELAY_MS);
}

/** A new loop process that was killed in the middle of it begins it once more. */
export function resumeSelfRestart(turn: Turn): void {
  turn.state.timers.set(TIMER, turn.nowMs + DELAY_MS);
}

/** The timer of each of its stages. */
export function fireSelfRestart(turn: Turn): void {
  const { shutdown } = turn.state;
  if (shutdown === null) begin(turn);
  else if (shutdown.restart === 'releasing') becomeSilent(turn);
  else if (shutdown.restart === 'silent') beginNewRun(turn);
}

function begin(turn: Turn): void {
  const { state } = turn;
  const partner = partnerOf(state);
  const again = state.resources.phase === 'shutdown';
  if (!again) {
    if (partner === undefined || partner.extra !== undefined || inMaintenance(state)) return;
    if (!holdsAnything(state.resources)) return;
  }
  const name = partner?.name ?? 'the other node';
  announceEvent(
    turn,
    'warn',
    'self-restart',
    `${name} runs the original and was taken for dead: as it expects, this node gives everything up and restarts.`,
  );
  state.shutdown = { commandId: null, shutdoneSeq: null, restart: 'releasing' };
  giveUpEverything(turn);
}

function becomeSilent(turn: Turn): void {
  const { state } = turn;
  if (state.shutdown === null) return;
  const { deadtimeMs } = state.config;
  sendStatus(turn, deadtimeMs + EXTRA_PATIENCE_MS);
  state.shutdown = { ...state.shutdown, restart: 'silent' };
  const silenceMs = Math.ceil(deadtimeMs / 1000) * 1000 + 1000;
  log(turn, 'info', 'self-restart', `Heartbeat restart in ${silenceMs} ms.`);
  state.timers.set(TIMER, turn.nowMs + silenceMs);
}

function beginNewRun(turn: Turn): void {
  turn.state.exited = true;
  turn.effects.push({ kind: 'restartSelf', reason: 'the cluster partition is over' });
}
