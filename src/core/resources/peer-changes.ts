/** What the life and death of the partner means for the groups (heartbeat-protocol.md 10.8, 8.5; README, partitions). */

import { fencingResult, reportFencing } from '../fencing/policy.js';
import type { Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeOver } from './acquire.js';
import { inMaintenance, putOffVerdict } from './maintenance.js';
import { cancelStandby } from './standby.js';
import { ALL } from './state.js';
import { suspendResources } from './suspend.js';

/** The partner was declared dead while communication was up (or was dead when it came up). */
export function peerDied(turn: Turn, peer: Peer): void {
  const { resources, config, shutdown } = turn.state;
  if (peer.name !== resources.partner) return;
  cancelStandby(turn, `${peer.name} is dead`);
  if (shutdown !== null) return;
  if (inMaintenance(turn.state)) {
    putOffVerdict(turn, peer);
    return;
  }
  if (config.settings.isolated === 'stop' && !peer.left) {
    announceEvent(
      turn,
      'crit',
      'isolated',
      `nobody is heard and [lease] isolated = stop: this node stops its services.`,
    );
    suspendResources(turn, peer.name);
    return;
  }
  const result = fencingResult(turn, peer);
  reportFencing(turn, peer, result);
  if (result === 'unneeded' && resources.myHold === ALL) {
    log(turn, 'info', 'dead-gave-up', `Dead node ${peer.name} gave up resources.`);
    resources.wantFailback = true;
    return;
  }
  const silentMs = peer.lastStatusMs === null ? null : turn.nowMs - peer.lastStatusMs;
  const links = [...peer.links.keys()].join(', ');
  const why =
    silentMs === null
      ? `${peer.name} was never heard.`
      : `${peer.name} was silent for ${(silentMs / 1000).toFixed(3)} s on ${links}.`;
  takeOver(turn, peer, why, !peer.left);
}

/** The partner is heard again in the same run: it was not dead. Its claims decide who keeps what (reconcile). */
export function peerReturned(turn: Turn, peer: Peer): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner) return;
  for (const group of resources.groups) group.peerClaimsIgnoredUpTo = 0;
  turn.state.statusDue = true;
}

/** The partner runs anew: what it said before does not count any more. */
export function peerRestarted(turn: Turn, peer: Peer): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner) return;
  cancelStandby(turn, `${peer.name} restarted`);
  resources.otherStable = false;
  for (const group of resources.groups) group.peerClaimsIgnoredUpTo = 0;
}
