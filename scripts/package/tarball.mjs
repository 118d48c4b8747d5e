/** heartbeat-VERSION-linux-x64.tar.gz: the installed tree below root/, and install.sh. */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withIncludes } from './include.mjs';
import { run } from './run.mjs';

export function buildTarball({ root, tree, work, out, version, fast }) {
  const name = `heartbeat-${version}-linux-x64`;
  const folder = join(work, name);
  mkdirSync(folder);
  cpSync(tree, join(folder, 'root'), { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(folder, 'install.sh'), withIncludes(root, 'install.sh'));
  chmodSync(join(folder, 'install.sh'), 0o755);
  const file = join(out, `${name}.tar.gz`);
  run('tar', ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '-C', work, '-I', `gzip -${fast ? 1 : 9}n`, '-cf', file, name]);
  return file;
}
