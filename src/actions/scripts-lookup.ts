/** Where a resource script is found (contract.md, files; heartbeat-admin.md 2.2). */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

export type ScriptLookup =
  | { readonly found: true; readonly path: string }
  /** `sentence` says what is wrong, where, and what to do. */
  | { readonly found: false; readonly sentence: string };

export interface ScriptFolders {
  readonly configDir: string;
  /** Where the program itself is installed. */
  readonly programDir: string;
  /** The system's init scripts. Default /etc/init.d. */
  readonly initDir?: string;
}

/**
 * Looks for NAME in the configuration's resource.d, in /etc/init.d and in the program's resource.d. The first
 * regular executable file wins; a file that cannot be run is passed over and named if nothing else is found.
 */
export function findScript(name: string, folders: ScriptFolders): ScriptLookup {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    return {
      found: false,
      sentence: `Cannot locate resource script ${JSON.stringify(name)}: this is no file name.`,
    };
  }
  const places = [
    join(folders.configDir, 'resource.d'),
    folders.initDir ?? '/etc/init.d',
    join(folders.programDir, 'resource.d'),
  ];
  const objections: string[] = [];
  for (const place of places) {
    const path = join(place, name);
    const objection = cannotRun(path);
    if (objection === undefined) return { found: true, path };
    if (objection !== '') objections.push(objection);
  }
  const reason =
    objections.length > 0
      ? objections.join(' ')
      : `It is in none of ${places.join(', ')}; install it there or correct its name in haresources.`;
  return { found: false, sentence: `Cannot locate resource script ${name}. ${reason}` };
}

/** Undefined: can be run. Empty: not there. Otherwise a sentence. */
function cannotRun(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return '';
  if (!status.isFile()) return `${path} is not a regular file.`;
  if ((status.mode & 0o111) === 0) {
    return `${path} is not executable; run "chmod 755 ${path}".`;
  }
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return `${path} may not be executed here (is its file system mounted noexec?).`;
  }
}
