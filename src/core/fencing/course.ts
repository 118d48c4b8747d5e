/**
 * The course of a fencing: wait, shoot, shoot again, next device, stop loudly. Nothing of the node is taken over before
 * a device or an operator has said that it is off (heartbeat-admin.md 6.3, heartbeat-protocol.md 14).
 */
import { isAlive, type Peer } from '../membership/state.js';
import { takeOver } from '../resources/acquire.js';
import { resumeAgreement } from '../resources/begin.js';
import { inMaintenance, putOffVerdict } from '../resources/maintenance.js';
import { announceEvent, log, type Turn } from '../turn.js';
import { block, clearBlock, countShot, limitReached, uncountShot } from './limit.js';
import { sendStonith, shootsSecond } from './policy.js';
import { devicesOf, type FencingTarget, fencingSettings, type Run } from './state.js';
import type { DeviceReadiness, FenceResult } from './types.js';

const TIMER = 'fence';
/** A status of the fenced run may still have been on its way when the device said OK. */
const STRAY_MS = 1000;
/** Meatware waits for a person. */
const PATIENT_TYPES: readonly string[] = ['meatware'];
const PATIENT_DEADLINE_MS = 86_400_000;
const ROUND_PAUSE_MAX_MS = 3_600_000;

function runOf(peer: Peer): Run {
  return { generation: peer.tracking.generation, nonce: peer.extra?.nonce ?? null };
}

function sameRun(left: Run, right: Run): boolean {
  if (left.generation === 0 || left.generation !== right.generation) return false;
  return left.nonce === null || right.nonce === null || left.nonce === right.nonce;
}

/** Changes the target, or ends the fencing with null. */
function become(turn: Turn, target: FencingTarget | null): void {
  turn.state.fencing.target = target;
  turn.state.checkpointDue = true;
  if (target === null || target.phase === 'operator' || target.phase === 'proof')
    turn.state.timers.stop(TIMER);
}

/** Takes over what the node had: it is known to be off, or to have nothing. */
function confirmed(turn: Turn, node: string, why: string): void {
  const peer = turn.state.peers.get(node);
  become(turn, null);
  // In maintenance nothing moves; afterwards the verdict is looked at anew.
  if (peer !== undefined && !inMaintenance(turn.state)) takeOver(turn, peer, why, !peer.left);
}

/**
 * The peer was declared dead and may hold something: it is made dead before anything of it starts here.
 * `inHandover`: groups were about to move between the two.
 */
export function beginFencing(turn: Turn, peer: Peer, why: string, inHandover: boolean): void {
  const { state } = turn;
  const { fencing, config } = state;
  const settings = fencingSettings(config);
  // A device is at work already: its outcome decides.
  if (fencing.target?.node === peer.name && fencing.target.phase === 'command') return;
  if (isProvenDead(turn, peer)) {
    confirmed(turn, peer.name, `${why} It was fenced before, and has not been heard since.`);
    return;
  }
  const target: FencingTarget = {
    node: peer.name,
    run: runOf(peer),
    why,
    phase: 'delay',
    dueMs: turn.nowMs + settings.delayMs,
    commandId: null,
    device: 0,
    attempt: 1,
    round: 1,
    doubtful: false,
    reason: '',
  };
  if (mustWait(turn, peer)) {
    waitForOperator(turn, target, 'waits-for-peer', `${why} [fencing] wait_for_peer = yes:`);
    return;
  }
  if (settings.delayMs > 0 && shootsSecond(turn, peer, inHandover)) {
    become(turn, target);
    state.timers.set(TIMER, target.dueMs);
    announceEvent(
      turn,
      'info',
      'fencing-delay',
      `${peer.name} is to be fenced; this node holds no more than it and waits ${settings.delayMs / 1000} s, so that two that shoot at each other do not both fall.`,
    );
    return;
  }
  shoot(turn, target);
}

