/** Which compiled test files a run consists of. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Compiled file and its name for people: the source, from the top folder. */
export interface TestFile {
  readonly compiled: string;
  readonly name: string;
  /** Whole nodes in namespaces: run one after the other, after the others. */
  readonly alone: boolean;
}

/** Folders of test/ that `npm test` leaves out: what needs hours or a quiet machine. */
const APART = ['nightly', 'bench', 'vm', 'fixtures', 'package'];

/**
 * All compiled tests whose source is still there (a build leaves the compiled files of deleted sources), sorted;
 * with patterns those whose name contains one of them.
 */
export function findTests(root: string, patterns: readonly string[]): TestFile[] {
  const top = join(root, 'dist', 'test');
  const found: TestFile[] = [];
  for (const entry of readdirSync(top, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.test.js')) continue;
    const compiled = join(entry.parentPath, entry.name);
    const name = join('test', relative(top, compiled)).replace(/\.js$/, '.ts');
    if (!existsSync(join(root, name)) || APART.includes(name.split('/')[1] ?? '')) continue;
    if (patterns.length > 0 && !patterns.some((pattern) => name.includes(pattern))) continue;
    found.push({ compiled, name, alone: name.startsWith('test/lab/') || name.startsWith('test/interop/') });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
