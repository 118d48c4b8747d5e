/** The package and the tarball: what is in them, and that it runs from where it was put. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { repositoryRoot } from '../../support/root.js';
import { temporaryFolder } from '../../support/scripts.js';

const root = repositoryRoot();
const absent = (program: string, ...words: string[]): string | false =>
  spawnSync(program, words).error === undefined ? false : `${program} is not installed`;
const skip =
  process.arch === 'x64'
    ? absent('dpkg-deb', '--version') || absent('strip', '--version') || absent('npm', '--version')
    : 'packages are built on x64 only';

const cleanups: (() => void)[] = [];
const folder = temporaryFolder({ after: (task) => cleanups.push(task) });
after(() => {
  for (const task of cleanups) task();
});

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const done = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
  return { code: done.status, text: `${done.stdout}${done.stderr}`, stdout: done.stdout };
}

before(() => {
  if (skip !== false) return;
  const built = run(process.execPath, [
    join(root, 'scripts', 'package.mjs'),
    '--fast',
    '--as-built',
    `--out=${folder}`,
  ]);
  assert.equal(built.code, 0, built.text);
});

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const deb = join(folder, `heartbeat-ts_${version}_amd64.deb`);

test('the Debian package holds program, scripts, service files, manual and samples, and no configuration', {
  skip,
}, () => {
  const { stdout } = run('dpkg-deb', ['--contents', deb]);
  const files = new Set(stdout.split('\n').map((line) => line.split(/\s+/)[5]?.replace(/^\./, '')));
  for (const path of [
    '/usr/sbin/heartbeat',
    '/usr/bin/cl_status',
    '/usr/share/heartbeat/hb_standby',
    '/usr/lib/heartbeat-ts/dist/src/cli/main.js',
    '/usr/lib/heartbeat-ts/dist/src/daemon/runner/main.js',
    '/usr/lib/heartbeat-ts/dist/src/daemon/loop/main.js',
    '/usr/lib/heartbeat-ts/resource.d/Filesystem',
    '/usr/lib/heartbeat-ts/node_modules/koffi/package.json',
    '/usr/lib/systemd/system/heartbeat.service',
    '/usr/lib/tmpfiles.d/heartbeat.conf',
    '/usr/lib/sysusers.d/heartbeat.conf',
    '/usr/share/man/man8/heartbeat.8.gz',
    '/usr/share/man/man5/ha.cf.5.gz',
    '/usr/share/bash-completion/completions/heartbeat',
    '/etc/init.d/heartbeat',
    '/etc/logrotate.d/heartbeat',
    '/usr/share/doc/heartbeat-ts/examples/ha.cf',
    '/usr/share/doc/heartbeat-ts/copyright',
  ])
    assert.ok(files.has(path), path);
  for (const path of ['/etc/ha.d/ha.cf', '/etc/ha.d/haresources', '/etc/ha.d/authkeys'])
    assert.ok(!files.has(path), path);
  const wrong = [...files].filter((path) =>
    /dist\/test|\.(?:map|ts|cc|exe)$|prebuilds\/(?!$|linux-x64)|typescript|biome|playwright|esbuild/.test(
      path ?? '',
    ),
  );
  assert.deepEqual(wrong, []);
  // Every script that comes along is there.
  for (const name of readdirSync(join(root, 'resource.d')))
    assert.ok(
      [...files].some((path) => path?.startsWith(`/usr/lib/heartbeat-ts/resource.d/${name}`)),
      name,
    );
  const scripts = run('dpkg-deb', ['--info', deb, 'preinst']).text;
  assert.match(scripts, /The package heartbeat \(the original/);
  assert.doesNotMatch(scripts, /@[a-z-]+@/);
  const size = statSync(deb).size;
  assert.ok(size > 500_000 && size < 20_000_000, `${size} bytes`);
});

test('install.sh puts the tarball below DESTDIR, the program runs there, and nothing of /etc is overwritten', {
  skip,
}, () => {
  const unpacked = join(folder, 'unpacked');
  const target = join(folder, 'target');
  mkdirSync(unpacked);
  mkdirSync(join(target, 'etc', 'default'), { recursive: true });
  const own = '# of the administrator\n';
  writeFileSync(join(target, 'etc', 'default', 'heartbeat'), own);
  const tarball = join(folder, `heartbeat-${version}-linux-x64.tar.gz`);
  assert.equal(run('tar', ['-xzf', tarball, '-C', unpacked]).code, 0);
  const script = join(unpacked, `heartbeat-${version}-linux-x64`, 'install.sh');
  const installed = run('sh', [script], { ...process.env, DESTDIR: target });
  assert.equal(installed.code, 0, installed.text);
  assert.equal(readFileSync(join(target, 'etc', 'default', 'heartbeat'), 'utf8'), own);
  assert.match(readFileSync(join(target, 'etc', 'default', 'heartbeat.new'), 'utf8'), /HEARTBEAT_OPTIONS/);

  const heartbeat = join(target, 'usr', 'sbin', 'heartbeat');
  const path = `PATH=${join(process.execPath, '..')}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const bare = (...args: string[]) => run('env', ['-i', path, ...args]);
  assert.deepEqual(bare(heartbeat, '--version').text, `${version}\n`);
  assert.equal(bare(heartbeat, '-D').code, 0);
  assert.match(bare(join(target, 'usr', 'bin', 'cl_status'), 'hbstatus').text, /Heartbeat is stopped/);
  assert.equal(bare(join(target, 'usr', 'sbin', 'heartbeat-keepalived'), '--version').code, 0);

  // Each package that the program names anywhere, native parts included, can be loaded where it was put.
  const program = join(target, 'usr', 'lib', 'heartbeat-ts');
  const named = new Set<string>();
  for (const entry of readdirSync(join(program, 'dist'), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8');
    for (const [, name = ''] of text.matchAll(/^(?:import|export)\b[^;]*?from '([^'.][^']*)';$/gm))
      named.add(name);
    for (const [, name = ''] of text.matchAll(/\bimport\('([^'.][^']*)'\)/g)) named.add(name);
  }
  const packages = [...named].filter((name) => !name.startsWith('node:'));
  assert.ok(packages.includes('koffi') && packages.includes('serialport'), packages.join(' '));
  const probe = join(program, 'probe.mjs');
  writeFileSync(
    probe,
    `${packages.map((name) => `await import(${JSON.stringify(name)});`).join('\n')}\nprocess.exit(0);\n`,
  );
  const loaded = bare(process.execPath, probe);
  assert.equal(loaded.code, 0, loaded.text);

  const removed = run('sh', [script, '--uninstall'], { ...process.env, DESTDIR: target });
  assert.equal(removed.code, 0, removed.text);
  assert.equal(readFileSync(join(target, 'etc', 'default', 'heartbeat'), 'utf8'), own);
  const left = readdirSync(join(target, 'usr'), { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(left, ['probe.mjs']);
});

test('lintian finds no error in the package', { skip: skip || absent('lintian', '--version') }, () => {
  const { text } = run('lintian', ['--fail-on', 'none', deb]);
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('E: ')),
    [],
  );
});

test('shellcheck finds nothing wrong with the scripts of the package and of install.sh', {
  skip: skip || absent('shellcheck', '--version'),
}, () => {
  const control = join(folder, 'control');
  assert.equal(run('dpkg-deb', ['--control', deb, control]).code, 0);
  const scripts = ['preinst', 'postinst', 'prerm', 'postrm'].map((name) => join(control, name));
  const { code, text } = run('shellcheck', [
    ...scripts,
    join(folder, 'unpacked', `heartbeat-${version}-linux-x64`, 'install.sh'),
  ]);
  assert.equal(code, 0, text);
});
