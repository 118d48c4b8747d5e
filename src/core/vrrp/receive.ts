/** What an advert does, by the state of the instance (RFC 3768 6.4, RFC 5798 6.4, vrrp-lvs.md 2.7). */
import { log, type Turn } from '../turn.js';
import { announceAgain } from './announce.js';
import { disagree } from './disagreement.js';
import { rankOf, skewMs } from './election.js';
import type { HeardAdvert } from './input.js';
import { judgeAdvert, type ReadableAdvert } from './judge.js';
import { notify } from './notify.js';
import type { Instance, Vrrp } from './state.js';
import { followIntoBackup } from './sync.js';
import { countSilenceSince } from './timers.js';
import { changePriority } from './tracking.js';
import { becomeBackup, sendAdvert } from './transitions.js';

export function receiveAdvert(turn: Turn, vrrp: Vrrp, name: string, heard: HeardAdvert): void {
  const instance = vrrp.instances.find(({ config }) => config.name === name);
  if (instance === undefined || (instance.state !== 'backup' && instance.state !== 'master')) return;
  const advert = judgeAdvert(turn, instance, heard);
  if (advert === undefined) return;
  instance.counters.advertsHeard += 1;
  if (instance.state === 'backup') backupHears(turn, instance, advert);
  else masterHears(turn, vrrp, instance, advert);
}

function backupHears(turn: Turn, instance: Instance, advert: ReadableAdvert): void {
  const { name } = instance.config;
  const { source, priority } = advert;
  if (priority === 0) {
    log(turn, 'info', 'vrrp-priority-0', `(${name}) Backup received priority 0 advertisement`);
    instance.wantsMaster = false;
    countSilenceSince(turn, instance, advert.ageMs ?? 0, skewMs(instance));
    return;
  }
  if (priority >= instance.priority) {
    instance.preemptAtMs = null;
    accept(turn, instance, advert);
    return;
  }
  if (!instance.config.preempt || putUpWith(turn, instance)) {
    accept(turn, instance, advert);
    return;
  }
  // Nothing happens: the silence goes on counting, and at its end this node takes over.
  if (instance.master?.address === source && instance.master.priority === priority) return;
  instance.master = { address: source, priority };
  log(
    turn,
    'info',
    'vrrp-lower-priority',
    `(${name}) received lower priority (${priority}) advert from ${source} - discarding`,
  );
}

/** preempt_delay: from the first lower advert on, for so long. */
function putUpWith(turn: Turn, instance: Instance): boolean {
  const { preemptDelayMs } = instance.config;
  if (preemptDelayMs === 0) return false;
  instance.preemptAtMs ??= turn.nowMs + preemptDelayMs;
  return turn.nowMs < instance.preemptAtMs;
}

/** There is a master: its silence counts anew. */
function accept(turn: Turn, instance: Instance, advert: ReadableAdvert): void {
  const { source: address, priority } = advert;
  learnInterval(turn, instance, advert);
  if (instance.master?.address !== address || instance.master.priority !== priority) {
    instance.master = { address, priority };
  }
  instance.wantsMaster = false;
  countSilenceSince(turn, instance, advert.ageMs ?? 0);
}

/**
 * Version 3: the master says how often it speaks. Another interval than before counts only when a second advert of the
 * same sender says the same a plausible time later: one forged advert of a long interval delays no takeover
 * (vrrp-lvs.md 2.5), one of a short interval causes none.
 */
function learnInterval(turn: Turn, instance: Instance, { source, intervalMs }: ReadableAdvert): void {
  if (instance.config.version === 2) return;
  if (intervalMs === instance.masterIntervalMs) {
    instance.intervalClaim = null;
    return;
  }
  const claim = instance.intervalClaim;
  if (claim === null || claim.source !== source || claim.intervalMs !== intervalMs) {
    instance.intervalClaim = { source, intervalMs, sinceMs: turn.nowMs };
    return;
  }
  const plausibleMs = Math.min(intervalMs, instance.masterIntervalMs) / 2;
  if (turn.nowMs - claim.sinceMs < plausibleMs) return;
  log(
    turn,
    'info',
    'vrrp-interval',
    `(${instance.config.name}) advertisement interval updated from ${instance.masterIntervalMs}ms to ${intervalMs}ms by master`,
  );
  instance.masterIntervalMs = intervalMs;
  instance.intervalClaim = null;
}

function masterHears(turn: Turn, vrrp: Vrrp, instance: Instance, advert: ReadableAdvert): void {
  const { name, family, transport, interface: device } = instance.config;
  const { source, priority } = advert;
  if (priority === 0) {
    // Somebody was master besides us and leaves: our address is told anew.
    sendAdvert(turn, instance);
    announceAgain(turn, instance);
    return;
  }
  if (priority === 255 && instance.priority === 255) yieldOwnership(turn, instance, source);
  const found = vrrp.interfaces.get(device);
  const own = transport.source ?? (family === 4 ? found?.address4 : found?.address6) ?? null;
  switch (rankOf({ priority, source }, instance, own)) {
    case 'same-address':
      disagree(
        turn,
        instance,
        'priority',
        source,
        `another machine has our address ${source} and our priority ${priority}: give it its own address.`,
      );
      return;
    case 'lower':
      log(
        turn,
        'info',
        'vrrp-forcing',
        `(${name}) Received advert from ${source} with lower priority ${priority}, ours ${instance.priority}, forcing new election`,
      );
      if (!instance.config.lowerPriorityNoAdvert) sendAdvert(turn, instance);
      if (turn.nowMs >= instance.quietUntilMs) notify(turn, instance, 'MASTER_RX_LOWER_PRI');
      announceAgain(turn, instance);
      return;
    case 'higher':
      yieldTo(turn, instance, advert);
  }
}

/** Two address owners cannot be: this one steps back by one. */
function yieldOwnership(turn: Turn, instance: Instance, source: string): void {
  disagree(
    turn,
    instance,
    'priority',
    source,
    `CONFIGURATION ERROR: ${source} and this node both have priority 255 (address owner): give one of them another. ` +
      'This node goes on with 254.',
  );
  instance.ownershipLost = true;
  changePriority(turn, instance, 254);
}

/**
 * The addresses go first. Then one last advert, though nobody asks for it: the new master learns from it that hosts may
 * still send here, and announces its addresses (vrrp-lvs.md 4.3 (a)).
 */
function yieldTo(turn: Turn, instance: Instance, advert: ReadableAdvert): void {
  const { name, strict } = instance.config;
  const { source, priority } = advert;
  const equal = priority === instance.priority;
  const how = equal
    ? `with same priority ${priority} but higher IP address than ours`
    : `with higher priority ${priority}, ours ${instance.priority}`;
  log(turn, 'info', 'vrrp-yields', `(${name}) Master received advert from ${source} ${how}`);
  becomeBackup(turn, instance);
  if (!strict) sendAdvert(turn, instance);
  instance.preemptAtMs = null;
  accept(turn, instance, advert);
  followIntoBackup(turn, instance);
}
