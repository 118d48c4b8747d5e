/** Makes this machine safe for the others when a resource cannot be stopped (heartbeat-protocol.md 13.4). */
import { spawn } from 'node:child_process';

export interface RebootTools {
  readonly log: (text: string) => void;
  /** Gives what was logged a short time to reach its files. */
  readonly flush: () => Promise<unknown>;
  /** Programs tried one after the other; the first that is there and succeeds ends the matter. */
  readonly commands?: readonly (readonly [string, ...string[]])[];
}

const COMMANDS = [
  ['reboot', '-nf'],
  ['init', '6'],
] as const;

const COMMAND_DEADLINE_MS = 10_000;

/** Reboots at once, without stopping anything. Resolves (false) only when that did not work. */
export async function rebootMachine(reason: string, tools: RebootTools): Promise<false> {
  if (reason.includes('cannot be stopped')) tools.log('Resource STOP failure. Reboot required!');
  tools.log(`Rebooting this machine at once: ${reason}`);
  await tools.flush();
  for (const [program, ...args] of tools.commands ?? COMMANDS) {
    const problem = await execute(program, args);
    if (problem !== undefined) tools.log(`${program} ${args.join(' ')}: ${problem}`);
  }
  tools.log('Unable to force reboot.');
  return false;
}

function execute(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_DEADLINE_MS);
    const settle = (problem: string | undefined): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code) => settle(code === 0 ? undefined : `returned ${code}`));
  });
}
