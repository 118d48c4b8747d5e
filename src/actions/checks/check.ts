/** One check of any kind, once. */
import { checkDns } from './dns.js';
import { checkFile } from './file.js';
import { checkHttp } from './http.js';
import { checkPing } from './ping.js';
import { checkScript } from './script.js';
import { checkSmtp } from './smtp.js';
import { checkTcp } from './tcp.js';
import { type CheckResult, type CheckSpec, reasonOf } from './types.js';
import { checkUdp } from './udp.js';

/** Never rejects; ends at the latest a moment after the bounds of the check, at once when `signal` says so. */
export async function runCheck(spec: CheckSpec, signal: AbortSignal): Promise<CheckResult> {
  try {
    return await dispatch(spec, signal);
  } catch (error) {
    return { ok: false, detail: reasonOf(error) };
  }
}

function dispatch({ check, target, tls }: CheckSpec, signal: AbortSignal): Promise<CheckResult> {
  switch (check.kind) {
    case 'tcp':
      return checkTcp(target, signal);
    case 'http':
    case 'https':
      return checkHttp(check, target, signal, tls);
    case 'smtp':
      return checkSmtp(check.heloName, target, signal);
    case 'dns':
      return checkDns(check, target, signal);
    case 'udp':
      return checkUdp(check, target, signal);
    case 'ping':
      return checkPing(target, signal);
    case 'file':
      return checkFile(check);
    case 'misc':
      return checkScript(check, signal);
  }
}

/** A check with its retries, as one question: good as soon as one attempt is. */
export async function runCheckWithRetries(
  spec: CheckSpec,
  times: { readonly retries: number; readonly delayBeforeRetryMs: number },
  signal: AbortSignal,
): Promise<CheckResult> {
  let result = await runCheck(spec, signal);
  for (let retry = 0; retry < times.retries && !result.ok && !signal.aborted; retry++) {
    await pause(times.delayBeforeRetryMs, signal);
    if (!signal.aborted) result = await runCheck(spec, signal);
  }
  return result;
}

function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, forMs);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
