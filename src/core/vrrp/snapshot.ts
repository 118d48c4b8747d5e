/** A picture of the instances for people. Holds no password. */
import type { VrrpInstanceSnapshot, VrrpSnapshot } from '../snapshot-types.js';
import { presentDisagreements } from './disagreement.js';
import type { Instance, Vrrp } from './state.js';

export function vrrpSnapshot(vrrp: Vrrp, nowMs: number): VrrpSnapshot {
  return {
    instances: vrrp.instances.map((instance) => instanceSnapshot(instance, nowMs)),
    groups: vrrp.groups.map(({ config, said }) => ({
      name: config.name,
      members: config.members,
      state: said,
    })),
    checks: vrrp.checks.map(({ name, good, value, detail, what }) => ({
      name,
      good,
      value: what.kind === 'file' ? value : null,
      detail,
    })),
  };
}

function instanceSnapshot(instance: Instance, nowMs: number): VrrpInstanceSnapshot {
  const { config } = instance;
  return {
    name: config.name,
    state: instance.state,
    interface: config.interface,
    virtualRouterId: config.virtualRouterId,
    version: config.version,
    priority: instance.priority,
    configuredPriority: config.priority,
    advertIntervalMs: config.advertIntervalMs,
    addresses: [...config.addresses, ...config.excludedAddresses].map(
      ({ address, prefixLength }) => `${address}/${prefixLength}`,
    ),
    master: instance.master,
    sinceMs: nowMs - instance.sinceMs,
    transitions: instance.transitions,
    faults: instance.faults,
    disagreements: presentDisagreements(instance, nowMs).map(
      ({ field, source, sentence, count, lastMs }) => ({
        field,
        source,
        sentence,
        count,
        ageMs: nowMs - lastMs,
      }),
    ),
    counters: { ...instance.counters },
  };
}

/** Warnings that hold now, for the status as a whole. */
export function vrrpWarnings(vrrp: Vrrp, nowMs: number): string[] {
  return vrrp.instances.flatMap((instance) => {
    const { name } = instance.config;
    const faults =
      instance.state === 'fault' ? [`VRRP ${name} is in fault: ${instance.faults.join('; ')}.`] : [];
    const differing = presentDisagreements(instance, nowMs).map(
      ({ sentence }) => `VRRP ${name}: ${sentence}`,
    );
    return [...faults, ...differing];
  });
}
