/** The tree of files as they stand on an installed machine, apart from what only a Debian package has. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './run.mjs';

/** Where the program itself lives; /usr/lib/heartbeat belongs to other packages of the Linux-HA family. */
export const PROGRAM = 'usr/lib/heartbeat-ts';
export const DOC = 'usr/share/doc/heartbeat-ts';

/** Command: where a link to bin/COMMAND is made. */
const LINKS = {
  heartbeat: ['usr/sbin/heartbeat'],
  // The name without "heartbeat-" is that of another package.
  keepalived: ['usr/sbin/heartbeat-keepalived'],
  cl_status: ['usr/bin/cl_status'],
  hb_standby: ['usr/bin/hb_standby', 'usr/share/heartbeat/hb_standby'],
  hb_takeover: ['usr/bin/hb_takeover', 'usr/share/heartbeat/hb_takeover'],
  hb_addnode: ['usr/bin/hb_addnode', 'usr/share/heartbeat/hb_addnode'],
  'drbd-peer-outdater': ['usr/sbin/drbd-peer-outdater'],
  hb_delnode: ['usr/bin/hb_delnode', 'usr/share/heartbeat/hb_delnode'],
};

/** File of etc/: [place, mode]. */
const SERVICE_FILES = {
  'init.d/heartbeat': ['etc/init.d/heartbeat', 0o755],
  'default/heartbeat': ['etc/default/heartbeat', 0o644],
  'logrotate.d/heartbeat': ['etc/logrotate.d/heartbeat', 0o644],
  'systemd/heartbeat.service': ['usr/lib/systemd/system/heartbeat.service', 0o644],
  'tmpfiles.d/heartbeat.conf': ['usr/lib/tmpfiles.d/heartbeat.conf', 0o644],
  'sysusers.d/heartbeat.conf': ['usr/lib/sysusers.d/heartbeat.conf', 0o644],
};

const COMPLETIONS = {
  'heartbeat.bash': 'usr/share/bash-completion/completions/heartbeat',
  _heartbeat: 'usr/share/zsh/vendor-completions/_heartbeat',
};

const EXAMPLES = ['ha.cf', 'haresources', 'authkeys', 'heartbeat.ini', 'scenario.txt', 'status.schema.json', 'prometheus/heartbeat-alerts.yml', 'grafana/heartbeat.json'];

/** Packages that only a build of others needs. */
const LEFT_OUT_PACKAGES = new Set(['node-addon-api', '@types/triple-beam']);
/** Of a package: what nothing loads at run time. */
const LEFT_OUT_FOLDERS = new Set(['bin', 'test', 'tests', 'doc', 'docs', 'example', 'examples', '.github', 'coverage', 'benchmarks']);
const LEFT_OUT_FILES = /\.(?:map|md|markdown|ts|mts|cts|flow|h|hh|hpp|cc|cpp|c|S|asm|inc|def|gyp|gypi|yml|yaml|tsbuildinfo|txt\.gz|exe)$|^\.|^(?:cnoke\.cjs|optional\.js|build-test\.js|bin\.js|Makefile|CMakeLists\.txt|Gruntfile\.js|karma\.conf\.js)$/i;

/** Fills `tree`. Throws a sentence when something is missing. */
export async function stage({ root, tree, version }) {
  if (process.arch !== 'x64') throw new Error(`packages are built on x64 for x64; this machine is ${process.arch}.`);
  const program = join(tree, PROGRAM);
  mkdirSync(program, { recursive: true });
  copyProgram(root, program, version);
  copyModules(root, join(program, 'node_modules'));
  for (const [command, places] of Object.entries(LINKS)) {
    for (const place of places) {
      const path = join(tree, place);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(relative(dirname(path), join(program, 'bin', command)), path);
    }
  }
  for (const [source, [place, mode]] of Object.entries(SERVICE_FILES)) {
    put(join(tree, place), readFileSync(join(root, 'etc', source)), mode);
  }
  mkdirSync(join(tree, 'etc/ha.d/resource.d'), { recursive: true });
  put(join(tree, 'etc/ha.d/README.config'), readFileSync(join(root, 'scripts/package/README.config')), 0o644);
  copyDocs(root, join(tree, DOC));
  await makeManual(root, tree);
  tidyModes(tree);
}

