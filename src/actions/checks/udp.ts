/** UDP_CHECK: nothing says that the port is closed; an answer only where one is asked for. */
import { exchange } from './datagram.js';
import type { CheckResult, CheckTarget } from './types.js';

export async function checkUdp(
  check: { readonly payloadHex?: string; readonly requireReply: boolean },
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const payload = Buffer.from(check.payloadHex ?? '', 'hex');
  const answer = await exchange(target, payload, signal, () => true);
  if (answer === undefined && check.requireReply)
    return { ok: false, detail: `no answer within ${target.connectTimeoutMs} ms` };
  return { ok: true, detail: answer === undefined ? 'not refused' : `answer of ${answer.length} bytes` };
}
