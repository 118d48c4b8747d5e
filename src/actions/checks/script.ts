/** MISC_CHECK and script checks: exit status 0 is good; with `dynamic` 2 to 255 is good too and asks for a weight. */
import type { CheckerKind } from '../../config/virtual-server-types.js';
import { findAccount } from '../accounts.js';
import { runScript } from '../scripts-process.js';
import type { CheckResult } from './types.js';

type MiscKind = Extract<CheckerKind, { readonly kind: 'misc' }>;

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export async function checkScript(check: MiscKind, signal: AbortSignal): Promise<CheckResult> {
  const [path = '', ...args] = check.command.words;
  const { user, group } = check.command;
  const found = user === undefined ? undefined : findAccount(user, group);
  if (found?.ok === false) return { ok: false, detail: found.reason };
  const { end, captures } = await runScript({
    path,
    args,
    environment: { PATH: SYSTEM_PATH, HOME: process.env.HOME ?? '/', LANG: 'C' },
    workingDirectory: '/',
    deadlineMs: check.timeoutMs,
    cancel: signal,
    ...(found === undefined ? {} : { account: found.account }),
  });
  for (const capture of captures) capture.close();
  switch (end.kind) {
    case 'exit': {
      const detail = `${path} ended with exit status ${end.code}`;
      if (end.code === 0) return { ok: true, detail };
      const isWeight = check.dynamic && end.code >= 2 && end.code <= 255;
      return isWeight ? { ok: true, detail, weight: end.code - 2 } : { ok: false, detail };
    }
    case 'deadline':
      return { ok: false, detail: `${path} did not end within ${check.timeoutMs} ms` };
    case 'notStarted':
      return { ok: false, detail: `${path} could not be started: ${end.reason}` };
    default:
      return { ok: false, detail: `${path} was ended` };
  }
}
