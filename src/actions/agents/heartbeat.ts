/** Scripts of the heartbeat kind (heartbeat-admin.md 4.1), and init scripts, which are called the same way. */
import { judgeStatus } from '../scripts-status.js';
import type { Agent } from './agent.js';

/** The text that it prints decides, never its exit code. */
export function heartbeatAgent(path: string, args: readonly string[]): Agent {
  return {
    kind: 'heartbeat',
    path,
    args: (verb) => [...args, verb],
    environment: () => ({}),
    judge: (_exitCode, stdout) => ({ kind: judgeStatus(stdout) }),
    explain: () => '',
  };
}

const SAYS_SOMETHING = /[Rr]unning|OK/;
/** Exit codes of `status` (LSB 5.0, init script actions): 0 runs, 3 does not. */
const LSB_RUNNING = 0;

/** Exit codes of the other actions (LSB 5.0, 22.2). */
const LSB_CODES: Readonly<Record<number, string>> = {
  2: 'wrong argument',
  3: 'this action is not implemented',
  4: 'insufficient permissions',
  5: 'the program is not installed',
  6: 'the program is not configured',
  7: 'it is not running',
};

/** As above; where the text says nothing, the exit code of the LSB does. */
export function lsbAgent(path: string, args: readonly string[]): Agent {
  return {
    ...heartbeatAgent(path, args),
    kind: 'lsb',
    judge: (exitCode, stdout) => {
      if (SAYS_SOMETHING.test(stdout)) return { kind: judgeStatus(stdout) };
      return { kind: exitCode === LSB_RUNNING ? 'running' : 'stopped' };
    },
    explain: (exitCode) => LSB_CODES[exitCode] ?? '',
  };
}
