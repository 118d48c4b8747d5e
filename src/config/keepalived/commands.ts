/** Whether the commands of the file can run on this machine, and safely. */
import type { VrrpGlobal } from '../vrrp-types.js';
import type { Draft } from './draft.js';

/** What the machine knows of a program. */
export interface ScriptFacts {
  /**
   * `insecure`: somebody other than root could replace it; `why` names the part of the path and what is wrong with it.
   */
  of(
    program: string,
  ):
    | { readonly state: 'fine' | 'absent' | 'not-executable' }
    | { readonly state: 'insecure'; readonly why: string };
}

/** A missing program is a warning: it may come later. An insecure one is refused where script security is on. */
export function checkCommands(draft: Draft, global: VrrpGlobal, facts: ScriptFacts | undefined): void {
  if (facts === undefined) return;
  for (const { command, at } of draft.commands) {
    const program = command.words[0] ?? '';
    if (!program.startsWith('/')) continue;
    const found = facts.of(program);
    const { problems } = at;
    if (found.state === 'absent') {
      problems.warning(
        at,
        'script-absent',
        `There is no program ${program}.`,
        'Install it, or correct its path.',
      );
    } else if (found.state === 'not-executable') {
      const message = `${program} may not be executed.`;
      problems.warning(at, 'script-not-executable', message, `Run "chmod 755 ${program}".`);
    } else if (found.state === 'insecure') {
      const asRoot = (command.user ?? global.scriptUser ?? 'root') === 'root';
      if (!asRoot) continue;
      const message = `${program} would run as root, and somebody else could replace it: ${found.why}.`;
      const hint =
        'Make it and its folders belong to root and writable by nobody else, or name a script_user.';
      if (global.scriptSecurity) problems.error(at, 'script-insecure', message, hint);
      else problems.warning(at, 'script-insecure', message, hint);
    }
  }
}
