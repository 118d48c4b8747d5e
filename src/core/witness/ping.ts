/** Asking the witnesses: an echo request each keepalive, dead after deadping without an answer (heartbeat-admin.md 8.1). */
import type { State } from '../state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { witnessCountChanged } from './handover.js';
import { witnessAnswers } from './isolation.js';
import type { Witness } from './state.js';

const ASK = 'witness';
const deadTimer = (witness: Witness): string => `deadping/${witness.name}`;

/** The first requests. Every witness has deadping to answer. */
export function beginWitnesses(turn: Turn): void {
  resumeWitnesses(turn.state, turn.nowMs);
  if (turn.state.witnesses.list.length > 0) fireAsk(turn);
}

/** A new loop process asks at once; what it does not know yet has deadping to answer. */
export function resumeWitnesses(state: State, nowMs: number): void {
  const { witnesses, config, timers } = state;
  if (witnesses.list.length === 0) return;
  for (const witness of witnesses.list) timers.set(deadTimer(witness), nowMs + config.deadpingMs);
  timers.set(ASK, nowMs);
}

/** One request to each, and the next ones a keepalive later. */
export function fireAsk(turn: Turn): void {
  const { witnesses, config, timers } = turn.state;
  for (const { name, kind } of witnesses.list) turn.effects.push({ kind: 'ping', witness: name, info: kind });
  timers.set(ASK, turn.nowMs + config.keepaliveMs);
}

/** An authentic answer came. */
export function witnessHeard(turn: Turn, name: string): void {
  const { witnesses, config, timers } = turn.state;
  const witness = witnesses.list.find((one) => one.name === name);
  if (witness === undefined) return;
  const before = witness.status;
  witness.heardMs = turn.nowMs;
  witness.status = 'ping';
  timers.set(deadTimer(witness), turn.nowMs + config.deadpingMs);
  witnessAnswers(turn);
  if (before === 'ping') return;
  log(turn, 'info', 'peer-status', `Status update for node ${name}: status ping`);
  if (before === 'dead') {
    announceEvent(turn, 'info', 'witness-up', `Witness ${name} answers again.`);
    witnessCountChanged(turn);
  }
}

/** It has not answered for deadping. */
export function fireDeadPing(turn: Turn, name: string): void {
  const { witnesses, config } = turn.state;
  const witness = witnesses.list.find((one) => one.name === name);
  if (witness === undefined || witness.status === 'dead') return;
  witness.status = 'dead';
  log(turn, 'warn', 'peer-dead', `node ${name}: is dead`);
  const seconds = (config.deadpingMs / 1000).toFixed(1);
  announceEvent(turn, 'warn', 'witness-dead', `Witness ${name} has not answered for ${seconds} s.`);
  witnessCountChanged(turn);
}