/** It was fenced in this run, and nothing was heard of it afterwards. */
function isProvenDead(turn: Turn, peer: Peer): boolean {
  const { fenced } = turn.state.fencing;
  if (fenced === null || fenced.node !== peer.name || !sameRun(fenced.run, runOf(peer))) return false;
  return (peer.lastStatusMs ?? 0) <= fenced.atMs + STRAY_MS;
}

function waitForOperator(turn: Turn, target: FencingTarget, code: string, because: string): void {
  const reason = `${because} nothing of ${target.node} is taken over until it is heard, or "heartbeat fence-confirm ${target.node}" says that it is off.`;
  become(turn, { ...target, phase: 'operator', commandId: null, reason });
  announceEvent(turn, 'crit', code, reason);
}

/** Devices that are still believed. */
function trusted(turn: Turn): number[] {
  const { fencing, config } = turn.state;
  return devicesOf(config)
    .map((_device, index) => index)
    .filter((index) => !fencing.distrusted.includes(index));
}

/** Begins an attempt with the target's device, or the next one that is believed. */
function shoot(turn: Turn, wanted: FencingTarget): void {
  const { fencing, config } = turn.state;
  const peer = turn.state.peers.get(wanted.node);
  if (inMaintenance(turn.state)) {
    become(turn, null);
    if (peer !== undefined) putOffVerdict(turn, peer);
    return;
  }
  const usable = trusted(turn);
  const device = usable.find((index) => index >= wanted.device) ?? usable[0];
  const type = device === undefined ? undefined : devicesOf(config)[device]?.type;
  if (device === undefined || type === undefined) {
    waitForOperator(turn, wanted, 'fencing-no-device', 'No fencing device is believed any more:');
    return;
  }
  const begins = wanted.attempt === 1 && device === usable[0];
  if (begins) {
    if (limitReached(turn, wanted.node)) {
      block(turn, wanted.node);
      const many = fencingSettings(config).perHour;
      waitForOperator(
        turn,
        wanted,
        'fencing-limit',
        `${wanted.node} was fenced ${many} times within an hour:`,
      );
      return;
    }
    countShot(turn, wanted.node);
  }
  const id = fencing.nextCommandId++;
  become(turn, {
    ...wanted,
    phase: 'command',
    commandId: id,
    device,
    doubtful: begins ? false : wanted.doubtful,
  });
  announceEvent(turn, 'info', 'fencing', `Resetting node ${wanted.node} with [${type}]`, {
    node: wanted.node,
    from: 'dead',
    to: 'fencing',
  });
  pushCommand(turn, id, wanted.node, device);
}

function pushCommand(turn: Turn, id: number, node: string, device: number): void {
  const { config } = turn.state;
  const patient = PATIENT_TYPES.includes(devicesOf(config)[device]?.type ?? '');
  const deadlineMs = patient ? PATIENT_DEADLINE_MS : fencingSettings(config).deadlineMs;
  turn.effects.push({ kind: 'fence', command: { id, node, device, deadlineMs } });
}

/** A pause is over; or a new loop process asks for the outcome of the command that it found under way. */
export function fireFence(turn: Turn): void {
  const { target } = turn.state.fencing;
  if (target === null) return;
  if (target.phase === 'delay' || target.phase === 'pause') shoot(turn, target);
  else if (target.commandId !== null) pushCommand(turn, target.commandId, target.node, target.device);
}

/** The outcome of an attempt. One that nobody waits for any more is said in the log only. */
export function finishFence(turn: Turn, id: number, result: FenceResult): void {
  const { target } = turn.state.fencing;
  if (target === null || target.commandId !== id) {
    log(
      turn,
      'info',
      'fencing-stray',
      `A fencing that nobody waits for any more ended: ${sentenceOf(result)}`,
    );
    return;
  }
  const peer = turn.state.peers.get(target.node);
  sendStonith(turn, target.node, result.ok ? 'OK' : result.badHost === true ? 'badhost' : 'bad');
  const done: FencingTarget = { ...target, commandId: null };
  if (turn.state.shutdown !== null || peer === undefined) become(turn, null);
  else if (result.ok) succeeded(turn, done, peer);
  else failed(turn, done, peer, result);
}

