/** heartbeat-ts_VERSION_amd64.deb. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withIncludes } from './include.mjs';
import { run } from './run.mjs';
import { DOC, PROGRAM, walk } from './stage.mjs';

const NAME = 'heartbeat-ts';
const MAINTAINER = process.env.DEBEMAIL
  ? `${process.env.DEBFULLNAME ?? 'Packager'} <${process.env.DEBEMAIL}>`
  : 'Heartbeat packagers <heartbeat@packages.invalid>';
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'];

export function buildDeb({ root, tree, work, out, version, fast }) {
  const folder = join(work, 'deb');
  cpSync(tree, folder, { recursive: true, verbatimSymlinks: true });
  const from = join(root, 'scripts/package/debian');
  const doc = join(folder, DOC);
  writeFileSync(join(doc, 'copyright'), copyright(join(folder, PROGRAM, 'node_modules')));
  writeFileSync(join(doc, 'changelog.gz'), gzipSync(changelog(version), { level: 9 }));
  const overrides = join(folder, 'usr/share/lintian/overrides');
  mkdirSync(overrides, { recursive: true });
  cpSync(join(from, 'lintian-overrides'), join(overrides, NAME));

  const control = join(folder, 'DEBIAN');
  mkdirSync(control, { mode: 0o755 });
  for (const script of SCRIPTS) {
    writeFileSync(join(control, script), withIncludes(root, join('debian', script)));
    chmodSync(join(control, script), 0o755);
  }
  const payload = walk(folder).filter((path) => !path.startsWith(`${control}/`));
  const inside = payload.map((path) => relative(folder, path)).sort();
  const conffiles = inside.filter((path) => path.startsWith('etc/'));
  writeFileSync(join(control, 'conffiles'), `${conffiles.map((path) => `/${path}`).join('\n')}\n`);
  const sums = run('md5sum', ['--', ...inside.filter((path) => !path.startsWith('etc/'))], { cwd: folder });
  writeFileSync(join(control, 'md5sums'), sums);
  const sizeKiB = payload.reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024), 0);
  writeFileSync(
    join(control, 'control'),
    readFileSync(join(from, 'control'), 'utf8')
      .replaceAll('@VERSION@', version)
      .replaceAll('@MAINTAINER@', MAINTAINER)
      .replaceAll('@SIZE@', String(sizeKiB)),
  );
  const file = join(out, `${NAME}_${version}_amd64.deb`);
  const compression = fast ? ['-Zgzip', '-z1'] : ['-Zxz'];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', folder, file]);
  return file;
}

function changelog(version) {
  return `${NAME} (${version}) unstable; urgency=medium\n\n  * Version ${version}.\n\n -- ${MAINTAINER}  ${new Date().toUTCString().replace('GMT', '+0000')}\n`;
}

/** What comes along is named with its licence; the texts stand beside the code. */
function copyright(modules) {
  const rows = walk(modules)
    .filter((path) => /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
    .map((path) => [path, JSON.parse(readFileSync(path, 'utf8'))])
    .filter(([, { name, version }]) => name !== undefined && version !== undefined)
    .map(([path, { name, version, license, author }]) => {
      const who = typeof author === 'string' ? author : (author?.name ?? 'see its licence file');
      const text = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].find((file) =>
        existsSync(join(path, '..', file)),
      );
      const where = text === undefined ? '' : `; text: /${PROGRAM}/node_modules/${relative(modules, join(path, '..'))}/${text}`;
      return ` ${name} ${version}: ${license ?? 'see its licence file'}; ${who}${where}`;
    });
  return `This is heartbeat, a high-availability resource manager for Linux, written anew in TypeScript. It contains no code of
the original Heartbeat of the Linux-HA project.

Copyright 2026 the authors of this program. No licence to distribute it further is given by this package.

In /${PROGRAM}/node_modules it brings along these packages, unchanged, under their own licences:

${[...new Set(rows)].sort().join('\n')}

On Debian systems the text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.
`;
}
