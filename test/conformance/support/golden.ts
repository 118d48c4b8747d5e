/** Golden folders: a folder for each case, what goes in and what is expected side by side. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';

export interface GoldenFolder {
  readonly name: string;
  readonly path: string;
  /** Text of a file of the folder; throws when there is none. */
  read(file: string): string;
  has(file: string): boolean;
  /** Compares with `expected.txt`; with UPDATE_GOLDEN=1 in the environment it is written instead. */
  compare(actual: string): void;
}

/** All folders of test/conformance/PART. */
export function goldenFolders(part: string): GoldenFolder[] {
  const top = join(repositoryRoot(), 'test', 'conformance', part);
  return readdirSync(top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => folderAt(join(top, name), name))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function folderAt(path: string, name: string): GoldenFolder {
  const file = join(path, 'expected.txt');
  return {
    name,
    path,
    has: (wanted) => existsSync(join(path, wanted)),
    read: (wanted) => readFileSync(join(path, wanted), 'utf8'),
    compare(actual) {
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, actual);
      const expected = existsSync(file) ? readFileSync(file, 'utf8') : '';
      const how = `see ${file}; UPDATE_GOLDEN=1 writes it anew`;
      assert.deepEqual(actual.split('\n'), expected.split('\n'), how);
    },
  };
}
