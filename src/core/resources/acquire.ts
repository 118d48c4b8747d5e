/** Becoming responsible for groups: our own at the start, all of a dead or leaving node, single ones that nobody holds. */
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import type { Peer } from '../membership/state.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { claimOn, isHolding, partnerOf } from './claims.js';
import { want } from './groups.js';
import { inMaintenance } from './maintenance.js';
import { reportResources } from './report.js';
import { ALL, FOREIGN, type Group, groupsIn, isFollower, LOCAL } from './state.js';
import { beginTransition } from './transitions.js';

/** Takes one group: a new epoch, so that older claims are recognised. */
export function takeGroup(turn: Turn, group: Group): void {
  if (group.wanted) return;
  group.epoch += 1;
  group.given = false;
  want(turn, group, true);
}

/** The answer that an original gives itself before it takes a group (heartbeat-protocol.md 10.4): monitors wait for it. */
function sayTaken(turn: Turn, group: Group): void {
  const own = [text('dest', turn.state.config.self), text('ipaddr', group.key)];
  sendSequenced(turn, 'ip-request-resp', [...own, text('weown', 'yes'), text('ok', 'OK')]);
}

/** Our own groups (heartbeat-protocol.md 10.4). `force`: whatever the other node was last known to hold. */
export function acquireOwn(turn: Turn, force: boolean): void {
  const { state } = turn;
  const { resources } = state;
  if ((resources.suspended && !force) || inMaintenance(state)) return;
  if (!force && resources.standby === null) {
    if ((resources.otherHold & FOREIGN) !== 0 || (resources.myHold & LOCAL) !== 0) return;
  }
  resources.myHold |= LOCAL;
  const partner = partnerOf(state);
  const own = groupsIn(resources, LOCAL).filter((group) => {
    if (group.failed) return false;
    const claim = partner === undefined || force ? undefined : claimOn(state, partner, group);
    return claim === undefined || !isHolding(claim);
  });
  for (const group of own) {
    if (partner?.extra === undefined) sayTaken(turn, group);
    takeGroup(turn, group);
  }
  beginTransition(turn, { purpose: 'acquire', groups: own.map((group) => group.index), direction: 'up' });
}

/**
 * Everything the partner had. `verdict`: it was declared dead (not: it left in good order), so it may come back and
 * still hold them.
 */
export function takeOver(turn: Turn, peer: Peer, why: string, verdict: boolean): void {
  const { resources } = turn.state;
  resources.otherHold = 0;
  resources.otherStable = true;
  resources.myHold = ALL;
  resources.wantFailback = true;
  resources.suspended = false;
  resources.requested = [];
  if (resources.phase !== 'shutdown') resources.phase = 'stable';
  const taken: Group[] = [];
  for (const group of resources.groups) {
    if (group.wanted || isFollower(group)) continue;
    // Nobody else is left to run it: a failure of the past does not count any more.
    group.failed = false;
    takeGroup(turn, group);
    group.taken = verdict;
    taken.push(group);
  }
  if (taken.length > 0) {
    log(turn, 'info', 'takeover', `Resources being acquired from ${peer.name}.`);
    for (const group of taken)
      announceEvent(turn, 'info', 'group-takeover', `Taking over resource group ${group.key}: ${why}`, {
        group: group.key,
        node: peer.name,
        from: peer.name,
        to: turn.state.config.self,
      });
  }
  reportResources(turn, true, 'req_our_resources()');
  beginTransition(turn, {
    purpose: 'takeover',
    groups: taken.map((group) => group.index),
    direction: 'up',
    peer: peer.name,
  });
}
