/** Fencing devices that fail, hang, lie, or take their time. */
import type { DeviceBehaviour } from '../fencing-device.js';
import { drawDurationMs, type FaultRow } from './types.js';

const KINDS = ['fails', 'hangs', 'works', 'lies', 'wrongNode', 'silent'] as const satisfies readonly [
  DeviceBehaviour['kind'],
  ...DeviceBehaviour['kind'][],
];
const ORDINARY_MS = 500;

export const DEVICE_FAULTS: readonly FaultRow[] = [
  {
    kind: 'fencing',
    takes: ['node', 'device', 'mode', 'amount'],
    modes: KINDS,
    unit: 'ms',
    weight: 2,
    // A device that lies, or resets somebody else, makes every promise void: only stories play it.
    draw: (dice, { nodes, devices, deadtimeMs }) => {
      if (devices === 0) return undefined;
      return {
        node: dice.pick(nodes),
        device: dice.between(0, devices - 1),
        mode: dice.pick(['works', 'fails', 'hangs']),
        amount: dice.between(1, dice.chance(0.3) ? 40_000 : 3000),
        forMs: drawDurationMs(dice, deadtimeMs),
      };
    },
    inflict: ({ fencing }, { node, device, mode, amount }) => {
      if (node === undefined) return undefined;
      const kind = KINDS.find((word) => word === mode) ?? 'fails';
      fencing.behave(node, device ?? 0, { kind, durationMs: amount ?? ORDINARY_MS });
      return () => fencing.behave(node, device ?? 0, {});
    },
    tell: ({ node, mode }) => `fencing of ${node} ${mode ?? 'fails'}`,
  },
];
