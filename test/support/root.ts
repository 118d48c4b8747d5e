import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's top folder, found from a compiled or uncompiled test file. */
export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string };
      if (manifest.name === 'heartbeat') return folder;
    } catch {
      // not here: look one folder up
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json named "heartbeat" above the tests');
    folder = parent;
  }
}

/** A file or folder of test/fixtures. */
export function fixture(...path: string[]): string {
  return join(repositoryRoot(), 'test', 'fixtures', ...path);
}
