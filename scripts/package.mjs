/**
 * `npm run package`: builds the Debian package and the tarball with install.sh into build/. Options:
 * --out DIR (default build), --version X.Y.Z (default that of package.json), --fast (light compression, for tests),
 * --as-built (dist/ is taken as it is).
 * It wants dpkg-deb and tar, and everything installed and built (it does both itself when needed).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDeb } from './package/deb.mjs';
import { stage } from './package/stage.mjs';
import { buildTarball } from './package/tarball.mjs';
import { prepare, root } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'build') },
    version: { type: 'string' },
    fast: { type: 'boolean', default: false },
    'as-built': { type: 'boolean', default: false },
  },
});

if (!values['as-built']) await prepare();
const version = values.version ?? JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
if (!/^\d+\.\d+\.\d+(?:[~+.][0-9A-Za-z.+~]+)?$/.test(version)) {
  process.stderr.write(`package: --version ${version} is no version: write three numbers, for example 4.0.1.\n`);
  process.exit(2);
}
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'heartbeat-package-'));
try {
  const tree = join(work, 'tree');
  await stage({ root, tree, version });
  const files = [
    buildTarball({ root, tree, work, out, version, fast: values.fast }),
    buildDeb({ root, tree, work, out, version, fast: values.fast }),
  ];
  for (const file of files) process.stdout.write(`${file}\n`);
} catch (error) {
  process.stderr.write(`package: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
