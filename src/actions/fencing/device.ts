/** One attempt to make a node dead, or one check, with a device of any kind. Never rejects. */
import type { FencingAction, StonithDevice } from '../../config/types.js';
import type { FenceResult } from '../../core/fencing/types.js';
import type { DeviceCall, FencingContext, FencingVerb } from './call.js';
import { callDisks } from './disk.js';
import { callAgent, callExternal, callScript, callStonith, examineAgent } from './plugins.js';

async function callDevice(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const { type } = call.device;
  if (type === 'sbd') return await callDisks(call, context);
  if (type === 'script') return await callScript(call, context);
  if (type.startsWith('fence/')) return await callAgent(call, context);
  if (type.startsWith('external/')) return await callExternal(call, context);
  return await callStonith(call, context);
}

export interface Attempt {
  readonly device: StonithDevice;
  readonly node: string;
  readonly action: FencingAction;
  readonly deadlineMs: number;
  readonly cancel?: AbortSignal;
}

/**
 * Resets the node, or switches it off (and on again). A node that is off is dead: that it could not be switched on
 * again is said, and is no failure. Ends shortly after the deadline at the latest.
 */
export async function fenceNode(attempt: Attempt, context: FencingContext): Promise<FenceResult> {
  const untilMs = performance.now() + attempt.deadlineMs;
  const { device, node, cancel } = attempt;
  const ask = (verb: FencingVerb): Promise<FenceResult> => {
    const deadlineMs = Math.max(1, untilMs - performance.now());
    const call: DeviceCall = { device, verb, node, deadlineMs, ...(cancel === undefined ? {} : { cancel }) };
    return callDevice(call, context);
  };
  if (attempt.action === 'reset') return await ask('reset');
  const off = await ask('off');
  if (!off.ok || attempt.action === 'off') return off;
  const on = await ask('on');
  if (!on.ok)
    context.log('error', 'fencing-not-on', `${node} is off and was not switched on again: ${on.detail}`);
  return off;
}

const VERBS: Readonly<Record<FencingAction, readonly FencingVerb[]>> = {
  reset: ['reset'],
  off: ['off'],
  'off-on': ['off', 'on'],
};

/** Whether the device answers, and could do what is configured. */
export async function checkDevice(
  device: StonithDevice,
  action: FencingAction,
  deadlineMs: number,
  context: FencingContext,
): Promise<FenceResult> {
  context.log('info', 'fencing-check', `Checking status of STONITH device [${device.type}]`);
  const call: DeviceCall = { device, verb: 'status', node: '', deadlineMs };
  if (device.type.startsWith('fence/')) {
    const problem = await examineAgent(call, VERBS[action], context);
    if (problem !== undefined) return problem;
  }
  return await callDevice(call, context);
}
