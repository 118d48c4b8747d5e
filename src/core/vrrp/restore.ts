/** Addresses of a master that somebody else removed are put back at once, without a change of role. */
import { log, type Turn } from '../turn.js';
import type { Instance } from './state.js';
import { timerNames } from './timers.js';
import { belongingsOf } from './transitions.js';

/** Somebody who removes them again and again is answered less often: after so many times within the window, */
const OFTEN = 20;
const WINDOW_MS = 10_000;
/** only so often. */
const PAUSE_MS = 1000;

/** `missing`: canonical text. */
export function restoreAddresses(turn: Turn, instance: Instance, missing: readonly string[]): void {
  if (instance.state !== 'master') return;
  const { name } = instance.config;
  instance.restoredMs = instance.restoredMs.filter((atMs) => turn.nowMs - atMs < WINDOW_MS);
  if (instance.restoredMs.length >= OFTEN) {
    turn.state.timers.advance(timerNames.restore(instance), turn.nowMs + PAUSE_MS);
    const text = `(${name}) something on this machine keeps removing ${missing.join(', ')}: it is set again once a second.`;
    log(turn, 'error', 'vrrp-address-fight', text);
    return;
  }
  setAgain(turn, instance, missing);
}

export function fireRestore(turn: Turn, instance: Instance): void {
  if (instance.state !== 'master') return;
  setAgain(
    turn,
    instance,
    belongingsOf(instance).addresses.map(({ address }) => address),
  );
}

function setAgain(turn: Turn, instance: Instance, missing: readonly string[]): void {
  const { name, announcing } = instance.config;
  instance.restoredMs.push(turn.nowMs);
  instance.counters.addressesRestored += 1;
  const belongings = belongingsOf(instance);
  const text = `(${name}) ${missing.join(', ')} had been removed from this node, which is master: set again.`;
  log(turn, 'warn', 'vrrp-address-restored', text);
  turn.effects.push({ kind: 'vrrpSet', instance: name, belongings });
  const addresses = belongings.addresses.filter(({ address }) => missing.includes(address));
  const repeat = Math.max(1, announcing.masterRepeat);
  if (addresses.length > 0) turn.effects.push({ kind: 'vrrpAnnounce', instance: name, addresses, repeat });
}
