/** The configuration as the runner needs it: loaded, and watched for changes between two reloads. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthKeys, ClusterConfig, Diagnostic } from '../../config/types.js';

export type Loaded =
  | {
      readonly ok: true;
      readonly config: ClusterConfig;
      readonly authKeys: AuthKeys;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads the four files of the configuration directory. */
export type LoadConfiguration = (configDir: string) => Promise<Loaded>;

/** What a file looked like when it was read: changed means any difference. */
export type FileMarks = Readonly<Record<'ha.cf' | 'haresources' | 'authkeys' | 'heartbeat.ini', string>>;

/** Marks of the files as they are now. */
export function fileMarks(configDir: string): FileMarks {
  const mark = (name: string): string => {
    const status = statSync(join(configDir, name), { throwIfNoEntry: false });
    return status === undefined ? 'absent' : `${status.ino} ${status.size} ${status.mtimeMs}`;
  };
  return {
    'ha.cf': mark('ha.cf'),
    haresources: mark('haresources'),
    authkeys: mark('authkeys'),
    'heartbeat.ini': mark('heartbeat.ini'),
  };
}

/** One diagnostic as a line for a person: `FILE:LINE:COLUMN: message hint`. */
export function diagnosticLine(diagnostic: Diagnostic): string {
  const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter((part) => part !== 0).join(':');
  const hint = diagnostic.hint === undefined ? '' : ` ${diagnostic.hint}`;
  return `${place}: ${diagnostic.message}${hint}`;
}
