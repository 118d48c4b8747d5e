/** One program of keepalived.conf, run without a shell as the account that the file names. */
import { findAccount } from '../../actions/accounts.js';
import { runScript, type ScriptEnd } from '../../actions/scripts-process.js';
import type { VrrpCommand } from '../../config/vrrp-types.js';

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Account of programs that name none; absent: that of the daemon. */
export interface ScriptAccount {
  readonly scriptUser?: string;
  readonly scriptGroup?: string;
}

/** Runs it to its end; each line that it says goes to `said`. Never rejects. */
export async function runCommand(
  command: VrrpCommand,
  account: ScriptAccount | undefined,
  deadlineMs: number,
  said: (line: string) => void,
): Promise<ScriptEnd> {
  const [path = '', ...args] = command.words;
  const user = command.user ?? account?.scriptUser;
  const found = user === undefined ? undefined : findAccount(user, command.group ?? account?.scriptGroup);
  if (found?.ok === false) return { kind: 'notStarted', reason: found.reason };
  const outcome = await runScript({
    path,
    args,
    environment: { PATH: SYSTEM_PATH, HOME: process.env.HOME ?? '/', LANG: 'C' },
    workingDirectory: '/',
    deadlineMs,
    ...(found === undefined ? {} : { account: found.account }),
  });
  for (const capture of outcome.captures) capture.close();
  for (const line of `${outcome.stdout}\n${outcome.stderr}`.split('\n')) {
    if (line.trim() !== '') said(`${path}: ${line.trim().slice(0, 200)}`);
  }
  return outcome.end;
}

/** The end of a program as the end of a sentence. */
export function endWords(end: ScriptEnd, deadlineMs: number): string {
  switch (end.kind) {
    case 'exit':
      return `ended with exit status ${end.code}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'cancelled':
      return 'was cancelled';
    case 'notStarted':
      return `could not be started: ${end.reason}`;
    case 'deadline':
      return `did not end within ${Math.round(deadlineMs)} ms`;
  }
}
