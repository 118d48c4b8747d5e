/** What the configuration may say and this version does not do: said at start, never passed over in silence. */
import type { ClusterConfig, Diagnostic } from './types.js';

/** Diagnostics for directives that are understood but not acted on. */
export function notYetDone(config: ClusterConfig, haCfFile: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const say = (severity: Diagnostic['severity'], code: string, message: string, hint: string): void => {
    found.push({ file: haCfFile, line: 0, column: 0, severity, code, message, hint });
  };
  if ((config.respawn ?? []).length > 0) {
    say(
      'warning',
      'respawn-not-done',
      'respawn clients are not started by this version.',
      'Start them by other means.',
    );
  }
  return found;
}