function put(path, content, mode) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

function copyProgram(root, program, version) {
  cpSync(join(root, 'bin'), join(program, 'bin'), { recursive: true });
  cpSync(join(root, 'resource.d'), join(program, 'resource.d'), { recursive: true });
  const from = join(root, 'dist', 'src');
  // A file whose source is gone is left over from an older build.
  const isOurs = (path) =>
    lstatSync(path).isDirectory() ||
    (path.endsWith('.js') && existsSync(join(root, 'src', relative(from, path)).replace(/\.js$/, '.ts')));
  cpSync(from, join(program, 'dist', 'src'), { recursive: true, filter: isOurs });
  for (const path of walk(join(program, 'dist'))) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n'));
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { name, description, type, engines, dependencies } = manifest;
  put(
    join(program, 'package.json'),
    `${JSON.stringify({ name, version, description, private: true, type, engines, dependencies }, null, 2)}\n`,
    0o644,
  );
}

/** The packages that `npm ls --omit=dev` names, without what is there for other machines or for people. */
function copyModules(root, target) {
  // npm complains of packages that only development needs; the list is right all the same.
  const { stdout } = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const base = join(root, 'node_modules');
  const names = (stdout ?? '')
    .split('\n')
    .filter((path) => path.startsWith(`${base}/`))
    .map((path) => relative(base, path));
  for (const needed of ['koffi', 'winston', 'execa', 'serialport']) {
    if (!names.includes(needed)) throw new Error(`npm does not list the package ${needed}: run "npm ci" first.`);
  }
  for (const name of names) {
    const own = name.split('/node_modules/').at(-1);
    if (!LEFT_OUT_PACKAGES.has(own)) copyModule(join(base, name), join(target, name));
  }
  keepNative(target);
}

function copyModule(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => {
      if (path === from) return true;
      const inside = relative(from, path);
      if (inside.split('/').includes('node_modules')) return false;
      if (lstatSync(path).isDirectory()) return !LEFT_OUT_FOLDERS.has(basename(path));
      return !LEFT_OUT_FILES.test(basename(path)) || /^licen[cs]e/i.test(basename(path));
    },
  });
}

/** Native parts for this kind of machine only. */
function keepNative(modules) {
  const prebuilds = join(modules, '@serialport/bindings-cpp/prebuilds');
  for (const name of readdirSync(prebuilds)) {
    if (name !== 'linux-x64') rmSync(join(prebuilds, name), { recursive: true });
  }
  for (const path of walk(modules)) {
    if (!path.endsWith('.node')) continue;
    if (path.includes('musl')) rmSync(path);
    else run('strip', ['--strip-unneeded', path]);
  }
}

function copyDocs(root, doc) {
  for (const name of readdirSync(join(root, 'docs'))) {
    const from = join(root, 'docs', name);
    if (name.endsWith('.md')) put(join(doc, 'docs', name), readFileSync(from), 0o644);
  }
  put(join(doc, 'README.md'), readFileSync(join(root, 'README.md')), 0o644);
  for (const name of EXAMPLES) put(join(doc, 'examples', name), readFileSync(join(root, 'etc', name)), 0o644);
}

/** Manual and completion are made from the program's own tables, so that they cannot differ from it. */
async function makeManual(root, tree) {
  const { manualFiles } = await import(join(root, 'dist/src/manual/files.js'));
  for (const [name, text] of Object.entries(manualFiles())) {
    const [folder, file = ''] = name.split('/');
    if (folder === 'man') {
      const section = file.split('.').at(-1);
      put(join(tree, `usr/share/man/man${section}/${file}.gz`), gzipSync(text, { level: 9 }), 0o644);
    } else put(join(tree, COMPLETIONS[file]), text, 0o644);
  }
}

/** Nothing depends on the umask of who builds: 755 for folders and programs, 644 for the rest. */
function tidyModes(tree) {
  chmodSync(tree, 0o755);
  for (const entry of readdirSync(tree, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, isProgram(path) ? 0o755 : 0o644);
  }
}

/** Scripts of ours keep their right to be run; those of packages are only loaded. */
function isProgram(path) {
  if (path.includes('/node_modules/')) return false;
  return (lstatSync(path).mode & 0o100) !== 0;
}

/** All files below a folder. */
export function walk(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