function sentenceOf(result: FenceResult): string {
  return result.ok ? 'done.' : result.detail;
}

function succeeded(turn: Turn, target: FencingTarget, peer: Peer): void {
  const { fencing } = turn.state;
  announceEvent(turn, 'info', 'fenced', `node ${target.node} now reset.`, {
    node: target.node,
    from: 'fencing',
    to: 'fenced',
  });
  fencing.fenced = { node: target.node, run: target.run, atMs: turn.nowMs, device: target.device };
  if (peer.left || !isAlive(peer)) {
    confirmed(turn, target.node, `${target.why} It was fenced.`);
  } else if (sameRun(target.run, runOf(peer))) {
    become(turn, { ...target, phase: 'proof' });
  } else {
    ended(turn, peer, 'runs anew');
  }
}

function failed(turn: Turn, target: FencingTarget, peer: Peer, result: FenceResult & { ok: false }): void {
  log(turn, 'error', 'fencing-failed', `Host ${target.node} not reset! ${result.detail}`);
  if (peer.left) {
    confirmed(turn, target.node, `${peer.name} was shut down in good order.`);
    return;
  }
  const doubtful = target.doubtful || !result.certain;
  if (isAlive(peer)) {
    if (!doubtful) uncountShot(turn, target.node);
    ended(turn, peer, 'is heard');
    return;
  }
  const settings = fencingSettings(turn.state.config);
  const usable = trusted(turn);
  const nextDevice = usable.find((index) => index > target.device);
  let next: FencingTarget = { ...target, phase: 'pause', doubtful };
  let pauseMs = settings.retryMs;
  if (target.attempt < settings.attempts) {
    next = { ...next, attempt: target.attempt + 1 };
  } else if (nextDevice !== undefined) {
    next = { ...next, attempt: 1, device: nextDevice };
    pauseMs = 0;
  } else {
    if (!doubtful) uncountShot(turn, target.node);
    pauseMs = Math.min(settings.roundPauseMs * 2 ** (target.round - 1), ROUND_PAUSE_MAX_MS);
    next = { ...next, attempt: 1, device: 0, round: target.round + 1, doubtful: false };
    announceEvent(
      turn,
      'crit',
      'fencing-stuck',
      `STONITH of ${target.node} failed: no device could reset it. Nothing of it is taken over; next try in ${pauseMs / 1000} s, unless it is heard or "heartbeat fence-confirm ${target.node}" says that it is off.`,
      { node: target.node, from: 'fencing', to: 'stuck' },
    );
  }
  log(turn, 'error', 'fencing-retry', `STONITH of ${target.node} failed.  Retrying...`);
  next = { ...next, dueMs: turn.nowMs + pauseMs };
  become(turn, next);
  turn.state.timers.set(TIMER, next.dueMs);
}

/** The node is there: it is not fenced any more, and both agree anew about what they hold. */
function ended(turn: Turn, peer: Peer, how: string): void {
  become(turn, null);
  announceEvent(turn, 'notice', 'fencing-ended', `${peer.name} ${how}: it is not fenced any more.`);
  resumeAgreement(turn);
}

/** After each status of a peer. `first`: it had not been heard since its death, or ever. */
export function fencingHears(turn: Turn, peer: Peer, first: boolean): void {
  const { fencing } = turn.state;
  if (fencing.target === null && fencing.fenced === null && !first) return;
  if (first) clearBlock(turn, peer.name);
  judgeDevice(turn, peer);
  const { target } = fencing;
  if (target === null || target.node !== peer.name) return;
  if (target.phase === 'command') {
    if (!first) return;
    announceEvent(
      turn,
      'warn',
      'fencing-heard',
      `${peer.name} is heard while a device resets it: its outcome is awaited, and nothing is taken over.`,
    );
  } else if (target.phase !== 'proof') ended(turn, peer, 'is heard again');
  else if (!sameRun(target.run, runOf(peer))) ended(turn, peer, 'runs anew');
}

