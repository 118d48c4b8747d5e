import { sendSequenced } from '../heartbeat/send.js';
import { isAlive } from '../membership/state.js';
import type { Turn } from '../turn.js';
import { settleEarly } from './agreement.js';
import { partnerOf } from './claims.js';
import { allAddresses } from './groups.js';
import { askForGroups, beginLegacy } from './legacy.js';
import { peerDied } from './peer-changes.js';
import { beginTransition } from './transitions.js';

/**
 * At boot: whatever an earlier run left active is released before anything is said about groups. Its addresses go in
 * this very turn: the other node may have taken over meanwhile, and scripts take as long for their stop as they take.
 */
export function releaseLeftovers(turn: Turn): void {
  const { groups } = turn.state.resources;
  const addresses = groups.flatMap(allAddresses);
  if (addresses.length > 0) turn.effects.push({ kind: 'dropAddresses', addresses });
  beginTransition(turn, {
    purpose: 'leftovers',
    groups: groups.map((group) => group.index),
    direction: 'down',
  });
}

/** The partner whose end was waited for is there: what the start left open is agreed upon with it. */
export function resumeAgreement(turn: Turn): void {
  const { phase, requested } = turn.state.resources;
  if (phase === 'starting' || phase === 'bothStarting' || phase === 'reported') beginResources(turn);
  else if (requested.length > 0) askForGroups(turn);
}

/** Communication is up: the agreement about resources begins (heartbeat-protocol.md section 9 step 4). */
export function beginResources(turn: Turn): void {
  const { resources, config } = turn.state;
  resources.phase = 'starting';
  const partner = partnerOf(turn.state);
  if (config.autoFailback !== 'legacy') sendSequenced(turn, 'starting', []);
  if (partner !== undefined && !isAlive(partner)) {
    peerDied(turn, partner);
    return;
  }
  if (config.autoFailback === 'legacy' && partner !== undefined) beginLegacy(turn);
  else settleEarly(turn);
}
