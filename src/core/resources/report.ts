/** The R1 `resource` message: what this node is responsible for (heartbeat-protocol.md section 6, 10.1). */
import { type Field, text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import type { Turn } from '../turn.js';
import { FOREIGN, groupsIn, LOCAL, wordOf } from './state.js';

/** Full report of our own set. Not spoken in legacy mode. */
export function reportResources(turn: Turn, stable: boolean, info?: string): void {
  if (turn.state.config.autoFailback === 'legacy' || !turn.state.membership.communicationUp) return;
  const own: Field[] = [
    text('rsc_hold', wordOf(turn.state.resources.myHold)),
    text('rtype', 'full'),
    text('isstable', stable ? '1' : '0'),
  ];
  if (info !== undefined) own.push(text('info', info));
  sendSequenced(turn, 'resource', own);
}

/** The incremental report that originals send when a takeover is complete. */
export function reportMachDown(turn: Turn): void {
  sendSequenced(turn, 'resource', [text('rsc_hold', 'foreign'), text('info', 'mach_down')]);
}

/** Own set from what is wanted, for the sides that have groups at all. */
export function recomputeHold(turn: Turn): void {
  const { resources } = turn.state;
  for (const bit of [LOCAL, FOREIGN]) {
    const groups = groupsIn(resources, bit);
    if (groups.length === 0) continue;
    const wanted = groups.some((group) => group.wanted);
    resources.myHold = wanted ? resources.myHold | bit : resources.myHold & ~bit;
  }
  turn.state.checkpointDue = true;
}
