/** A picture of the state for people (`heartbeat status`, cl_status). Changes nothing. */
import { driftSnapshot, driftWarnings } from './drift.js';
import { fencingSnapshot, fencingWarnings } from './fencing/picture.js';
import { isFencing } from './fencing/state.js';
import { disksSnapshot, diskWarnings } from './guard/disk.js';
import { lossPerMille, toldLossPerMille } from './membership/loss.js';
import { isAlive, type Peer } from './membership/state.js';
import { carrierWarnings, failedByCarrier, lacksCarrierThere } from './resources/carrier.js';
import { claimOn, isHolding, partnerOf } from './resources/claims.js';
import { inMaintenance } from './resources/maintenance.js';
import { type Group, isHeld, wordOf } from './resources/state.js';
import type {
  GroupSnapshot,
  LinkSnapshot,
  NodeSnapshot,
  ResourceSnapshot,
  ResourceState,
  StatusSnapshot,
} from './snapshot-types.js';
import type { State } from './state.js';
import { vrrpSnapshot, vrrpWarnings } from './vrrp/snapshot.js';
import type { Witness } from './witness/state.js';

export function snapshot(state: State, nowMs: number): StatusSnapshot {
  const { config, identity, membership, resources } = state;
  return {
    schema: 1,
    program: identity.program,
    self: config.self,
    generation: identity.generation,
    communicationUp: membership.communicationUp,
    maintenance: inMaintenance(state),
    shuttingDown: state.shutdown !== null,
    autoFailback: config.autoFailback,
    resources: inTransition(state) ? 'transition' : wordOf(resources.myHold),
    nodes: [
      ...config.nodes.map((name) => {
        const peer = state.peers.get(name);
        return peer === undefined ? selfSnapshot(state) : peerSnapshot(state, peer, nowMs);
      }),
      ...state.witnesses.list.map((witness) => witnessSnapshot(state, witness, nowMs)),
    ],
    groups: resources.groups.map((group) => groupSnapshot(state, group)),
    lease: { ...state.guard.budget, device: state.guard.device },
    ...(state.vrrp === null ? {} : { vrrp: vrrpSnapshot(state.vrrp, nowMs) }),
    ...(state.guard.disks === null ? {} : { disks: disksSnapshot(state.guard.disks, nowMs) }),
    drift: driftSnapshot(state),
    warnings: [...warningsOf(state), ...(state.vrrp === null ? [] : vrrpWarnings(state.vrrp, nowMs))],
    ...fencingSnapshot(state),
  };
}

function inTransition(state: State): boolean {
  const { resources } = state;
  if (isFencing(state)) return true;
  if (resources.standby !== null || resources.transitions.length > 0) return true;
  if (resources.phase !== 'stable' && resources.phase !== 'shutdown') return true;
  return resources.groups.some((group) => group.operationId !== null);
}

function selfSnapshot(state: State): NodeSnapshot {
  return {
    name: state.config.self,
    kind: 'normal',
    self: true,
    status: state.membership.status,
    generation: state.identity.generation,
    deadtimeMs: state.guard.budget.silenceMs,
    statusAgeMs: 0,
    program: state.identity.program,
    links: ownLinks(state),
  };
}

/** The links of ha.cf in its order: all media of an interface are one, which has its name (heartbeat-protocol.md 2.1). */
function linkNames(state: State): string[] {
  return [...new Set(state.config.media.flatMap((medium) => ('device' in medium ? [medium.device] : [])))];
}

function ownLinks(state: State): LinkSnapshot[] {
  const media = [...state.media].map(([description, { up }]) => ({ name: description.split(' ')[1], up }));
  const names = new Set([...linkNames(state), ...media.map(({ name }) => name ?? '')]);
  return [...names].map((name) => {
    const up = media.some((medium) => medium.name === name && medium.up);
    return { name, status: up ? 'up' : 'dead', heardAgeMs: null };
  });
}

function peerLinks(state: State, peer: Peer, nowMs: number): LinkSnapshot[] {
  return [...new Set([...linkNames(state), ...peer.links.keys()])].map((name) => {
    const link = peer.links.get(name);
    return {
      name,
      status: link?.up === true ? 'up' : 'dead',
      heardAgeMs: link === undefined ? null : nowMs - link.heardMs,
      lossInPercent: link === undefined ? null : percent(lossPerMille(peer, link)),
      lossOutPercent: percent(toldLossPerMille(state.config.self, peer, name)),
    };
  });
}

function percent(perMille: number | null): number | null {
  return perMille === null ? null : perMille / 10;
}

function peerSnapshot(state: State, peer: Peer, nowMs: number): NodeSnapshot {
  return {
    name: peer.name,
    kind: 'normal',
    self: false,
    status: peer.status,
    generation: peer.tracking.generation === 0 ? null : peer.tracking.generation,
    deadtimeMs: peer.announcedDeadtimeMs ?? state.config.deadtimeMs,
    statusAgeMs: peer.lastStatusMs === null ? null : nowMs - peer.lastStatusMs,
    program: peer.extra?.program ?? null,
    links: peerLinks(state, peer, nowMs),
  };
}

