/**
 * vrrp_strict and strict_mode: what the RFC does not allow is put right, as the original does, so that two machines
 * with the same file agree whichever program they run (vrrp-lvs.md 2.9; measured with keepalived 2.2.7).
 */
import type { VrrpInstance } from '../vrrp-types.js';
import type { DraftInstance } from './draft.js';

const OWNER_PRIORITY = 255;
const RFC_DOWN_TIMER_ADVERTS = 3;

/** The instance as the RFC allows it; each thing that is put right is told. */
export function withoutStrictConflicts(instance: VrrpInstance, { at }: DraftInstance): VrrpInstance {
  const { name, version, transport, authentication } = instance;
  const changes: string[] = [];
  const strict: { -readonly [Key in keyof VrrpInstance]?: VrrpInstance[Key] } = {};
  if (authentication.kind !== 'none') {
    strict.authentication = { kind: 'none' };
    changes.push('authentication is left out');
  }
  if (instance.preemptDelayMs > 0) {
    strict.preemptDelayMs = 0;
    changes.push('preempt_delay is left out');
  }
  if ((instance.initialState === 'master') !== (instance.priority === OWNER_PRIORITY)) {
    strict.initialState = instance.priority === OWNER_PRIORITY ? 'master' : 'backup';
    changes.push(
      `state is ${strict.initialState.toUpperCase()}, for only priority 255 is master from the start`,
    );
  }
  if (instance.accept && version === 2 && instance.priority !== OWNER_PRIORITY) {
    strict.accept = false;
    changes.push('accept is left out in version 2');
  }
  if (instance.downTimerAdverts !== RFC_DOWN_TIMER_ADVERTS) {
    strict.downTimerAdverts = RFC_DOWN_TIMER_ADVERTS;
    changes.push(`down_timer_adverts is ${RFC_DOWN_TIMER_ADVERTS}`);
  }
  if (instance.higherPrioritySendAdvert) {
    strict.higherPrioritySendAdvert = false;
    changes.push('higher_prio_send_advert is left out');
  }
  if (!instance.lowerPriorityNoAdvert) {
    strict.lowerPriorityNoAdvert = true;
    changes.push('lower_prio_no_advert holds');
  }
  if (changes.length > 0) {
    const message = `vrrp_strict forbids what vrrp_instance ${name} says: ${changes.join('; ')}.`;
    const hint = 'Remove vrrp_strict if that is not meant: it also makes the addresses deaf to ping.';
    at.problems.warning(at, 'strict-conflict', message, hint);
  }
  if (transport.kind === 'unicast') {
    const message = `vrrp_instance ${name} has unicast_peer, which no RFC knows, together with vrrp_strict; it is done all the same.`;
    at.problems.warning(at, 'strict-unicast', message, 'Remove vrrp_strict.');
  }
  return { ...instance, ...strict };
}
