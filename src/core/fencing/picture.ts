/** What `heartbeat status` shows of fencing. Changes nothing. */
import type { FencingSnapshot } from '../snapshot-types.js';
import type { State } from '../state.js';
import { devicesOf, type FencingTarget } from './state.js';

/** Devices and the node that is being fenced; nothing where there is neither. */
export function fencingSnapshot(state: State): { readonly fencing?: FencingSnapshot } {
  const { fencing, config } = state;
  const devices = devicesOf(config);
  if (devices.length === 0 && fencing.target === null) return {};
  return {
    fencing: {
      devices: devices.map(({ type }, index) => {
        const checked = fencing.readiness.find(({ device }) => device === index);
        const isDistrusted = fencing.distrusted.includes(index);
        const found = checked === undefined ? 'unchecked' : checked.ok ? 'ready' : 'failed';
        return { type, state: isDistrusted ? 'distrusted' : found, detail: checked?.detail ?? '' };
      }),
      target:
        fencing.target === null
          ? null
          : {
              node: fencing.target.node,
              phase: fencing.target.phase,
              sentence: sentenceOf(state, fencing.target),
            },
    },
  };
}

function sentenceOf(state: State, target: FencingTarget): string {
  const type = devicesOf(state.config)[target.device]?.type ?? '';
  switch (target.phase) {
    case 'delay':
      return `${target.node} is about to be fenced.`;
    case 'command':
      return `${target.node} is being reset with [${type}], attempt ${target.attempt}.`;
    case 'pause':
      return `${target.node} could not be reset so far: nothing of it is taken over.`;
    case 'proof':
      return `[${type}] says that ${target.node} was reset, but it was heard: waiting for what follows.`;
    case 'operator':
      return target.reason;
  }
}

/** Whole sentences about what would not work, or waits for somebody. */
export function fencingWarnings(state: State): string[] {
  const { fencing, config } = state;
  const warnings: string[] = [];
  if (fencing.target !== null) warnings.push(sentenceOf(state, fencing.target));
  for (const { device, ok, detail } of fencing.readiness) {
    const type = devicesOf(config)[device]?.type;
    if (!ok && type !== undefined) warnings.push(`the fencing device [${type}] does not work: ${detail}`);
  }
  for (const device of fencing.distrusted) {
    const type = devicesOf(config)[device]?.type ?? '';
    warnings.push(`the fencing device [${type}] said that it had reset a node which had not been reset.`);
  }
  return warnings;
}
