import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../paths.js';

/** The program's version, from package.json beside it; "unknown" when that is not there. */
export function programVersion(paths: Paths): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(paths.programDir, 'package.json'), 'utf8'));
    const { version } = manifest as { readonly version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
