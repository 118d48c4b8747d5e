/** A shell script with its lines "# @NAME@" replaced by scripts/package/NAME.sh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function withIncludes(root, path) {
  const folder = join(root, 'scripts/package');
  return readFileSync(join(folder, path), 'utf8').replace(/^# @([a-z-]+)@$/gm, (_line, name) =>
    readFileSync(join(folder, `${name}.sh`), 'utf8').trimEnd(),
  );
}
