/** TCP_CHECK: the port takes a connection. */
import { withConnection } from './connection.js';
import type { CheckResult, CheckTarget } from './types.js';

export async function checkTcp(target: CheckTarget, signal: AbortSignal): Promise<CheckResult> {
  await withConnection(target, signal, () => Promise.resolve());
  return { ok: true, detail: 'connected' };
}
