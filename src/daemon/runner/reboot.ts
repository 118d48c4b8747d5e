/** Makes this machine safe for the others when a resource cannot be stopped (heartbeat-protocol.md 13.4). */
import { spawn } from 'node:child_process';

export interface RebootTools {
  readonly log: (text: string) => void;
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
  tools.log('Resource STOP failure. Reboot required!');
  tools.log(`Rebooting this machine at once: ${reason}`);
  for (const [program, ...args] of tools.commands ?? COMMANDS) {
    const problem = await execute(program, args);
    if (problem !== undefined) tools.log(`${program} ${args.join(' ')}: ${problem}`);
  }
  tools.log('Unable to force reboot.');
  return false;
}

function execute(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: 'ignore',
      timeout: COMMAND_DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(code === 0 ? undefined : `returned ${code}`));
  });
}
