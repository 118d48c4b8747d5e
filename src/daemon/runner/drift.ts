/** Watches the configuration files for changes and tells the loop their keyed digests (core/drift.ts compares them). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigests } from '../../config/file-digests.js';
import type { AuthKeys } from '../../config/types.js';
import type { ToLoop } from '../mailbox.js';
import { fileMarks } from './configuration.js';

const LOOK_INTERVAL_MS = 5000;

export interface DriftParts {
  readonly configDir: string;
  /** The keys in force; undefined: none yet. */
  readonly authKeys: () => AuthKeys | undefined;
  readonly tell: (message: ToLoop) => void;
}

export interface DriftWatch {
  /** Tells a new loop process what the files are. */
  tell(): void;
  close(): void;
}

/** Watches from the first `tell` on. A file that cannot be read counts as empty: that is a difference too. */
export function createDriftWatch(parts: DriftParts): DriftWatch {
  const { configDir } = parts;
  let seen = '';
  const read = (name: string): string => {
    try {
      return readFileSync(join(configDir, name), 'utf8');
    } catch {
      return '';
    }
  };
  const tell = (): void => {
    const authKeys = parts.authKeys();
    if (authKeys === undefined) return;
    seen = mark(configDir, authKeys);
    const texts = {
      'ha.cf': read('ha.cf'),
      haresources: read('haresources'),
      'heartbeat.ini': read('heartbeat.ini'),
    };
    parts.tell({ kind: 'fileDigests', files: fileDigests(texts, authKeys) });
  };
  const look = (): void => {
    const authKeys = parts.authKeys();
    if (authKeys !== undefined && mark(configDir, authKeys) !== seen) tell();
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    tell() {
      timer ??= setInterval(look, LOOK_INTERVAL_MS);
      tell();
    },
    close: () => clearInterval(timer),
  };
}

/** Changes with every change of a file or of the keys in force. Stays in this process. */
function mark(configDir: string, authKeys: AuthKeys): string {
  return JSON.stringify([fileMarks(configDir), authKeys]);
}
