/** What the life and death of the partner means for the groups (heartbeat-protocol.md 10.8, 8.5; README, partitions). */

import { beginFencing, endFencing, isCommandUnderWay, mustWait } from '../fencing/course.js';
import { fencingNeed, reportUnfenced } from '../fencing/policy.js';
import { devicesOf } from '../fencing/state.js';
import type { Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { mayTakeOverAlone } from '../witness/isolation.js';
import { witnessesDecide } from '../witness/state.js';
import { takeOver } from './acquire.js';
import { inMaintenance, putOffVerdict } from './maintenance.js';
import { planSelfRestart } from './self-restart.js';
import { cancelStandby } from './standby.js';
import { ALL } from './state.js';
import { suspendResources } from './suspend.js';

/** The partner was declared dead while communication was up (or was dead when it came up). */
export function peerDied(turn: Turn, peer: Peer): void {
  const { resources, config, shutdown } = turn.state;
  if (peer.name !== resources.partner) return;
  const inHandover = resources.standby !== null;
  cancelStandby(turn, `${peer.name} is dead`);
  // A device is at work on it: its outcome decides.
  if (shutdown !== null || isCommandUnderWay(turn, peer)) return;
  if (inMaintenance(turn.state)) {
    putOffVerdict(turn, peer);
    return;
  }
  if (!mayTakeOverAlone(turn, peer)) return;
  const unguarded = devicesOf(config).length === 0 && !witnessesDecide(config, turn.state.witnesses);
  if (config.settings.isolated === 'stop' && !peer.left && unguarded) {
    announceEvent(
      turn,
      'crit',
      'isolated',
      `nobody is heard and [lease] isolated = stop: this node stops its services.`,
    );
    suspendResources(turn, peer.name);
    return;
  }
  const need = fencingNeed(turn, peer);
  const why = silenceOf(turn, peer);
  if (need === 'needed' || (need === 'n_stnth' && mustWait(turn, peer))) {
    beginFencing(turn, peer, why, inHandover);
    return;
  }
  endFencing(turn);
  reportUnfenced(turn, peer, need);
  const isComplete = resources.groups.every((group) => group.wanted || group.failed);
  if (need === 'unneeded' && resources.myHold === ALL && isComplete) {
    log(turn, 'info', 'dead-gave-up', `Dead node ${peer.name} gave up resources.`);
    resources.wantFailback = true;
    return;
  }
  takeOver(turn, peer, why, !peer.left);
}

function silenceOf(turn: Turn, peer: Peer): string {
  if (peer.lastStatusMs === null) return `${peer.name} was never heard.`;
  const seconds = ((turn.nowMs - peer.lastStatusMs) / 1000).toFixed(3);
  return `${peer.name} was silent for ${seconds} s on ${[...peer.links.keys()].join(', ')}.`;
}

/** The partner is heard again in the same run: it was not dead. Its claims decide who keeps what (reconcile). */
export function peerReturned(turn: Turn, peer: Peer): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner) return;
  for (const group of resources.groups) group.peerClaimsIgnoredUpTo = 0;
  // What an original was told of a suspension while the network was broken, it has not heard.
  if (resources.suspended && peer.extra === undefined) resources.suspensionUntold = true;
  turn.state.statusDue = true;
  planSelfRestart(turn, peer);
}

/**
 * The first status of a run of the partner after an initdead or more without one. An original that is active already
 * may have waited that long for this node in vain and taken everything, so it is as after a healed partition. (Two
 * originals keep everything both, heartbeat-protocol.md 8.5 looks at the generation.) What had merely been off says
 * `init` or `up` first; but not to a node that did not run for an initdead itself (`waited`), which reads that too late.
 */
export function peerMetLate(turn: Turn, peer: Peer, waited: boolean): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner || (peer.status !== 'active' && !waited)) return;
  if (resources.suspended && peer.extra === undefined) resources.suspensionUntold = true;
  planSelfRestart(turn, peer);
}

/** The partner runs anew: what it said before does not count any more. */
export function peerRestarted(turn: Turn, peer: Peer): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner) return;
  cancelStandby(turn, `${peer.name} restarted`);
  resources.otherStable = false;
  for (const group of resources.groups) {
    group.peerClaimsIgnoredUpTo = 0;
    group.given = false;
    // A new run can do what the former one could not, or has lost what it was given.
    group.offered = false;
  }
}