/** A run that a device has ended does not speak any more: whoever hears it knows what the device is worth. */
function judgeDevice(turn: Turn, peer: Peer): void {
  const { fencing, config } = turn.state;
  const { fenced } = fencing;
  if (fenced === null || fenced.node !== peer.name) return;
  if (!sameRun(fenced.run, runOf(peer))) {
    fencing.fenced = null;
    turn.state.checkpointDue = true;
    return;
  }
  if (turn.nowMs <= fenced.atMs + STRAY_MS) return;
  fencing.fenced = null;
  fencing.distrusted = [...new Set([...fencing.distrusted, fenced.device])];
  turn.state.checkpointDue = true;
  const type = devicesOf(config)[fenced.device]?.type ?? '';
  announceEvent(
    turn,
    'crit',
    'fencing-lied',
    `${peer.name} is heard in the very run that [${type}] said to have ended: this device is not used any more until heartbeat is restarted. Look after it at once.`,
  );
  if (fencing.target?.phase === 'proof') ended(turn, peer, 'is alive');
}

/** `heartbeat fence-confirm NODE`: an operator says that the node is off. Returns why that changes nothing, or undefined. */
export function confirmFencing(turn: Turn, node: string): string | undefined {
  const { fencing, peers } = turn.state;
  const peer = peers.get(node);
  if (peer === undefined) return `${node} is no other node of this cluster.`;
  if (isAlive(peer)) return `${node} is heard: it is not off.`;
  if (inMaintenance(turn.state)) return 'maintenance is on: nothing is taken over.';
  const { target } = fencing;
  if (target === null || target.node !== node) return `nothing waits for ${node} to be fenced.`;
  if (target.commandId !== null) turn.effects.push({ kind: 'cancelFence', commandId: target.commandId });
  announceEvent(turn, 'notice', 'fencing-confirmed', `An operator says that ${node} is off.`);
  sendStonith(turn, node, 'OK');
  clearBlock(turn, node);
  confirmed(turn, node, `${target.why} An operator says that it is off.`);
  return undefined;
}

/** Whether a device is at work on this node now. */
export function isCommandUnderWay(turn: Turn, peer: Peer): boolean {
  const { target } = turn.state.fencing;
  return target?.node === peer.name && target.phase === 'command';
}

/** A never-heard node is waited for although there is no device. */
export function mustWait(turn: Turn, peer: Peer): boolean {
  return peer.lastStatusMs === null && fencingSettings(turn.state.config).waitForPeer;
}

/** Nobody has to be fenced any more, or this node goes. A command under way is left to end by itself. */
export function endFencing(turn: Turn): void {
  const { target } = turn.state.fencing;
  if (target !== null && target.phase !== 'command') become(turn, null);
}

/** Outcomes of a check of the devices: whoever fails is said at once, before it is needed. */
export function noteReadiness(turn: Turn, checked: readonly DeviceReadiness[]): void {
  const { fencing, config } = turn.state;
  for (const entry of checked) {
    const before = fencing.readiness.find(({ device }) => device === entry.device);
    const type = devicesOf(config)[entry.device]?.type;
    if (type === undefined) continue;
    fencing.readiness = [...fencing.readiness.filter((other) => other !== before), entry];
    if (!entry.ok && before?.ok !== false) {
      announceEvent(
        turn,
        'crit',
        'fencing-device-failed',
        `STONITH status operation failed. The device [${type}] would not work when it is needed: ${entry.detail}`,
      );
    } else if (entry.ok && before?.ok === false) {
      announceEvent(turn, 'notice', 'fencing-device-well', `The fencing device [${type}] works again.`);
    }
  }
  turn.state.checkpointDue = true;
}