/** A ping host is a node without resources, and its own link (heartbeat-protocol.md 15.1). */
function witnessSnapshot(state: State, witness: Witness, nowMs: number): NodeSnapshot {
  const heardAgeMs = witness.heardMs === null ? null : nowMs - witness.heardMs;
  const isUp = witness.status === 'ping';
  return {
    name: witness.name,
    kind: 'ping',
    self: false,
    status: witness.status === 'unknown' ? 'init' : witness.status,
    generation: null,
    deadtimeMs: state.config.deadpingMs,
    statusAgeMs: heardAgeMs,
    program: null,
    links: [{ name: witness.name, status: isUp ? 'up' : 'dead', heardAgeMs }],
  };
}

function stateOf(group: Group): ResourceState {
  if (group.phase === 'unknown') return 'stopping';
  if (group.phase === 'stopped' && group.failed && !failedByCarrier(group)) return 'failed';
  return group.phase;
}

function groupSnapshot(state: State, group: Group): GroupSnapshot {
  const partner = partnerOf(state);
  const claim = partner === undefined ? undefined : claimOn(state, partner, group);
  let owner: string | null = null;
  if (isHeld(group)) owner = state.config.self;
  else if (partner !== undefined && claim !== undefined && isHolding(claim)) owner = partner.name;
  return {
    key: group.key,
    preferredNode: group.node,
    words: group.line.split(' ').slice(1),
    owner,
    epoch: group.epoch,
    state: stateOf(group),
    resources: group.steps.flatMap((step, index) => {
      const now = { state: stepState(group, index), ...failuresOf(group, index) };
      if (step.kind === 'script') return [{ word: step.resource.word, ...now }];
      return step.addresses.map((spec) => ({ word: spec.address, ...now }));
    }),
    failedOn: failedOn(state, group),
  };
}

function failuresOf(group: Group, stepIndex: number): Pick<ResourceSnapshot, 'failures' | 'failure'> {
  const health = group.health[stepIndex];
  if (health === undefined || health.failures === 0) return { failures: 0 };
  return { failures: health.failures, failure: health.reason };
}

function failedOn(state: State, group: Group): string[] {
  const partner = partnerOf(state);
  const names = group.failed && !failedByCarrier(group) ? [state.config.self] : [];
  const failedThere = partner !== undefined && claimOn(state, partner, group)?.hold === 'failed';
  if (failedThere && !lacksCarrierThere(state, group)) names.push(partner.name);
  return names;
}

function stepState(group: Group, index: number): ResourceState {
  switch (group.phase) {
    case 'running':
      return 'running';
    case 'starting':
      if (index < group.position) return 'running';
      return index === group.position ? 'starting' : 'stopped';
    case 'stopping':
    case 'unknown':
      if (index >= group.position) return 'stopped';
      return index === group.position - 1 ? 'stopping' : 'running';
    default:
      return 'stopped';
  }
}

function warningsOf(state: State): string[] {
  const warnings: string[] = [];
  if (state.guard.problem !== '') warnings.push(state.guard.problem);
  warnings.push(...diskWarnings(state.guard));
  for (const [name, medium] of state.media) {
    if (!medium.up) warnings.push(medium.reason === '' ? `medium ${name} is down.` : medium.reason);
  }
  for (const peer of state.peers.values()) {
    if (!isAlive(peer)) {
      if (peer.status === 'dead')
        warnings.push(`${peer.name} is dead: there is nobody to take over from this node.`);
      continue;
    }
    const dead = [...peer.links].filter(([, link]) => !link.up).map(([name]) => name);
    if (dead.length > 0)
      warnings.push(`${dead.length} of ${peer.links.size} links to ${peer.name} dead: ${dead.join(', ')}.`);
    if (peer.deaf) warnings.push(`${peer.name} does not hear this node.`);
  }
  for (const { name, status } of state.witnesses.list)
    if (status === 'dead') warnings.push(`witness ${name} does not answer.`);
  if (state.witnesses.isolated)
    warnings.push('cut off: neither the other node nor a witness decides that this node may serve.');
  if (inMaintenance(state))
    warnings.push(
      'MAINTENANCE is on: nothing is started, stopped, moved or fenced; "heartbeat maintenance off" ends it.',
    );
  if (state.failbackClosed && state.resources.wantFailback && partnerIsBack(state))
    warnings.push(
      `groups of the other node stay here until ${state.config.settings.failbackWindow} ([schedule] failback).`,
    );
  if (state.resources.suspended)
    warnings.push('services are stopped here until the other node is known to agree.');
  for (const group of state.resources.groups) {
    warnings.push(...failureWarnings(state, group));
    if (group.stopFailures > 0)
      warnings.push(`group ${group.key} cannot be stopped here so far (${group.stopFailures} attempts).`);
  }
  warnings.push(...carrierWarnings(state));
  warnings.push(...driftWarnings(state), ...fencingWarnings(state));
  return warnings;
}

/** The partner could take its groups back. */
function partnerIsBack(state: State): boolean {
  const partner = partnerOf(state);
  return partner !== undefined && isAlive(partner) && partner.status === 'active';
}

function failureWarnings(state: State, group: Group): string[] {
  const nodes = failedOn(state, group);
  if (nodes.length === 0) return [];
  const where = `group ${group.key} failed on ${nodes.join(' and on ')}`;
  const remedy = `repair it, then say "heartbeat cleanup ${group.key}".`;
  const partner = partnerOf(state);
  const nowhere = nodes.length > 1 || (group.failed && (partner === undefined || !isAlive(partner)));
  return [
    nowhere ? `${where} and runs nowhere: ${remedy}` : `${where}, which does not take it again: ${remedy}`,
  ];
}
