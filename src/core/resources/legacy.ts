/** auto_failback legacy: a node asks for its own groups one by one, the holder gives each (heartbeat-protocol.md 10.7). */
import { type Message, text, textOf } from '../../wire/message.js';
import { isFencing } from '../fencing/state.js';
import { sendSequenced } from '../heartbeat/send.js';
import { isAlive, type Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { takeGroup } from './acquire.js';
import { failedByCarrier } from './carrier.js';
import { isCurrent, partnerOf } from './claims.js';
import { want } from './groups.js';
import { inMaintenance } from './maintenance.js';
import { recomputeHold } from './report.js';
import { holdsAnything, isHeld, LOCAL } from './state.js';
import { beginTransition } from './transitions.js';

/** A request without an answer is repeated: the holder may have been restarting. */
const ASK_AGAIN_MS = 2000;

/** Communication is up and the partner lives: ask it for each of our groups. */
export function beginLegacy(turn: Turn): void {
  const { resources } = turn.state;
  resources.phase = 'stable';
  resources.otherStable = true;
  resources.requested = resources.groups
    .filter((group) => group.isLocal && !group.wanted && !failedByCarrier(group))
    .map((group) => group.key);
  askForGroups(turn);
}

/**
 * A suspended node beside an original: nothing of it runs any more and the original lives, so it asks for its own groups
 * as it would after a start. (Without legacy the original's full report ends the suspension, agreement.ts.)
 */
export function resumeLegacy(turn: Turn, peer: Peer): void {
  const { resources, config } = turn.state;
  if (!resources.suspended || config.autoFailback !== 'legacy' || peer.name !== resources.partner) return;
  if (peer.status !== 'active' || inMaintenance(turn.state) || holdsAnything(resources)) return;
  resources.suspended = false;
  announceEvent(
    turn,
    'info',
    'resumed',
    `${peer.name} is heard and nothing runs here: this node takes part again.`,
  );
  beginLegacy(turn);
}

/** Sends an ip-request for every group that is still asked for. */
export function askForGroups(turn: Turn): void {
  const { resources, timers } = turn.state;
  const partner = partnerOf(turn.state);
  if (resources.requested.length === 0 || partner === undefined || !isAlive(partner)) return;
  timers.set('ask', turn.nowMs + ASK_AGAIN_MS);
  if (inMaintenance(turn.state) || resources.suspended) return;
  for (const key of resources.requested) sendSequenced(turn, 'ip-request', [text('ipaddr', key)]);
}

/** The partner asks for a group: we give it if we have it, and say so when the release is finished. */
export function receiveIpRequest(turn: Turn, peer: Peer, message: Message): void {
  const { resources } = turn.state;
  if (peer.name !== resources.partner || inMaintenance(turn.state)) return;
  const key = textOf(message, 'ipaddr');
  const group = resources.groups.find((candidate) => candidate.key === key);
  if (group === undefined) {
    log(
      turn,
      'warn',
      'unknown-group',
      `${peer.name} asks for a resource group that is not in our haresources: ignored.`,
    );
    return;
  }
  const repeated = resources.transitions.some(
    ({ purpose, groups }) => purpose === 'request' && groups.includes(group.index),
  );
  if (repeated) return;
  const held = isHeld(group);
  if (held) log(turn, 'info', 'giving', `${peer.name} asks for resource group ${group.key}: giving it.`);
  want(turn, group, false);
  recomputeHold(turn);
  beginTransition(turn, {
    purpose: 'request',
    groups: [group.index],
    direction: 'down',
    peer: peer.name,
    held,
  });
}

/** The partner has released the group, or never had it. Only answers to our own questions count. */
export function receiveIpResponse(turn: Turn, peer: Peer, message: Message, seq: number): void {
  const { resources, config } = turn.state;
  if (peer.name !== resources.partner || textOf(message, 'dest') !== config.self) return;
  if (textOf(message, 'ok') !== 'OK' || inMaintenance(turn.state)) return;
  // An answer to an earlier run of ours, or to a question from before this node had to stop everything: asked anew.
  if (!isCurrent(peer) || resources.suspended) return;
  // Asked again when the device that is at work on the peer has said what it did.
  if (isFencing(turn.state)) return;
  const key = textOf(message, 'ipaddr');
  const group = resources.groups.find((candidate) => candidate.key === key);
  if (group === undefined || !resources.requested.includes(group.key)) return;
  resources.requested = resources.requested.filter((other) => other !== group.key);
  group.peerClaimsIgnoredUpTo = seq;
  if (!group.failed) takeGroup(turn, group);
  resources.myHold |= LOCAL;
}
